/* Getting one value; listing and searching. */
#include <stdlib.h>

#include "core/base/glob.h"
#include "core/json/equal.h"
#include "core/state/inside.h"
#include "core/state/page.h"
#include "core/json/pointer.h"

/* Keys on one page of the store when values come with them. */
#define SLICE 500u

struct get {
    struct state_job job;
    struct str key;
    void (*done)(void *arg, const struct error *err, const struct state_entry *entry);
    void *arg;
};

/* Fills the entry by what is stored. *doc is to be freed. */
static int open_entry(const struct kv_entry *from, struct state_entry *out, struct json_doc **doc,
                      struct error *err)
{
    struct str value;
    int rc = state_entry_read(from->value, &out->facts, &value, err);
    if (!rc)
        rc = json_parse(value, doc, err);
    if (rc)
        return error_prefix(err, "\"%.*s\": ",
                            (int)(from->key.len > 100 ? 100 : from->key.len), from->key.ptr);
    out->key = from->key;
    out->value = json_root(*doc);
    out->version = from->version;
    out->bytes = from->value.len;
    out->expires_ms = out->facts.expires_ms;
    return ST_OK;
}

static void tell_value(struct get *g, struct str stored, uint64_t version)
{
    const struct kv_entry from = {.key = g->key, .version = version, .value = stored};
    struct state_entry entry;
    struct json_doc *doc = NULL;
    struct error err;
    if (open_entry(&from, &entry, &doc, &err))
        g->done(g->arg, &err, NULL);
    else
        g->done(g->arg, NULL, &entry);
    json_free(doc);
}

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct get *g = arg;
    struct error none;
    if (err && err->code == ST_NOT_FOUND) {
        error_set(&none, ST_NOT_FOUND, "there is no \"%.*s\" in the state of this %s",
                  (int)(g->key.len > 100 ? 100 : g->key.len), g->key.ptr,
                  state_scope_owner(g->job.place.scope));
        err = &none;
    }
    if (g->job.state && err)
        g->done(g->arg, err, NULL);
    else if (g->job.state)
        tell_value(g, value->value, value->version);
    job_end(&g->job);
}

static void start_get(struct state_job *job)
{
    struct get *g = (struct get *)job;
    const struct key_value_store *values = job->state->parts.values;
    const struct ephemeral *e = ephemeral_get(job->state, job->space, g->key);
    if (!e) {
        values->get(values->ctx, job->space, g->key, got, g);
        return;
    }
    tell_value(g, (struct str){e->stored, e->stored_len}, e->version);
    job_end(job);
}

void state_get(struct state *state, const struct state_place *place, struct str key,
               void (*done)(void *arg, const struct error *err, const struct state_entry *entry),
               void *arg)
{
    struct error err;
    struct get *g = job_new(state, sizeof(*g), place, &err);
    int rc = g ? state_key_check(key, &err) : err.code;
    if (!rc) {
        g->key = arena_copy(&g->job.memory, key);
        if (!g->key.ptr)
            rc = error_set(&err, ST_NOMEM, "out of memory");
    }
    if (rc) {
        if (g)
            job_drop(&g->job);
        done(arg, &err, NULL);
        return;
    }
    g->job.start = start_get;
    g->done = done;
    g->arg = arg;
    state_job_begin(&g->job);
}

struct list {
    struct state_job job;
    struct state_query query; /* its texts are in the job's memory; `after` moves */
    struct state_entry *entries;
    struct json_doc **docs;
    size_t count, bytes;
    uint32_t seen;
    bool full;
    void (*done)(void *arg, const struct error *err, const struct state_list *list);
    void *arg;
};

static void end(struct list *l, const struct error *err, bool more)
{
    const struct state_list told = {l->entries, l->count,
                                    more ? l->query.after : (struct str){NULL, 0}};
    if (l->job.state)
        l->done(l->arg, err, err ? NULL : &told);
    for (size_t i = 0; i < l->count; i++)
        json_free(l->docs[i]);
    job_end(&l->job);
}

static bool fits(const struct state_query *q, struct str key, struct json value)
{
    uint64_t steps = 100000;
    if (q->pattern.len && !glob_matches(q->pattern, key))
        return false;
    if (!q->by_value)
        return true;
    struct json there = json_pointer_get(value, q->pointer);
    return json_exists(there) && (!json_exists(q->equals) || json_equal(there, q->equals, &steps));
}

/* False without memory. Keys that do not fit are stepped over. */
static bool take_entry(struct list *l, const struct kv_entry *from, const struct error **err,
                       struct error *made)
{
    struct state_entry entry = {.key = from->key, .version = from->version, .bytes = from->bytes};
    struct json_doc *doc = NULL;
    bool with_values = l->query.values || l->query.by_value;
    l->seen++;
    if (with_values && open_entry(from, &entry, &doc, made)) {
        *err = made;
        return false;
    }
    if (l->query.search && !fits(&l->query, from->key, entry.value)) {
        json_free(doc);
        return true;
    }
    if (!l->query.values) {
        json_free(doc);
        doc = NULL;
        entry.value = json_none();
    }
    entry.key = arena_copy(&l->job.memory, from->key);
    if (doc) {
        /* The document lies over text that is the page's: it is parsed again over ours. */
        struct str text = arena_copy(&l->job.memory, json_text(entry.value));
        json_free(doc);
        doc = NULL;
        l->bytes += text.len;
        if (!text.ptr || json_parse(text, &doc, made))
            return false;
        entry.value = json_root(doc);
    }
    l->docs[l->count] = doc;
    l->entries[l->count++] = entry;
    return entry.key.ptr != NULL;
}

static void ask(struct state_job *job);

/* Takes what one page of the store gave. */
static void took(struct list *l, const struct error *err, const struct kv_entry *entries,
                 size_t count, struct str last, bool more)
{
    struct error made;
    error_set(&made, ST_NOMEM, "out of memory");
    if (!l->job.state || err) {
        end(l, err, false);
        return;
    }
    for (size_t i = 0; i < count && !l->full; i++) {
        if (!take_entry(l, &entries[i], &err, &made)) {
            end(l, &made, false);
            return;
        }
        bool left = more || i + 1 < count;
        if (left && (l->count == l->query.limit || l->bytes >= STATE_PAGE_BYTES)) {
            l->full = true;
            last = entries[i].key;
        }
    }
    if (last.len)
        l->query.after = arena_copy(&l->job.memory, last);
    if (l->job.memory.failed)
        end(l, &made, false);
    else if (l->full || !more || l->seen >= STATE_SEARCH_MAX)
        end(l, NULL, l->full || more);
    else
        job_turn(&l->job, ask);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    took(arg, err, entries, count, count ? entries[count - 1].key : (struct str){NULL, 0}, more);
}

static void paged(void *arg, const struct error *err, const struct page *page)
{
    if (err)
        took(arg, err, NULL, 0, (struct str){NULL, 0}, false);
    else
        took(arg, NULL, page->entries, page->count, page->last, page->more);
}

static void ask(struct state_job *job)
{
    struct list *l = (struct list *)job;
    const struct key_value_store *values = l->job.state->parts.values;
    struct str after = str_cmp(l->query.after, BEFORE_KEYS) > 0 ? l->query.after : BEFORE_KEYS;
    if (l->query.values || l->query.by_value) {
        uint32_t limit = l->query.search || l->query.limit > SLICE ? SLICE : l->query.limit;
        const struct page_query page = {l->job.space, l->query.prefix, after, limit,
                                        STATE_PAGE_BYTES};
        page_read(values, &page, paged, l);
        return;
    }
    const struct kv_query query = {l->query.prefix, after,
                                   l->query.search ? STATE_PAGE_MAX : l->query.limit, false};
    values->list(values->ctx, l->job.space, &query, listed, l);
}

static void list_ephemeral(struct list *l)
{
    struct state *state = l->job.state;
    struct error made;
    const struct error *err = NULL;
    const struct ephemeral *e;
    struct str key;
    error_set(&made, ST_NOMEM, "out of memory");
    while ((e = ephemeral_next(state, l->job.space, l->query.prefix, l->query.after, &key))) {
        struct kv_entry from = {.key = key, .version = e->version, .bytes = e->stored_len,
                                .value = {e->stored, e->stored_len}};
        if (l->count == l->query.limit)
            break;
        bool good = take_entry(l, &from, &err, &made);
        l->query.after = arena_copy(&l->job.memory, key);
        if (!good || !l->query.after.ptr) {
            end(l, &made, false);
            return;
        }
    }
    end(l, NULL, e != NULL);
}

static void start_list(struct state_job *job)
{
    struct list *l = (struct list *)job;
    if (l->query.ephemeral)
        list_ephemeral(l);
    else
        job_turn(job, ask);
}

static int check(const struct state_query *q, struct error *err)
{
    if (q->limit == 0 || q->limit > STATE_PAGE_MAX)
        return error_set(err, ST_INVALID, "a page of state has 1 to %u entries", STATE_PAGE_MAX);
    if (q->by_value && !json_pointer_valid(q->pointer))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no JSON Pointer: it is empty or begins with \"/\"",
                         (int)(q->pointer.len > 100 ? 100 : q->pointer.len), q->pointer.ptr);
    return ST_OK;
}

static int prepare(struct list *l, const struct state_query *query, struct error *err)
{
    struct arena *memory = &l->job.memory;
    struct str *texts[] = {&l->query.prefix, &l->query.after, &l->query.pattern, &l->query.pointer};
    int rc = check(query, err);
    if (rc)
        return rc;
    l->query = *query;
    for (size_t i = 0; i < 4; i++)
        if (texts[i]->len)
            *texts[i] = arena_copy(memory, *texts[i]);
    l->entries = arena_alloc(memory, query->limit * sizeof(*l->entries));
    l->docs = arena_alloc(memory, query->limit * sizeof(*l->docs));
    return memory->failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

void state_list(struct state *state, const struct state_place *place, const struct state_query *query,
                void (*done)(void *arg, const struct error *err, const struct state_list *list),
                void *arg)
{
    struct error err;
    struct list *l = job_new(state, sizeof(*l), place, &err);
    if (l && prepare(l, query, &err)) {
        job_drop(&l->job);
        l = NULL;
    }
    if (!l) {
        done(arg, &err, NULL);
        return;
    }
    l->job.start = start_list;
    l->done = done;
    l->arg = arg;
    state_job_begin(&l->job);
}
