#include <stdlib.h>

#include "core/journal/inside.h"

/* Times that a load begins again because what was kept is not what the store has. */
#define AGAIN_MAX 3u

struct load {
    struct pending pending;
    struct aggregate *a;
    struct journal_load what;
    journal_loaded_done done;
    void *arg;
    /* the page that is read */
    uint64_t from;                /* the last event that is folded already; 0: none               */
    char from_id[UUID_TEXT_SIZE]; /* its id: the store must have the same event there             */
    bool in_call, answered;
    bool stop;     /* the bound is reached                                                       */
    bool diverged; /* the store has another history than the one that was kept                   */
    bool more;
    unsigned again;
    int rc;
    struct error err;
};

static void load_drop(struct pending *pending)
{
    struct load *load = (struct load *)pending;
    aggregate_unuse(load->a);
    load->a = NULL;
}

static bool is_bounded(const struct journal_load *what)
{
    return what->version || what->position || what->until_ms;
}

static void tell(const struct aggregate *a, journal_loaded_done done, void *arg)
{
    const struct journal_loaded loaded = {a->stream, a->state, a->version, a->position, a->at_ms};
    done(arg, NULL, &loaded);
}

static void finish(struct load *load)
{
    struct journal *journal = load->pending.journal;
    struct aggregate *a = load->a;
    pending_unlink(&load->pending);
    if (load->rc) {
        load->done(load->arg, &load->err, NULL);
    } else {
        if (!is_bounded(&load->what)) {
            a->known = true;
            snapshot_offer(journal, a);
        }
        tell(a, load->done, load->arg);
    }
    aggregate_unuse(a);
    free(load);
}

/* ---- a page of events ----------------------------------------------------------------------- */

static bool is_beyond(const struct journal_load *what, const struct stored_event *e)
{
    return (what->version && e->version > what->version) ||
           (what->position && e->position > what->position) ||
           (what->until_ms && e->at_ms > what->until_ms);
}

static bool is_same(const struct load *load, const struct stored_event *e)
{
    size_t len = strlen(load->from_id);
    return e->id.len >= len && memcmp(e->id.ptr, load->from_id, len) == 0;
}

static void fold(struct load *load, const struct stored_event *e)
{
    struct stored_event newest;
    struct json_doc *doc;
    load->rc = journal_upcast(load->pending.journal, e, &newest, &doc, &load->err);
    if (load->rc)
        return;
    load->rc = aggregate_apply(load->a, &newest, json_root(doc), &load->err);
    json_free(doc);
    if (!load->rc)
        return;
    error_prefix(&load->err, "the event %.*s in %.*s (version %llu): ", STR_ARG(e->type),
                 STR_ARG(e->stream), (unsigned long long)e->version);
    kept_drop(load->pending.journal, load->a);
    load->a->known = false;
    aggregate_reset(load->a, NULL); /* without memory it stays, and is not known */
}

static void page_event(void *arg, const struct stored_event *e)
{
    struct load *load = arg;
    if (!load->pending.journal || load->rc || load->stop || load->diverged)
        return;
    if (load->from && e->version == load->from)
        load->diverged = !is_same(load, e);
    else if (e->version <= load->a->version)
        return; /* another load was faster */
    else if (is_beyond(&load->what, e))
        load->stop = true;
    else if (e->version != load->a->version + 1)
        load->diverged = true;
    else
        fold(load, e);
}

static void read_pages(struct load *load);

/* The store was restored from a backup, say, or a snapshot is of another store. */
static void begin_again(struct load *load)
{
    load->diverged = false;
    load->stop = false;
    if (++load->again > AGAIN_MAX)
        load->rc = error_set(&load->err, ST_GENERIC,
                             "the events of %.*s are not the same each time they are read: check the "
                             "store (hexmcp doctor)",
                             STR_ARG(load->what.stream));
    else
        load->rc = aggregate_reset(load->a, &load->err);
}

static void page_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct load *load = arg;
    if (!load->pending.journal) {
        free(load);
        return;
    }
    load->answered = true;
    load->more = false;
    if (err) {
        load->rc = err->code;
        load->err = *err;
    } else {
        if (end->version < load->from)
            load->diverged = true;
        load->more = end->more && !load->stop;
    }
    if (!load->in_call)
        read_pages(load);
}

static void read_page(struct load *load)
{
    const struct event_store *events = load->pending.journal->parts.events;
    const struct aggregate *a = load->a;
    load->from = a->version;
    memcpy(load->from_id, a->last_id, sizeof(load->from_id));
    const struct stream_query query = {.stream = a->stream,
                                       .from = load->from ? load->from : 1,
                                       .to = load->what.version,
                                       .limit = JOURNAL_PAGE};
    const struct events_sink sink = {load, page_event, page_done};
    load->answered = false;
    load->in_call = true;
    events->read(events->ctx, &query, &sink);
}

/* Goes round while the store answers at once, so that pages do not pile up on the stack. */
static void read_pages(struct load *load)
{
    bool first = !load->answered;
    for (;;) {
        if (load->answered && load->diverged && !load->rc) {
            begin_again(load);
            load->more = true;
        }
        if (load->rc || (!first && !load->more)) {
            finish(load);
            return;
        }
        first = false;
        read_page(load);
        load->in_call = false;
        if (!load->answered)
            return;
    }
}

/* ---- the beginning -------------------------------------------------------------------------- */

static void snapshot_got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct load *load = arg;
    if (!load->pending.journal) {
        free(load);
        return;
    }
    if (!err)
        snapshot_restore(load->a, &load->what, value->value);
    read_pages(load);
}

static void begin(struct load *load)
{
    const struct journal *journal = load->pending.journal;
    const struct key_value_store *values = journal->parts.values;
    if (values && load->a->version == 0 && load->a->kind->restore)
        values->get(values->ctx, STR(JOURNAL_SNAPSHOTS), load->a->stream, snapshot_got, load);
    else
        read_pages(load);
}

static int check(const struct journal_load *what, struct error *err)
{
    struct str domain = str_from(what->kind->domain);
    if (!journal_stream_valid(what->stream) || !str_starts(what->stream, domain) ||
        what->stream.ptr[domain.len] != '/')
        return error_set(err, ST_INVALID, "\"%.*s\" is no stream of events of a %s (%s/ID)",
                         STR_ARG(what->stream), what->kind->domain, what->kind->domain);
    return ST_OK;
}

static int load_new(struct journal *journal, const struct journal_load *what,
                    struct aggregate *kept, struct load **out, struct error *err)
{
    struct load *load = calloc(1, sizeof(*load));
    struct aggregate *a = !load ? NULL : kept ? aggregate_use(kept)
                                              : aggregate_new(what->kind, what->stream);
    if (!a) {
        free(load);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    if (!kept && !is_bounded(what))
        kept_add(journal, a);
    load->a = a;
    load->what = *what;
    load->what.stream = a->stream;
    load->pending.drop = load_drop;
    pending_link(journal, &load->pending);
    *out = load;
    return ST_OK;
}

void journal_load(struct journal *journal, const struct journal_load *what,
                  journal_loaded_done done, void *arg)
{
    struct error err;
    struct load *load = NULL;
    struct aggregate *a = NULL;
    int rc = check(what, &err);
    if (!rc && !is_bounded(what))
        a = kept_find(journal, what->kind, what->stream);
    if (a && a->known && what->fresh == JOURNAL_RECENT) {
        aggregate_use(a);
        tell(a, done, arg);
        aggregate_unuse(a);
        return;
    }
    if (!rc)
        rc = load_new(journal, what, a, &load, &err);
    if (rc) {
        done(arg, &err, NULL);
        return;
    }
    load->done = done;
    load->arg = arg;
    begin(load);
}

void journal_forget(struct journal *journal, struct str stream)
{
    struct aggregate *a = str_index_get(&journal->kept, stream);
    if (a)
        kept_drop(journal, a);
    snapshot_remove(journal, stream);
}
