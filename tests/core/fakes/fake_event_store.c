#include "tests/core/fakes/fake_event_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/str_index.h"

struct stream {
    uint64_t *positions; /* by version - 1 */
    uint64_t count, cap;
    char name[];
};

struct answer {
    uint64_t position;
    size_t count;
    uint64_t *versions;
    char key[];
};

struct row {
    struct str value;
    char text[]; /* key, value */
};

struct rows {
    uint64_t position;
    struct str_index by_key;
    char name[];
};

/* A call that waits, with copies of all it was given. */
struct waiting {
    struct waiting *next;
    struct arena arena;
    enum fake_event_call call;
    struct event_batch batch;
    struct stream_query read;
    struct events_query read_all;
    struct events_sink sink;
    struct projection_write write;
    struct rows_query query;
    void (*appended)(void *arg, const struct error *err, const struct append_result *r);
    void (*projected)(void *arg, const struct error *err, bool conflict, uint64_t position);
    void (*found)(void *arg, const struct error *err, const struct rows_result *r);
    void *arg;
};

struct fake_event_store {
    struct event_store port;
    struct stored_event **events; /* by position - 1 */
    uint64_t count, cap;
    struct str_index streams, answers, projections;
    struct waiting *first, **last;
    size_t waiting;
    bool held;
    uint64_t calls[FAKE_EVENT_CALLS];
    int fail[FAKE_EVENT_CALLS];
    bool conflict[FAKE_EVENT_CALLS];
    uint64_t actual[FAKE_EVENT_CALLS];
};

static struct str put_text(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static void *need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static bool fails(struct fake_event_store *fake, enum fake_event_call call, struct error *err)
{
    int code = fake->fail[call];
    fake->fail[call] = 0;
    if (code)
        error_set(err, code, "the store says no");
    return code != 0;
}

/* ---- events --------------------------------------------------------------------------------- */

static struct stored_event *event_copy(const struct stored_event *e)
{
    size_t len = e->id.len + e->stream.len + e->type.len + e->correlation.len + e->causation.len +
                 e->caller.len + e->tenant.len + e->data.len;
    struct stored_event *copy = need(malloc(sizeof(*copy) + len));
    char *at = (char *)(copy + 1);
    *copy = *e;
    copy->id = put_text(&at, e->id);
    copy->stream = put_text(&at, e->stream);
    copy->type = put_text(&at, e->type);
    copy->correlation = put_text(&at, e->correlation);
    copy->causation = put_text(&at, e->causation);
    copy->caller = put_text(&at, e->caller);
    copy->tenant = put_text(&at, e->tenant);
    copy->data = put_text(&at, e->data);
    return copy;
}

static struct stream *stream_of(struct fake_event_store *fake, struct str name)
{
    struct stream *s = str_index_get(&fake->streams, name);
    if (s)
        return s;
    s = need(calloc(1, sizeof(*s) + name.len));
    memcpy(s->name, name.ptr, name.len);
    if (!str_index_put(&fake->streams, (struct str){s->name, name.len}, s))
        abort();
    return s;
}

uint64_t fake_event_store_add_event(struct fake_event_store *fake,
                                    const struct stored_event *event)
{
    struct stream *s = stream_of(fake, event->stream);
    struct stored_event *e = event_copy(event);
    if (fake->count == fake->cap) {
        fake->cap = fake->cap ? fake->cap * 2 : 64;
        fake->events = need(realloc(fake->events, fake->cap * sizeof(struct stored_event *)));
    }
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 4;
        s->positions = need(realloc(s->positions, s->cap * sizeof(*s->positions)));
    }
    fake->events[fake->count++] = e;
    s->positions[s->count++] = fake->count;
    e->version = s->count;
    e->position = fake->count;
    return e->position;
}

uint64_t fake_event_store_add(struct fake_event_store *fake, struct str stream, struct str type,
                              struct str data)
{
    const struct stored_event event = {
        .id = STR("00000000-0000-7000-8000-000000000000"),
        .stream = stream,
        .type = type,
        .schema = 1,
        .at_ms = (int64_t)(fake->count + 1) * 1000,
        .correlation = STR("c"),
        .caller = STR("other"),
        .tenant = STR("local"),
        .data = data,
    };
    return fake_event_store_add_event(fake, &event);
}

const struct stored_event *fake_event_store_at(const struct fake_event_store *fake,
                                               uint64_t position)
{
    return position >= 1 && position <= fake->count ? fake->events[position - 1] : NULL;
}

uint64_t fake_event_store_count(const struct fake_event_store *fake)
{
    return fake->count;
}

/* ---- append --------------------------------------------------------------------------------- */

static bool is_at(const struct stream_append *a, uint64_t actual)
{
    return a->expect == EXPECT_ANY || actual == (a->expect == EXPECT_NONE ? 0 : a->version);
}

static bool find_conflict(struct fake_event_store *fake, const struct event_batch *batch,
                          struct append_result *result)
{
    if (fake->conflict[FAKE_APPEND]) {
        fake->conflict[FAKE_APPEND] = false;
        *result = (struct append_result){.conflict = true,
                                         .stream = batch->streams[0].stream,
                                         .actual = fake->actual[FAKE_APPEND]};
        return true;
    }
    for (size_t i = 0; i < batch->count; i++) {
        const struct stream *s = str_index_get(&fake->streams, batch->streams[i].stream);
        uint64_t actual = s ? s->count : 0;
        if (is_at(&batch->streams[i], actual))
            continue;
        *result = (struct append_result){
            .conflict = true, .stream = batch->streams[i].stream, .actual = actual};
        return true;
    }
    return false;
}

static struct answer *append_all(struct fake_event_store *fake, const struct event_batch *batch)
{
    struct answer *answer = need(malloc(sizeof(*answer) + batch->key.len));
    answer->versions = need(calloc(batch->count + 1, sizeof(uint64_t)));
    answer->count = batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        const struct stream_append *a = &batch->streams[i];
        for (size_t k = 0; k < a->count; k++) {
            struct stored_event e = a->events[k];
            e.stream = a->stream;
            fake_event_store_add_event(fake, &e);
        }
        answer->versions[i] = stream_of(fake, a->stream)->count;
    }
    answer->position = fake->count;
    if (batch->key.len)
        memcpy(answer->key, batch->key.ptr, batch->key.len);
    return answer;
}

static void do_append(struct fake_event_store *fake, const struct waiting *w)
{
    struct error err;
    struct append_result result;
    if (fails(fake, FAKE_APPEND, &err)) {
        w->appended(w->arg, &err, NULL);
        return;
    }
    struct answer *answer =
        w->batch.key.len ? str_index_get(&fake->answers, w->batch.key) : NULL;
    bool repeated = answer != NULL;
    if (!repeated && find_conflict(fake, &w->batch, &result)) {
        w->appended(w->arg, NULL, &result);
        return;
    }
    if (!repeated)
        answer = append_all(fake, &w->batch);
    result = (struct append_result){.position = answer->position,
                                    .versions = answer->versions,
                                    .count = answer->count,
                                    .repeated = repeated};
    bool kept = w->batch.key.len > 0;
    if (kept && !repeated &&
        !str_index_put(&fake->answers, (struct str){answer->key, w->batch.key.len}, answer))
        abort();
    w->appended(w->arg, NULL, &result);
    if (!kept) {
        free(answer->versions);
        free(answer);
    }
}

/* ---- read ----------------------------------------------------------------------------------- */

static bool in_bounds(const struct stream_query *q, const struct stored_event *e)
{
    return e->version >= q->from && (!q->to || e->version <= q->to) &&
           (!q->until_ms || e->at_ms <= q->until_ms);
}

static void do_read(struct fake_event_store *fake, const struct waiting *w)
{
    const struct stream *s = str_index_get(&fake->streams, w->read.stream);
    struct events_end end = {.version = s ? s->count : 0};
    uint32_t told = 0;
    struct error err;
    if (fails(fake, FAKE_READ, &err)) {
        w->sink.done(w->sink.arg, &err, NULL);
        return;
    }
    for (uint64_t i = 0; i < end.version && !end.more; i++) {
        uint64_t version = w->read.backward ? end.version - i : i + 1;
        const struct stored_event *e = fake->events[s->positions[version - 1] - 1];
        if (!in_bounds(&w->read, e))
            continue;
        if (told == w->read.limit)
            end.more = true;
        else
            w->sink.event(w->sink.arg, e);
        told++;
    }
    w->sink.done(w->sink.arg, NULL, &end);
}

static bool is_wanted(const struct events_query *q, struct str type)
{
    bool wanted = q->type_count == 0;
    for (size_t i = 0; i < q->type_count && !wanted; i++)
        wanted = str_eq(q->types[i], type);
    return wanted;
}

static void do_read_all(struct fake_event_store *fake, const struct waiting *w)
{
    const struct events_query *q = &w->read_all;
    struct events_end end = {.position = fake->count};
    uint32_t told = 0;
    struct error err;
    if (fails(fake, FAKE_READ_ALL, &err)) {
        w->sink.done(w->sink.arg, &err, NULL);
        return;
    }
    for (uint64_t at = q->after; at < end.position; at++) {
        const struct stored_event *e = fake->events[at];
        if (!is_wanted(q, e->type))
            continue;
        if (told++ == q->limit) {
            end.more = true;
            end.position = at;
            break;
        }
        w->sink.event(w->sink.arg, e);
    }
    if (end.position < q->after)
        end.position = q->after;
    w->sink.done(w->sink.arg, NULL, &end);
}

/* ---- projections ---------------------------------------------------------------------------- */

static struct rows *rows_of(struct fake_event_store *fake, struct str name)
{
    struct rows *p = str_index_get(&fake->projections, name);
    if (p)
        return p;
    p = need(calloc(1, sizeof(*p) + name.len));
    memcpy(p->name, name.ptr, name.len);
    if (!str_index_put(&fake->projections, (struct str){p->name, name.len}, p))
        abort();
    return p;
}

static void drop_rows(struct rows *p)
{
    for (size_t i = 0; i < p->by_key.count; i++)
        free(p->by_key.entries[i].value);
    str_index_clear(&p->by_key);
}

static void put_row(struct rows *p, const struct projection_row *given)
{
    struct row *old = str_index_get(&p->by_key, given->key);
    if (!given->value.len) {
        str_index_remove(&p->by_key, given->key);
        free(old);
        return;
    }
    struct row *row = need(malloc(sizeof(*row) + given->key.len + given->value.len));
    char *at = row->text;
    struct str key = put_text(&at, given->key);
    row->value = put_text(&at, given->value);
    if (!str_index_put(&p->by_key, key, row))
        abort();
    free(old);
}

static void take_place(struct fake_event_store *fake, struct rows *p, struct str name)
{
    struct rows *old = rows_of(fake, name);
    drop_rows(old);
    old->by_key = p->by_key;
    old->position = p->position;
    p->by_key = (struct str_index)STR_INDEX_INIT;
    p->position = 0;
}

static void do_project(struct fake_event_store *fake, const struct waiting *w)
{
    const struct projection_write *write = &w->write;
    struct rows *p = rows_of(fake, write->projection);
    struct error err;
    if (fails(fake, FAKE_PROJECT, &err)) {
        w->projected(w->arg, &err, false, 0);
        return;
    }
    if (fake->conflict[FAKE_PROJECT] || p->position != write->expected) {
        bool forced = fake->conflict[FAKE_PROJECT];
        fake->conflict[FAKE_PROJECT] = false;
        w->projected(w->arg, NULL, true, forced ? fake->actual[FAKE_PROJECT] : p->position);
        return;
    }
    if (write->reset)
        drop_rows(p);
    for (size_t i = 0; i < write->count; i++)
        put_row(p, &write->rows[i]);
    p->position = write->position;
    if (write->replaces.len)
        take_place(fake, p, write->replaces);
    w->projected(w->arg, NULL, false, write->position);
}

static bool row_fits(const struct rows_query *q, struct str key)
{
    if (q->key.len)
        return str_eq(key, q->key);
    if (!str_starts(key, q->prefix))
        return false;
    return !q->after.len || (q->backward ? str_cmp(key, q->after) < 0 : str_cmp(key, q->after) > 0);
}

static struct projection_row row_at(const struct rows *p, size_t i)
{
    const struct row *row = p->by_key.entries[i].value;
    return (struct projection_row){p->by_key.entries[i].key, row->value};
}

static void do_rows(struct fake_event_store *fake, const struct waiting *w)
{
    const struct rows_query *q = &w->query;
    const struct rows *p = rows_of(fake, q->projection);
    struct rows_result result = {.position = p->position};
    struct projection_row one, *found = &one;
    struct error err;
    if (fails(fake, FAKE_ROWS, &err)) {
        w->found(w->arg, &err, NULL);
        return;
    }
    const struct row *row = q->key.len ? str_index_get(&p->by_key, q->key) : NULL;
    if (row) {
        one = (struct projection_row){q->key, row->value};
        result.count = 1;
    }
    if (!q->key.len) {
        found = need(calloc(q->limit + 1, sizeof(*found)));
        for (size_t i = 0; i < p->by_key.count && !result.more; i++) {
            struct projection_row r = row_at(p, q->backward ? p->by_key.count - 1 - i : i);
            if (row_fits(q, r.key) && !(result.more = result.count == q->limit))
                found[result.count++] = r;
        }
    }
    result.rows = found;
    w->found(w->arg, NULL, &result);
    if (found != &one)
        free(found);
}

/* ---- now or later --------------------------------------------------------------------------- */

static void run(struct fake_event_store *fake, const struct waiting *w)
{
    switch (w->call) {
    case FAKE_APPEND:
        do_append(fake, w);
        break;
    case FAKE_READ:
        do_read(fake, w);
        break;
    case FAKE_READ_ALL:
        do_read_all(fake, w);
        break;
    case FAKE_PROJECT:
        do_project(fake, w);
        break;
    case FAKE_ROWS:
    default:
        do_rows(fake, w);
        break;
    }
}

static struct str keep(struct arena *a, struct str text)
{
    return arena_copy(a, text);
}

static void keep_batch(struct waiting *w)
{
    struct event_batch *b = &w->batch;
    struct stream_append *streams = need(arena_alloc(&w->arena, b->count * sizeof(*streams) + 1));
    b->key = keep(&w->arena, b->key);
    for (size_t i = 0; i < b->count; i++) {
        streams[i] = b->streams[i];
        streams[i].stream = keep(&w->arena, streams[i].stream);
        struct stored_event *events =
            need(arena_alloc(&w->arena, streams[i].count * sizeof(*events) + 1));
        for (size_t k = 0; k < streams[i].count; k++) {
            struct stored_event *copy = event_copy(&streams[i].events[k]);
            struct stored_event *e = &events[k];
            *e = *copy;
            e->id = keep(&w->arena, e->id);
            e->type = keep(&w->arena, e->type);
            e->correlation = keep(&w->arena, e->correlation);
            e->causation = keep(&w->arena, e->causation);
            e->caller = keep(&w->arena, e->caller);
            e->tenant = keep(&w->arena, e->tenant);
            e->data = keep(&w->arena, e->data);
            free(copy);
        }
        streams[i].events = events;
    }
    b->streams = streams;
}

static void keep_write(struct waiting *w)
{
    struct projection_row *rows =
        need(arena_alloc(&w->arena, w->write.count * sizeof(*rows) + 1));
    for (size_t i = 0; i < w->write.count; i++)
        rows[i] = (struct projection_row){keep(&w->arena, w->write.rows[i].key),
                                          keep(&w->arena, w->write.rows[i].value)};
    w->write.rows = rows;
    w->write.projection = keep(&w->arena, w->write.projection);
    w->write.replaces = keep(&w->arena, w->write.replaces);
}

static void keep_queries(struct waiting *w)
{
    struct str *types = need(arena_alloc(&w->arena, w->read_all.type_count * sizeof(*types) + 1));
    for (size_t i = 0; i < w->read_all.type_count; i++)
        types[i] = keep(&w->arena, w->read_all.types[i]);
    w->read_all.types = types;
    w->read.stream = keep(&w->arena, w->read.stream);
    w->query.projection = keep(&w->arena, w->query.projection);
    w->query.key = keep(&w->arena, w->query.key);
    w->query.prefix = keep(&w->arena, w->query.prefix);
    w->query.after = keep(&w->arena, w->query.after);
}

static void take(struct fake_event_store *fake, const struct waiting *now)
{
    fake->calls[now->call]++;
    if (!fake->held) {
        run(fake, now);
        return;
    }
    struct waiting *w = need(malloc(sizeof(*w)));
    *w = *now;
    w->arena = (struct arena)ARENA_INIT;
    w->next = NULL;
    keep_batch(w);
    keep_write(w);
    keep_queries(w);
    *fake->last = w;
    fake->last = &w->next;
    fake->waiting++;
}

size_t fake_event_store_release(struct fake_event_store *fake, size_t count)
{
    size_t done = 0;
    while (done < count && fake->first) {
        struct waiting *w = fake->first;
        fake->first = w->next;
        if (!fake->first)
            fake->last = &fake->first;
        fake->waiting--;
        done++;
        run(fake, w);
        arena_clear(&w->arena);
        free(w);
    }
    return done;
}

/* ---- the port ------------------------------------------------------------------------------- */

static void port_append(void *ctx, const struct event_batch *batch,
                        void (*done)(void *arg, const struct error *err,
                                     const struct append_result *r),
                        void *arg)
{
    const struct waiting w = {.call = FAKE_APPEND, .batch = *batch, .appended = done, .arg = arg};
    take(ctx, &w);
}

static void port_read(void *ctx, const struct stream_query *query, const struct events_sink *sink)
{
    const struct waiting w = {.call = FAKE_READ, .read = *query, .sink = *sink};
    take(ctx, &w);
}

static void port_read_all(void *ctx, const struct events_query *query,
                          const struct events_sink *sink)
{
    const struct waiting w = {.call = FAKE_READ_ALL, .read_all = *query, .sink = *sink};
    take(ctx, &w);
}

static void port_project(void *ctx, const struct projection_write *write,
                         void (*done)(void *arg, const struct error *err, bool conflict,
                                      uint64_t position),
                         void *arg)
{
    const struct waiting w = {
        .call = FAKE_PROJECT, .write = *write, .projected = done, .arg = arg};
    take(ctx, &w);
}

static void port_rows(void *ctx, const struct rows_query *query,
                      void (*done)(void *arg, const struct error *err,
                                   const struct rows_result *r),
                      void *arg)
{
    const struct waiting w = {.call = FAKE_ROWS, .query = *query, .found = done, .arg = arg};
    take(ctx, &w);
}

struct fake_event_store *fake_event_store_new(void)
{
    struct fake_event_store *fake = need(calloc(1, sizeof(*fake)));
    fake->last = &fake->first;
    fake->port = (struct event_store){fake,         port_append, port_read, port_read_all,
                                      port_project, port_rows};
    return fake;
}

static void indexes_free(struct fake_event_store *fake)
{
    for (size_t i = 0; i < fake->streams.count; i++) {
        struct stream *s = fake->streams.entries[i].value;
        free(s->positions);
        free(s);
    }
    for (size_t i = 0; i < fake->answers.count; i++) {
        struct answer *a = fake->answers.entries[i].value;
        free(a->versions);
        free(a);
    }
    for (size_t i = 0; i < fake->projections.count; i++) {
        drop_rows(fake->projections.entries[i].value);
        free(fake->projections.entries[i].value);
    }
    str_index_clear(&fake->streams);
    str_index_clear(&fake->answers);
    str_index_clear(&fake->projections);
}

void fake_event_store_free(struct fake_event_store *fake)
{
    if (!fake)
        return;
    while (fake->first) {
        struct waiting *w = fake->first;
        fake->first = w->next;
        arena_clear(&w->arena);
        free(w);
    }
    for (uint64_t i = 0; i < fake->count; i++)
        free(fake->events[i]);
    free(fake->events);
    indexes_free(fake);
    free(fake);
}

const struct event_store *fake_event_store_port(struct fake_event_store *fake)
{
    return &fake->port;
}

void fake_event_store_fail(struct fake_event_store *fake, enum fake_event_call call, int code)
{
    fake->fail[call] = code;
}

void fake_event_store_conflict(struct fake_event_store *fake, enum fake_event_call call,
                               uint64_t actual)
{
    fake->conflict[call] = true;
    fake->actual[call] = actual;
}

void fake_event_store_hold(struct fake_event_store *fake, bool held)
{
    fake->held = held;
}

size_t fake_event_store_waiting(const struct fake_event_store *fake)
{
    return fake->waiting;
}

uint64_t fake_event_store_calls(const struct fake_event_store *fake, enum fake_event_call call)
{
    return fake->calls[call];
}
