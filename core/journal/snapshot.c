#include <stdlib.h>

#include "core/journal/inside.h"
#include "core/json/writer.h"

struct snapshot {
    int64_t state_version, version, position, at_ms, latest_ms;
    struct str event; /* id of the last one */
    struct json state;
};

static bool read_snapshot(struct json v, struct snapshot *s)
{
    return json_int64(json_get(v, STR("stateVersion")), &s->state_version) &&
           json_int64(json_get(v, STR("version")), &s->version) && s->version > 0 &&
           json_int64(json_get(v, STR("position")), &s->position) && s->position > 0 &&
           json_int64(json_get(v, STR("at")), &s->at_ms) &&
           json_int64(json_get(v, STR("latest")), &s->latest_ms) &&
           json_plain(json_get(v, STR("event")), &s->event) && s->event.len <= UUID_LENGTH &&
           json_exists(s->state = json_get(v, STR("state")));
}

static bool fits(const struct snapshot *s, const struct aggregate *a,
                 const struct journal_load *bounds)
{
    return s->state_version == (int64_t)a->kind->state_version &&
           (uint64_t)s->version > a->version &&
           (!bounds->version || (uint64_t)s->version <= bounds->version) &&
           (!bounds->position || (uint64_t)s->position <= bounds->position) &&
           (!bounds->until_ms || s->latest_ms <= bounds->until_ms);
}

static void use(struct aggregate *a, const struct snapshot *s)
{
    const struct aggregate_kind *kind = a->kind;
    void *state = kind->create(kind->ctx, a->stream);
    if (!state)
        return;
    struct error err;
    if (kind->restore(kind->ctx, state, s->state, &err)) {
        kind->free(kind->ctx, state);
        return;
    }
    kind->free(kind->ctx, a->state);
    a->state = state;
    a->version = a->saved = (uint64_t)s->version;
    a->position = (uint64_t)s->position;
    a->at_ms = s->at_ms;
    a->latest_ms = s->latest_ms;
    memcpy(a->last_id, s->event.ptr, s->event.len);
    a->last_id[s->event.len] = '\0';
}

void snapshot_restore(struct aggregate *a, const struct journal_load *bounds, struct str text)
{
    struct json_doc *doc;
    struct snapshot s;
    if (json_parse(text, &doc, NULL))
        return;
    if (read_snapshot(json_root(doc), &s) && fits(&s, a, bounds))
        use(a, &s);
    json_free(doc);
}

/* ---- writing -------------------------------------------------------------------------------- */

struct save {
    struct pending pending;
    struct aggregate *a;
    uint64_t version;
};

static void save_drop(struct pending *pending)
{
    struct save *save = (struct save *)pending;
    aggregate_unuse(save->a);
    save->a = NULL;
}

/* It is never needed, so nobody is told if it could not be written; the next hundred events try again. */
static void saved(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct save *save = arg;
    const struct journal *journal = save->pending.journal;
    (void)applied;
    if (journal) {
        pending_unlink(&save->pending);
        save->a->saving = false;
        save->a->saved = save->version;
        if (!err && journal->parts.snapshotted)
            journal->parts.snapshotted(journal->parts.ctx, save->a->stream, save->version);
        aggregate_unuse(save->a);
    }
    free(save);
}

static int write_snapshot(const struct aggregate *a, struct buffer *out, struct error *err)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("stateVersion"), a->kind->state_version);
    json_put_i64(&w, STR("version"), (int64_t)a->version);
    json_put_i64(&w, STR("position"), (int64_t)a->position);
    json_put_i64(&w, STR("at"), a->at_ms);
    json_put_i64(&w, STR("latest"), a->latest_ms);
    json_put_string(&w, STR("event"), str_from(a->last_id));
    json_key(&w, STR("state"));
    int rc = a->kind->save(a->kind->ctx, a->state, out, err);
    buffer_add_char(out, '}');
    return rc;
}

static bool is_time(const struct journal *journal, const struct aggregate *a)
{
    return journal->parts.values && a->kept && a->known && !a->saving && a->kind->save &&
           a->kind->restore && a->version - a->saved >= JOURNAL_SNAPSHOT_EVERY;
}

void snapshot_offer(struct journal *journal, struct aggregate *a)
{
    const struct key_value_store *values = journal->parts.values;
    struct buffer text = BUFFER_INIT;
    struct error err;
    if (!is_time(journal, a))
        return;
    struct save *save = calloc(1, sizeof(*save));
    if (!save || write_snapshot(a, &text, &err) || buffer_failed(&text) || text.len > VALUE_MAX) {
        free(save);
        buffer_clear(&text);
        return;
    }
    const struct kv_change change = {.key = a->stream, .value = buffer_str(&text)};
    a->saving = true;
    save->a = aggregate_use(a);
    save->version = a->version;
    save->pending.drop = save_drop;
    pending_link(journal, &save->pending);
    values->apply(values->ctx, STR(JOURNAL_SNAPSHOTS), &change, 1, saved, save);
    buffer_clear(&text);
}

static void removed(void *arg, const struct error *err, const struct kv_applied *applied)
{
    (void)arg;
    (void)err;
    (void)applied;
}

void snapshot_remove(struct journal *journal, struct str stream)
{
    const struct key_value_store *values = journal->parts.values;
    const struct kv_change change = {.key = stream, .remove = true};
    if (values)
        values->apply(values->ctx, STR(JOURNAL_SNAPSHOTS), &change, 1, removed, NULL);
}
