/*
 * hexmcp/test/fake_drafts.h - the fake host for the draft interfaces.
 *
 * SPDX-License-Identifier: MIT
 *
 * As hexmcp/test/fake_host.h, for what ext/draft describes:
 *
 *     hexmcp_fake_stream stream;
 *     hexmcp_fake_stream_begin(&stream, p.fake);              before init
 *     hexmcp_fake_draft(&p, HEXMCP_FAKE_GENERATE, texts, 1, &answer);
 *     ... stream.pieces ...
 *     hexmcp_fake_stream_end(&stream);                        after the plugin's destroy
 */
#ifndef HEXMCP_TEST_FAKE_DRAFTS_H
#define HEXMCP_TEST_FAKE_DRAFTS_H

#include "hexmcp/all.h"
#include "hexmcp/test/fake_host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One piece that a plugin emitted. */
typedef struct hexmcp_fake_piece {
    struct hexmcp_fake_piece *next;
    hexmcp_call call;
    char *json; /* NUL-terminated */
    char *bytes;
    size_t len; /* of bytes */
} hexmcp_fake_piece;

/* hexmcp.stream/1 of a fake host. Read `pieces` when no call runs; the rest is private. */
typedef struct hexmcp_fake_stream {
    hexmcp_stream_1 table;
    hexmcp_fake *fake;
    hexmcp_fake_piece *pieces; /* in the order in which they came */
    hexmcp_fake_piece **last_;
    unsigned busy_;  /* so many emits are refused with HEXMCP_E_BUSY */
} hexmcp_fake_stream;

static inline int32_t hexmcp_fake_stream_emit_(void *ctx, hexmcp_call id, hexmcp_str json,
                                               hexmcp_str bytes)
{
    hexmcp_fake_stream *s = (hexmcp_fake_stream *)ctx;
    const hexmcp_fake_call_ *call;
    hexmcp_fake_piece *piece;
    int32_t status = HEXMCP_OK;
    pthread_mutex_lock(&s->fake->mutex);
    call = hexmcp_fake_find_call_(s->fake, id);
    if (!call || call->completed || call->given_up)
        status = HEXMCP_E_NOT_FOUND;
    else if (json.len + bytes.len > HEXMCP_STREAM_PIECE_MAX)
        status = HEXMCP_E_TOO_LARGE;
    else if (s->busy_ > 0) {
        s->busy_--;
        status = HEXMCP_E_BUSY;
    } else {
        if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT || !hexmcp_fake_is_json_(json, 128))
            hexmcp_fake_breach_(s->fake, "call %llu emitted a piece that is no JSON object: %.*s",
                                (unsigned long long)id, (int)(json.len < 100 ? json.len : 100),
                                json.ptr);
        piece = (hexmcp_fake_piece *)hexmcp_fake_alloc_(sizeof(*piece));
        piece->call = id;
        piece->json = hexmcp_fake_copy_(json.ptr, json.len);
        piece->bytes = hexmcp_fake_copy_(bytes.ptr, bytes.len);
        piece->len = bytes.len;
        *s->last_ = piece;
        s->last_ = &piece->next;
    }
    pthread_mutex_unlock(&s->fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_stream_drained_(void *ctx, hexmcp_call id, hexmcp_reply_fn reply,
                                                  void *arg)
{
    hexmcp_fake_stream *s = (hexmcp_fake_stream *)ctx;
    int32_t status;
    pthread_mutex_lock(&s->fake->mutex);
    status = hexmcp_fake_find_call_(s->fake, id) ? HEXMCP_OK : HEXMCP_E_NOT_FOUND;
    if (status == HEXMCP_OK)
        hexmcp_fake_post_(s->fake, reply, arg, HEXMCP_OK, hexmcp_str_from(""));
    pthread_mutex_unlock(&s->fake->mutex);
    return status;
}

/* From now on `fake` offers hexmcp.stream/1. */
static inline void hexmcp_fake_stream_begin(hexmcp_fake_stream *s, hexmcp_fake *fake)
{
    memset(s, 0, sizeof(*s));
    s->fake = fake;
    s->last_ = &s->pieces;
    s->table.size = (uint32_t)sizeof(s->table);
    s->table.ctx = s;
    s->table.emit = hexmcp_fake_stream_emit_;
    s->table.drained = hexmcp_fake_stream_drained_;
    hexmcp_fake_offer(fake, HEXMCP_STREAM_1, &s->table);
}

/* The next `count` pieces are refused with HEXMCP_E_BUSY; drained() tells at once that there is room. */
static inline void hexmcp_fake_stream_busy(hexmcp_fake_stream *s, unsigned count)
{
    pthread_mutex_lock(&s->fake->mutex);
    s->busy_ = count;
    pthread_mutex_unlock(&s->fake->mutex);
}

/* Forgets the pieces. */
static inline void hexmcp_fake_stream_clear(hexmcp_fake_stream *s)
{
    while (s->pieces) {
        hexmcp_fake_piece *piece = s->pieces;
        s->pieces = piece->next;
        free(piece->json);
        free(piece->bytes);
        free(piece);
    }
    s->last_ = &s->pieces;
}

/* Forgets the pieces and takes the service away. */
static inline void hexmcp_fake_stream_end(hexmcp_fake_stream *s)
{
    hexmcp_fake_stream_clear(s);
    hexmcp_fake_unoffer(s->fake, HEXMCP_STREAM_1);
}

/* The functions of the drafts that serve calls; the texts that each takes. */
#define HEXMCP_FAKE_MODELS 0u           /* provider                                               */
#define HEXMCP_FAKE_GENERATE 1u         /* provider: request                                      */
#define HEXMCP_FAKE_COUNT_TOKENS 2u     /* provider: request                                      */
#define HEXMCP_FAKE_HOOK_RUN 3u         /* hook: name, point, data                                */
#define HEXMCP_FAKE_KV_GET 4u           /* kv: space, key                                         */
#define HEXMCP_FAKE_KV_SET 5u           /* kv: space, key, value, options                         */
#define HEXMCP_FAKE_KV_REMOVE 6u        /* kv: space, key, options                                */
#define HEXMCP_FAKE_KV_LIST 7u          /* kv: space, query                                       */
#define HEXMCP_FAKE_BLOB_PUT 8u         /* blob: space, key, info, then all the bytes             */
#define HEXMCP_FAKE_BLOB_GET 9u         /* blob: space, key, range                                */
#define HEXMCP_FAKE_BLOB_STAT 10u       /* blob: space, key                                       */
#define HEXMCP_FAKE_BLOB_REMOVE 11u     /* blob: space, key                                       */
#define HEXMCP_FAKE_EVENTS_APPEND 12u   /* eventstore: space, batch                               */
#define HEXMCP_FAKE_EVENTS_READ 13u     /* eventstore: space, query                               */
#define HEXMCP_FAKE_EVENTS_READ_ALL 14u /* eventstore: space, query                               */
#define HEXMCP_FAKE_EVENTS_PROJECT 15u  /* eventstore: space, batch                               */
#define HEXMCP_FAKE_EVENTS_ROWS 16u     /* eventstore: space, query                               */
#define HEXMCP_FAKE_SEARCH_INDEX 17u    /* search: space, documents                               */
#define HEXMCP_FAKE_SEARCH_REMOVE 18u   /* search: space, ids                                     */
#define HEXMCP_FAKE_SEARCH_QUERY 19u    /* search: space, query                                   */
#define HEXMCP_FAKE_KV_APPLY 20u        /* kv: space, changes, values                             */
#define HEXMCP_FAKE_BLOB_LIST 21u       /* blob: space, query                                     */
#define HEXMCP_FAKE_DUMP 22u            /* dump: query                                            */

typedef struct hexmcp_fake_draft_ {
    uint32_t kind;
    const void *table;
} hexmcp_fake_draft_;

static inline int32_t hexmcp_fake_no_function_(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin's table has no such function");
}

static inline int32_t hexmcp_fake_provider_(const hexmcp_provider_1 *t, uint32_t kind,
                                            hexmcp_call call, const hexmcp_str *x, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_MODELS && HEXMCP_HAS(t, models))
        return t->models(t->self, call, err);
    if (kind == HEXMCP_FAKE_GENERATE && HEXMCP_HAS(t, generate))
        return t->generate(t->self, call, x[0], err);
    if (kind == HEXMCP_FAKE_COUNT_TOKENS && HEXMCP_HAS(t, count))
        return t->count(t->self, call, x[0], err);
    return hexmcp_fake_no_function_(err);
}

static inline int32_t hexmcp_fake_kv_(const hexmcp_kv_store_1 *t, uint32_t kind, hexmcp_call call,
                                      const hexmcp_str *x, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_KV_GET && HEXMCP_HAS(t, get))
        return t->get(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_KV_SET && HEXMCP_HAS(t, set))
        return t->set(t->self, call, x[0], x[1], x[2], x[3], err);
    if (kind == HEXMCP_FAKE_KV_REMOVE && HEXMCP_HAS(t, remove))
        return t->remove(t->self, call, x[0], x[1], x[2], err);
    if (kind == HEXMCP_FAKE_KV_LIST && HEXMCP_HAS(t, list))
        return t->list(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_KV_APPLY && HEXMCP_HAS(t, apply))
        return t->apply(t->self, call, x[0], x[1], x[2], err);
    return hexmcp_fake_no_function_(err);
}

/* Lets the plugin's threads work on what waits, after HEXMCP_E_BUSY. */
static inline void hexmcp_fake_pause_(void)
{
    struct timespec ms;
    ms.tv_sec = 0;
    ms.tv_nsec = 1000000;
    nanosleep(&ms, NULL);
}

static inline int32_t hexmcp_fake_write_(const hexmcp_blob_1 *t, hexmcp_call call, hexmcp_str bytes,
                                         uint32_t flags, hexmcp_error *err)
{
    int32_t status;
    while ((status = t->write(t->self, call, bytes, flags, err)) == HEXMCP_E_BUSY)
        hexmcp_fake_pause_();
    return status;
}

/* Puts a blob: its bytes in two halves, so that there is more than one write(), of 1 MiB at most. */
static inline int32_t hexmcp_fake_put_(const hexmcp_blob_1 *t, hexmcp_call call, const hexmcp_str *x,
                                       hexmcp_error *err)
{
    int32_t status = t->put(t->self, call, x[0], x[1], x[2], err);
    hexmcp_str piece = x[3];
    size_t left = x[3].len;
    if (status != HEXMCP_PENDING || !HEXMCP_HAS(t, write))
        return status;
    piece.len = left / 2;
    while (left > HEXMCP_STREAM_PIECE_MAX || piece.ptr == x[3].ptr) {
        if (piece.len > HEXMCP_STREAM_PIECE_MAX)
            piece.len = HEXMCP_STREAM_PIECE_MAX;
        status = hexmcp_fake_write_(t, call, piece, 0, err);
        if (status != HEXMCP_OK)
            return status;
        piece.ptr += piece.len;
        left -= piece.len;
        if (piece.len == 0)
            break;
        piece.len = left;
    }
    piece.len = left;
    return hexmcp_fake_write_(t, call, piece, HEXMCP_BLOB_LAST, err);
}

static inline int32_t hexmcp_fake_blob_(const hexmcp_blob_1 *t, uint32_t kind, hexmcp_call call,
                                        const hexmcp_str *x, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_BLOB_PUT && HEXMCP_HAS(t, put))
        return hexmcp_fake_put_(t, call, x, err);
    if (kind == HEXMCP_FAKE_BLOB_GET && HEXMCP_HAS(t, get))
        return t->get(t->self, call, x[0], x[1], x[2], err);
    if (kind == HEXMCP_FAKE_BLOB_STAT && HEXMCP_HAS(t, stat))
        return t->stat(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_BLOB_REMOVE && HEXMCP_HAS(t, remove))
        return t->remove(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_BLOB_LIST && HEXMCP_HAS(t, list))
        return t->list(t->self, call, x[0], x[1], err);
    return hexmcp_fake_no_function_(err);
}

static inline int32_t hexmcp_fake_events_(const hexmcp_eventstore_1 *t, uint32_t kind,
                                          hexmcp_call call, const hexmcp_str *x, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_EVENTS_APPEND && HEXMCP_HAS(t, append))
        return t->append(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_EVENTS_READ && HEXMCP_HAS(t, read))
        return t->read(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_EVENTS_READ_ALL && HEXMCP_HAS(t, read_all))
        return t->read_all(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_EVENTS_PROJECT && HEXMCP_HAS(t, project))
        return t->project(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_EVENTS_ROWS && HEXMCP_HAS(t, rows))
        return t->rows(t->self, call, x[0], x[1], err);
    return hexmcp_fake_no_function_(err);
}

static inline int32_t hexmcp_fake_search_(const hexmcp_search_1 *t, uint32_t kind, hexmcp_call call,
                                          const hexmcp_str *x, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_SEARCH_INDEX && HEXMCP_HAS(t, index))
        return t->index(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_SEARCH_REMOVE && HEXMCP_HAS(t, remove))
        return t->remove(t->self, call, x[0], x[1], err);
    if (kind == HEXMCP_FAKE_SEARCH_QUERY && HEXMCP_HAS(t, query))
        return t->query(t->self, call, x[0], x[1], err);
    return hexmcp_fake_no_function_(err);
}

static inline int32_t hexmcp_fake_dump_(const hexmcp_dump_1 *t, hexmcp_call call,
                                        const hexmcp_str *x, hexmcp_error *err)
{
    return HEXMCP_HAS(t, dump) ? t->dump(t->self, call, x[0], err) : hexmcp_fake_no_function_(err);
}

/* The id of the interface that has the function. */
static inline const char *hexmcp_fake_draft_id_(uint32_t kind)
{
    return kind == HEXMCP_FAKE_KV_APPLY      ? HEXMCP_KV_STORE_1
           : kind == HEXMCP_FAKE_BLOB_LIST   ? HEXMCP_BLOB_1
           : kind == HEXMCP_FAKE_DUMP        ? HEXMCP_DUMP_1
           : kind <= HEXMCP_FAKE_COUNT_TOKENS ? HEXMCP_PROVIDER_1
           : kind == HEXMCP_FAKE_HOOK_RUN    ? HEXMCP_HOOK_1
           : kind <= HEXMCP_FAKE_KV_LIST     ? HEXMCP_KV_STORE_1
           : kind <= HEXMCP_FAKE_BLOB_REMOVE ? HEXMCP_BLOB_1
           : kind <= HEXMCP_FAKE_EVENTS_ROWS ? HEXMCP_EVENTSTORE_1
                                             : HEXMCP_SEARCH_1;
}

static inline int32_t hexmcp_fake_serve_draft_(void *arg, hexmcp_call call, const hexmcp_str *x,
                                               hexmcp_error *err)
{
    const hexmcp_fake_draft_ *draft = (const hexmcp_fake_draft_ *)arg;
    const char *id = hexmcp_fake_draft_id_(draft->kind);
    const hexmcp_hook_1 *hook = (const hexmcp_hook_1 *)draft->table;
    if (!draft->table)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin has no %s", id);
    if (strcmp(id, HEXMCP_PROVIDER_1) == 0)
        return hexmcp_fake_provider_((const hexmcp_provider_1 *)draft->table, draft->kind, call, x,
                                     err);
    if (strcmp(id, HEXMCP_HOOK_1) == 0)
        return HEXMCP_HAS(hook, run) ? hook->run(hook->self, call, x[0], x[1], x[2], err)
                                     : hexmcp_fake_no_function_(err);
    if (strcmp(id, HEXMCP_KV_STORE_1) == 0)
        return hexmcp_fake_kv_((const hexmcp_kv_store_1 *)draft->table, draft->kind, call, x, err);
    if (strcmp(id, HEXMCP_BLOB_1) == 0)
        return hexmcp_fake_blob_((const hexmcp_blob_1 *)draft->table, draft->kind, call, x, err);
    if (strcmp(id, HEXMCP_EVENTSTORE_1) == 0)
        return hexmcp_fake_events_((const hexmcp_eventstore_1 *)draft->table, draft->kind, call, x,
                                   err);
    if (strcmp(id, HEXMCP_DUMP_1) == 0)
        return hexmcp_fake_dump_((const hexmcp_dump_1 *)draft->table, call, x, err);
    return hexmcp_fake_search_((const hexmcp_search_1 *)draft->table, draft->kind, call, x, err);
}

/* Stores are called on the loop. */
static inline int hexmcp_fake_is_storage_(uint32_t kind)
{
    return kind >= HEXMCP_FAKE_KV_GET && kind <= HEXMCP_FAKE_DUMP;
}

/* Makes a call of a draft interface and takes it to its end, as hexmcp_fake_ask: `kind` is
 * HEXMCP_FAKE_MODELS or one of its neighbours, `texts` the texts of that kind. Functions that are [loop]
 * are called on the loop, whatever p->thread is. */
static inline void hexmcp_fake_draft(hexmcp_fake_plugin *p, uint32_t kind, const hexmcp_str *texts,
                                     unsigned count, hexmcp_fake_answer *ret)
{
    hexmcp_fake_draft_ draft;
    draft.kind = kind;
    draft.table = hexmcp_fake_interface(p, hexmcp_fake_draft_id_(kind));
    hexmcp_fake_end(hexmcp_fake_begin_with(p->fake,
                                           hexmcp_fake_is_storage_(kind) ? HEXMCP_FAKE_ON_LOOP
                                                                         : p->thread,
                                           hexmcp_fake_serve_draft_, &draft, texts, count),
                    ret);
}

/* Begins a call of a store (HEXMCP_FAKE_KV_GET to HEXMCP_FAKE_DUMP) and returns when its function has:
 * so many calls can wait at once. Must be followed by hexmcp_fake_end. */
static inline hexmcp_fake_asked *hexmcp_fake_begin_draft(hexmcp_fake_plugin *p, uint32_t kind,
                                                         const hexmcp_str *texts, unsigned count)
{
    hexmcp_fake_draft_ draft;
    if (!hexmcp_fake_is_storage_(kind))
        hexmcp_fake_die_("function %u is not called on the loop", (unsigned)kind);
    draft.kind = kind;
    draft.table = hexmcp_fake_interface(p, hexmcp_fake_draft_id_(kind));
    return hexmcp_fake_begin_with(p->fake, HEXMCP_FAKE_ON_LOOP, hexmcp_fake_serve_draft_, &draft,
                                  texts, count);
}

/* The cancel() of the store's table that has the function, or NULL; its `self` in *ret_self. */
static inline void (*hexmcp_fake_cancel_of_(hexmcp_fake_plugin *p, uint32_t kind,
                                            void **ret_self))(void *, hexmcp_call)
{
    const char *id = hexmcp_fake_draft_id_(kind);
    const void *table = hexmcp_fake_interface(p, id);
    const hexmcp_kv_store_1 *kv = (const hexmcp_kv_store_1 *)table;
    const hexmcp_blob_1 *blob = (const hexmcp_blob_1 *)table;
    const hexmcp_eventstore_1 *events = (const hexmcp_eventstore_1 *)table;
    const hexmcp_search_1 *search = (const hexmcp_search_1 *)table;
    const hexmcp_dump_1 *dump = (const hexmcp_dump_1 *)table;
    *ret_self = NULL;
    if (!table)
        return NULL;
    *ret_self = kv->self; /* each table begins alike */
    if (strcmp(id, HEXMCP_KV_STORE_1) == 0)
        return HEXMCP_HAS(kv, cancel) ? kv->cancel : NULL;
    if (strcmp(id, HEXMCP_BLOB_1) == 0)
        return HEXMCP_HAS(blob, cancel) ? blob->cancel : NULL;
    if (strcmp(id, HEXMCP_EVENTSTORE_1) == 0)
        return HEXMCP_HAS(events, cancel) ? events->cancel : NULL;
    if (strcmp(id, HEXMCP_SEARCH_1) == 0)
        return HEXMCP_HAS(search, cancel) ? search->cancel : NULL;
    return HEXMCP_HAS(dump, cancel) ? dump->cancel : NULL;
}

/* Cancels what hexmcp_fake_begin_draft has begun, as the host does. */
static inline void hexmcp_fake_cancel_draft(hexmcp_fake_plugin *p, uint32_t kind,
                                            hexmcp_fake_asked *asked)
{
    void *self;
    void (*cancel)(void *, hexmcp_call) = hexmcp_fake_cancel_of_(p, kind, &self);
    hexmcp_fake_mark_cancelled(asked->fake, asked->call);
    if (cancel)
        cancel(self, asked->call);
}

typedef struct hexmcp_fake_restore_ {
    const hexmcp_dump_1 *table;
    const hexmcp_fake_piece *records;
} hexmcp_fake_restore_;

static inline int32_t hexmcp_fake_load_record_(const hexmcp_dump_1 *t, hexmcp_call call,
                                               const hexmcp_fake_piece *record, hexmcp_error *err)
{
    hexmcp_str json = hexmcp_str_from(record ? record->json : "");
    hexmcp_str bytes;
    int32_t status;
    bytes.ptr = record ? record->bytes : "";
    bytes.len = record ? record->len : 0;
    while ((status = t->load(t->self, call, json, bytes, record ? 0 : HEXMCP_DUMP_LAST, err)) ==
           HEXMCP_E_BUSY)
        hexmcp_fake_pause_();
    return status;
}

static inline int32_t hexmcp_fake_serve_restore_(void *arg, hexmcp_call call, const hexmcp_str *x,
                                                 hexmcp_error *err)
{
    const hexmcp_fake_restore_ *r = (const hexmcp_fake_restore_ *)arg;
    const hexmcp_fake_piece *record;
    int32_t status;
    (void)x;
    if (!r->table || !HEXMCP_HAS(r->table, restore) || !HEXMCP_HAS(r->table, load))
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin has no %s", HEXMCP_DUMP_1);
    status = r->table->restore(r->table->self, call, err);
    for (record = r->records; record && status >= HEXMCP_OK; record = record->next)
        status = hexmcp_fake_load_record_(r->table, call, record, err);
    if (status >= HEXMCP_OK)
        status = hexmcp_fake_load_record_(r->table, call, NULL, err);
    return status < HEXMCP_OK ? status : HEXMCP_PENDING;
}

/* Puts the records, as a dump emitted them, in the place of all that a store holds. */
static inline void hexmcp_fake_restore(hexmcp_fake_plugin *p, const hexmcp_fake_piece *records,
                                       hexmcp_fake_answer *ret)
{
    hexmcp_fake_restore_ restore;
    restore.table = (const hexmcp_dump_1 *)hexmcp_fake_interface(p, HEXMCP_DUMP_1);
    restore.records = records;
    hexmcp_fake_end(hexmcp_fake_begin_with(p->fake, HEXMCP_FAKE_ON_LOOP, hexmcp_fake_serve_restore_,
                                           &restore, NULL, 0),
                    ret);
}

/* Takes the pieces out, in their order; yours, for hexmcp_fake_pieces_free. */
static inline hexmcp_fake_piece *hexmcp_fake_stream_take(hexmcp_fake_stream *s)
{
    hexmcp_fake_piece *pieces = s->pieces;
    s->pieces = NULL;
    s->last_ = &s->pieces;
    return pieces;
}

static inline void hexmcp_fake_pieces_free(hexmcp_fake_piece *pieces)
{
    hexmcp_fake_stream s;
    memset(&s, 0, sizeof(s));
    s.pieces = pieces;
    hexmcp_fake_stream_clear(&s);
}

#ifdef __cplusplus
}
#endif

#endif
