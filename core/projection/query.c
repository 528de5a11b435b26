#include <stdlib.h>

#include "core/projection/inside.h"

#define ROWS_MAX 1000u

struct waiting_query {
    struct waiting_query *next;
    struct projections *engine;
    struct entry *entry;
    struct projection_query what; /* its texts are behind the struct */
    uint64_t since_ns;
    uint64_t since; /* readings that had begun */
    bool old;       /* rows of an older version are read */
    uint32_t version;
    void (*done)(void *arg, const struct error *err, const struct projection_answer *answer);
    void *arg;
    char text[];
};

static uint64_t deadline_of(const struct waiting_query *q)
{
    return q->since_ns + (uint64_t)PROJECTION_WAIT_MS * NS_PER_MS;
}

static void fail(struct waiting_query *q, const struct error *err)
{
    q->done(q->arg, err, NULL);
    free(q);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static size_t without_about(const struct rows_result *r, struct projection_row *out)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++)
        if (!str_eq(r->rows[i].key, STR(ABOUT_KEY)))
            out[count++] = r->rows[i];
    return count;
}

static void tell_rows(struct waiting_query *q, const struct rows_result *r)
{
    const struct track *main = &q->entry->main;
    struct error err;
    struct projection_row *rows = malloc((r->count + 1) * sizeof(*rows));
    if (!rows) {
        error_set(&err, ST_NOMEM, "out of memory");
        q->done(q->arg, &err, NULL);
        return;
    }
    size_t count = without_about(r, rows);
    bool cut = count > q->what.limit;
    /* Without a row to write the checkpoint stays behind what was looked at. */
    bool seen = !q->old && r->position == main->stored && main->seen > r->position;
    const struct projection_answer answer = {
        .position = seen ? main->seen : r->position,
        .version = q->version,
        .rows = rows,
        .count = cut ? q->what.limit : count,
        .more = r->more || cut,
    };
    q->done(q->arg, NULL, &answer);
    free(rows);
}

static void got_rows(void *arg, const struct error *err, const struct rows_result *r)
{
    struct waiting_query *q = arg;
    struct projections *engine = q->engine;
    engine->asked--;
    if (!engine->freed && !err && q->old && r->position == 0) {
        q->next = engine->queries; /* the older rows were dropped meanwhile */
        engine->queries = q;
        engine_run_soon(engine, 0);
        return;
    }
    if (!engine->freed && err)
        q->done(q->arg, err, NULL);
    else if (!engine->freed)
        tell_rows(q, r);
    free(q);
    engine_drop(engine);
}

static void read_rows(struct waiting_query *q)
{
    const struct entry *e = q->entry;
    const struct event_store *events = q->engine->parts.events;
    const struct rows_query query = {
        .projection = q->old ? str_from(e->old.name) : e->main.name,
        .key = q->what.key,
        .prefix = q->what.prefix,
        .after = q->what.after,
        .backward = q->what.backward,
        .limit = q->what.limit < ROWS_MAX ? q->what.limit + 1 : ROWS_MAX, /* one may be ours */
    };
    q->version = q->old ? e->old.version : e->p->version;
    q->engine->asked++;
    events->rows(events->ctx, &query, got_rows, q);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static bool is_building(const struct entry *e)
{
    return e->main.about.building || e->main.about.version == 0;
}

static bool is_old_served(const struct entry *e)
{
    return e->checked_ns && is_building(e) && e->old.version;
}

static int not_there_yet(const struct waiting_query *q, struct error *err)
{
    const struct entry *e = q->entry;
    if (e->main.failed.code) {
        *err = e->main.failed;
        return err->code;
    }
    if (e->main.about.paused)
        return error_set(err, ST_UNAVAILABLE,
                         "the projection %s is paused at position %llu"
                         ": resume it (projection.resume)",
                         e->p->name, (unsigned long long)e->main.seen);
    return ST_OK;
}

static int too_late(const struct waiting_query *q, struct error *err)
{
    const struct entry *e = q->entry;
    if (is_building(e) && !is_old_served(e))
        return error_set(err, ST_BUSY,
                         "the projection %s is built for the first time and is at position %llu"
                         " of %llu: ask again soon",
                         e->p->name, (unsigned long long)e->main.seen,
                         (unsigned long long)e->engine->head);
    return error_set(err, ST_TIMEOUT,
                     "the projection %s is at position %llu and did not come to %llu"
                     " within %u ms: ask again soon, or see how far it is (projection.list)",
                     e->p->name, (unsigned long long)e->main.seen,
                     (unsigned long long)q->what.min_position, PROJECTION_WAIT_MS);
}

enum verdict { WAIT, READ, REFUSE };

static enum verdict judge(const struct waiting_query *q, uint64_t now, struct error *err)
{
    const struct entry *e = q->entry;
    bool late = now >= deadline_of(q);
    bool old = is_old_served(e) && q->what.min_position <= e->old.position;
    bool must = !old && (is_building(e) || e->main.seen < q->what.min_position);
    if (e->trouble.code && now < e->retry_ns) {
        *err = e->trouble;
        return REFUSE;
    }
    if (e->checked_ns && must && not_there_yet(q, err))
        return REFUSE;
    if ((must || !e->checked_ns) && late) {
        too_late(q, err);
        return REFUSE;
    }
    if (must || !e->checked_ns)
        return WAIT;
    if (old)
        return READ;
    bool fresh = e->looked_ns && q->since_ns - e->looked_ns <=
                                     (uint64_t)PROJECTION_LOOK_MS * NS_PER_MS;
    bool since = e->looked > q->since;
    return fresh || since || late || e->main.failed.code ? READ : WAIT;
}

void queries_look(struct projections *engine)
{
    struct waiting_query **at = &engine->queries;
    uint64_t now = engine_now(engine);
    while (*at && !engine->freed) {
        struct waiting_query *q = *at;
        struct error err;
        enum verdict verdict = judge(q, now, &err);
        if (verdict == WAIT) {
            q->entry->look = q->entry->look || q->entry->looked <= q->since;
            at = &q->next;
            continue;
        }
        *at = q->next;
        q->old = is_old_served(q->entry);
        if (verdict == READ)
            read_rows(q);
        else
            fail(q, &err);
        at = &engine->queries; /* whoever was told may have asked more */
    }
}

uint64_t queries_deadline(const struct projections *engine)
{
    uint64_t first = 0;
    for (const struct waiting_query *q = engine->queries; q; q = q->next)
        if (!first || deadline_of(q) < first)
            first = deadline_of(q);
    return first;
}

void queries_free(struct projections *engine)
{
    while (engine->queries) {
        struct waiting_query *q = engine->queries;
        engine->queries = q->next;
        free(q);
    }
}

static struct str put_text(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static struct waiting_query *query_new(const struct projection_query *query)
{
    struct waiting_query *q =
        calloc(1, sizeof(*q) + query->key.len + query->prefix.len + query->after.len);
    if (!q)
        return NULL;
    char *at = q->text;
    q->what = *query;
    q->what.key = put_text(&at, query->key);
    q->what.prefix = put_text(&at, query->prefix);
    q->what.after = put_text(&at, query->after);
    return q;
}

void projections_query(struct projections *engine, const struct projection_query *query,
                       void (*done)(void *arg, const struct error *err,
                                    const struct projection_answer *answer),
                       void *arg)
{
    struct error err = {0};
    struct waiting_query *q = NULL, **last = &engine->queries;
    struct entry *entry = engine_find(engine, query->projection);
    if (!entry)
        engine_unknown(engine, query->projection, &err);
    else if (query->limit < 1 || query->limit > ROWS_MAX)
        error_set(&err, ST_INVALID, "%u rows; 1 to %u are allowed", query->limit, ROWS_MAX);
    else if (!(q = query_new(query)))
        error_set(&err, ST_NOMEM, "out of memory");
    if (!q) {
        done(arg, &err, NULL);
        return;
    }
    q->engine = engine;
    q->entry = entry;
    q->since_ns = engine_now(engine);
    q->since = engine->readings;
    q->done = done;
    q->arg = arg;
    while (*last)
        last = &(*last)->next;
    *last = q;
    engine_run(engine);
}
