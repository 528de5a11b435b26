/*
 * Blobs on their way: the loop fills parts, the write thread stores them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"

/* While so much waits to be written, no more bytes of blobs are taken. */
#define WAITING_BLOB_BYTES ((size_t)16 << 20)

struct put {
    struct put *next; /* the loop's, as all of this block */
    struct store *store;
    hexmcp_call call;
    char *space;
    char *key;
    int64_t declared;
    int64_t received;
    uint32_t parts; /* handed over */
    struct request *part;

    atomic_int refs;
    atomic_bool over;
    int64_t number; /* the write thread's */
    bool exists;
};

void put_lost(struct put *put)
{
    put->number = 0;
}

bool put_end(struct put *put)
{
    return !atomic_exchange(&put->over, true);
}

void put_unref(struct put *put)
{
    if (atomic_fetch_sub(&put->refs, 1) > 1)
        return;
    free(put->space);
    free(put->key);
    free(put);
}

static int32_t store_part(struct db *db, struct request *r, hexmcp_error *err)
{
    struct put *put = r->put;
    struct blob there;
    int32_t status = HEXMCP_OK;
    if (r->part == 0) {
        status = blob_find(db, r->space, r->key, &there, err);
        put->exists = there.number != 0;
        if (status == HEXMCP_OK && !put->exists)
            status = blob_begin(db, r->space, r->key, &put->number, err);
    }
    if (status != HEXMCP_OK || put->exists || (r->part == 0 && r->bytes.len == 0))
        return status;
    return blob_add_part(db, put->number, r->part, r->bytes, err);
}

static int32_t store_last(struct db *db, struct request *r, hexmcp_error *err)
{
    struct put *put = r->put;
    struct blob there;
    int32_t status = blob_find(db, r->space, r->key, &there, err);
    if (status != HEXMCP_OK)
        return status;
    if (there.number) {
        OUT(&r->answer, "{\"stored\":false}");
        return put->exists ? HEXMCP_OK : blob_hide(db, put->number, err);
    }
    if (put->exists)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the blob was removed while it was put; put it again");
    OUT(&r->answer, "{\"stored\":true}");
    return blob_show(db, put->number, put->declared, err);
}

static int32_t run_part(struct db *db, struct request *r, hexmcp_error *err)
{
    /* A number that was rolled back may be that of another blob by now. */
    if (r->part == 0)
        r->put->number = 0;
    if (atomic_load(&r->put->over))
        return SILENT;
    int32_t status = store_part(db, r, err);
    if (status != HEXMCP_OK)
        return status;
    return r->last ? store_last(db, r, err) : SILENT;
}

static int32_t run_drop(struct db *db, struct request *r, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (r->put->number)
        status = blob_hide(db, r->put->number, err);
    return status == HEXMCP_OK ? SILENT : status;
}

static const struct operation put_part = {NULL, run_part};
static const struct operation put_drop = {NULL, run_drop};

static struct put *find(struct store *store, hexmcp_call call)
{
    struct put *put = store->puts;
    while (put && put->call != call)
        put = put->next;
    return put;
}

/* Takes it out of the loop's list; its parts on their way keep it. */
static void forget(struct put *put)
{
    struct put **at = &put->store->puts;
    while (*at != put)
        at = &(*at)->next;
    *at = put->next;
    request_free(put->part);
    put->part = NULL;
    put_unref(put);
}

static struct request *make_request(struct put *put, const struct operation *operation, size_t room)
{
    const hexmcp_str texts[4] = {hexmcp_str_from(put->space), hexmcp_str_from(put->key), STR(""),
                                 {NULL, room}};
    struct request *r = request_new(operation, put->store, put->call, texts);
    if (!r)
        return NULL;
    atomic_fetch_add(&put->refs, 1);
    r->put = put;
    r->bytes.len = 0;
    return r;
}

/* Nothing of it stays; what this cannot remove is reaped when its lease has run out. */
static void drop(struct put *put)
{
    hexmcp_error err = {.size = sizeof(err)};
    struct request *r = put->parts > 0 ? make_request(put, &put_drop, 0) : NULL;
    put_end(put);
    if (r && store_push_write(put->store, r, true, &err) < 0)
        request_free(r);
    forget(put);
}

bool put_cancel(struct store *store, hexmcp_call call)
{
    struct put *put = find(store, call);
    if (!put)
        return false;
    if (put_end(put))
        store->host->complete(store->host->ctx, call, HEXMCP_CANCELLED, STR("{}"));
    drop(put);
    return true;
}

void put_end_all(struct store *store)
{
    while (store->puts)
        put_cancel(store, store->puts->call);
}

/* Those that have failed and were not written to since. */
static void sweep(struct store *store)
{
    for (struct put *put = store->puts; put;) {
        struct put *next = put->next;
        if (atomic_load(&put->over))
            drop(put);
        put = next;
    }
}

static char *copy(hexmcp_str text)
{
    char *to = malloc(text.len + 1);
    if (to) {
        memcpy(to, text.ptr, text.len);
        to[text.len] = '\0';
    }
    return to;
}

static struct put *put_new(struct store *store, hexmcp_call call, hexmcp_str space, hexmcp_str key)
{
    struct put *put = calloc(1, sizeof(*put));
    if (!put)
        return NULL;
    atomic_init(&put->refs, 1);
    put->store = store;
    put->call = call;
    put->space = copy(space);
    put->key = copy(key);
    if (put->space && put->key)
        return put;
    put_unref(put);
    return NULL;
}

int32_t put_begin(struct store *store, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                  hexmcp_str info, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("bytes")};
    hexmcp_str v[1];
    int64_t bytes = -1;
    if (!store->started)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the store has stopped");
    if (store_check_name(space, "the space", err) != HEXMCP_OK ||
        store_check_name(key, "the key", err) != HEXMCP_OK ||
        text_members(info, names, v, 1, "the description of the blob", err) != HEXMCP_OK ||
        text_number(v[0], 0, (int64_t)PART_BYTES * PARTS_MAX, "\"bytes\"", &bytes, err) != HEXMCP_OK)
        return err->code;
    if (bytes < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"bytes\" of the blob must be given");
    sweep(store);
    struct put *put = put_new(store, call, space, key);
    if (!put)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    put->declared = bytes;
    put->next = store->puts;
    store->puts = put;
    return HEXMCP_PENDING;
}

/* Hands over the part that is full, or the last. */
static int32_t hand_over(struct put *put, bool last, hexmcp_error *err)
{
    struct request *r = put->part ? put->part : make_request(put, &put_part, 0);
    put->part = NULL;
    if (!r)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    r->part = put->parts;
    r->last = last;
    if (store_push_write(put->store, r, true, err) < 0) {
        request_free(r);
        return err->code;
    }
    put->parts++;
    return HEXMCP_OK;
}

static int32_t fill(struct put *put, hexmcp_str bytes, hexmcp_error *err)
{
    while (bytes.len > 0) {
        int64_t left = put->declared - put->received + (put->part ? (int64_t)put->part->bytes.len : 0);
        size_t room = left < (int64_t)PART_BYTES ? (size_t)left : PART_BYTES;
        if (!put->part && !(put->part = make_request(put, &put_part, room)))
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
        hexmcp_str *part = &put->part->bytes;
        size_t more = room - part->len < bytes.len ? room - part->len : bytes.len;
        memcpy((char *)(uintptr_t)part->ptr + part->len, bytes.ptr, more);
        part->len += more;
        put->received += (int64_t)more;
        bytes.ptr += more;
        bytes.len -= more;
        if (part->len == room && put->received < put->declared && hand_over(put, false, err) != HEXMCP_OK)
            return err->code;
    }
    return HEXMCP_OK;
}

static int32_t take(struct put *put, hexmcp_str bytes, bool last, hexmcp_error *err)
{
    int64_t after = put->received + (int64_t)bytes.len;
    if (bytes.len > HEXMCP_STREAM_PIECE_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "at most %d bytes can be written at once",
                           HEXMCP_STREAM_PIECE_MAX);
    if (after > put->declared || (last && after < put->declared))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%lld bytes of the blob came, but \"bytes\" says %lld; say how many come",
                           (long long)after, (long long)put->declared);
    int32_t status = fill(put, bytes, err);
    return status == HEXMCP_OK && last ? hand_over(put, true, err) : status;
}

static bool much_waits(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    bool much = store->writes.bytes > WAITING_BLOB_BYTES;
    pthread_mutex_unlock(&store->mutex);
    return much;
}

int32_t put_write(struct store *store, hexmcp_call call, hexmcp_str bytes, bool last,
                  hexmcp_error *err)
{
    struct put *put = find(store, call);
    if (!put || atomic_load(&put->over)) {
        if (put)
            drop(put);
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the put of the blob has ended; put it again");
    }
    if (much_waits(store))
        return hexmcp_fail(err, HEXMCP_E_BUSY,
                           "too much waits for the store %.300s; try again a little later",
                           store->config.path);
    int32_t status = take(put, bytes, last, err);
    if (status != HEXMCP_OK) {
        if (put_end(put)) {
            drop(put);
            return status;
        }
        drop(put);
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the put of the blob has ended; put it again");
    }
    if (!last)
        return HEXMCP_OK;
    forget(put);
    return HEXMCP_PENDING;
}
