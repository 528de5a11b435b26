#include "tests/core/fakes/fake_blob_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/str.h"

struct fake_blob {
    struct fake_blob *next;
    char *space, *key;
    char *bytes;
    size_t len;
};

struct blob_put {
    struct fake_blob_store *fake;
    struct fake_blob *blob;
    size_t at;
    bool busy;
};

enum answer_kind { ANSWER_READY, ANSWER_WRITTEN, ANSWER_GOT, ANSWER_STAT, ANSWER_LISTED, ANSWER_REMOVED };

/* What will be told, with copies of all that it needs. */
struct fake_answer {
    struct fake_answer *next;
    enum answer_kind kind;
    struct error err;
    void *arg;
    void (*ready)(void *arg, const struct error *err, struct blob_put *put);
    void (*done)(void *arg, const struct error *err);
    void (*entry)(void *arg, const struct error *err, const struct blob_entry *entry);
    void (*listed)(void *arg, const struct error *err, const struct blob_entry *entries, size_t count,
                   bool more);
    struct blob_sink sink;
    struct blob_put *put;
    char *bytes; /* a part of a blob, or the keys of a list */
    size_t len;
    uint64_t whole;
    struct blob_entry *entries;
    size_t count;
    bool more;
};

static void require(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "fake_blob_store: %s\n", what);
        abort();
    }
}

static void *must(void *memory)
{
    require(memory, "out of memory");
    return memory;
}

static char *text_of(struct str s)
{
    char *copy = must(malloc(s.len + 1));
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

static struct fake_blob **find(struct fake_blob_store *fake, struct str space, struct str key)
{
    struct fake_blob **at = &fake->blobs;
    while (*at) {
        int order = str_cmp(str_from((*at)->space), space);
        if (order == 0)
            order = str_cmp(str_from((*at)->key), key);
        if (order >= 0)
            break;
        at = &(*at)->next;
    }
    return at;
}

static bool is(const struct fake_blob *blob, struct str space, struct str key)
{
    return blob && str_eq(str_from(blob->space), space) && str_eq(str_from(blob->key), key);
}

static void blob_free(struct fake_blob *blob)
{
    free(blob->space);
    free(blob->key);
    free(blob->bytes);
    free(blob);
}

static void got(struct fake_answer *a, const struct error *err)
{
    for (size_t at = 0; !err && at < a->len;) {
        size_t part = a->len - at < 65536 ? a->len - at : 65536;
        a->sink.piece(a->sink.arg, (struct str){a->bytes + at, part});
        at += part;
    }
    a->sink.done(a->sink.arg, err, err ? 0 : a->whole);
}

static void tell(struct fake_answer *a)
{
    const struct error *err = a->err.code ? &a->err : NULL;
    switch (a->kind) {
    case ANSWER_READY:
        a->ready(a->arg, err, err ? NULL : a->put);
        break;
    case ANSWER_WRITTEN:
        if (!err && a->put)
            a->put->busy = false;
        a->done(a->arg, err);
        break;
    case ANSWER_GOT:
        got(a, err);
        break;
    case ANSWER_STAT:
        a->entry(a->arg, err, err ? NULL : a->entries);
        break;
    case ANSWER_LISTED:
        a->listed(a->arg, err, a->entries, a->count, a->more);
        break;
    case ANSWER_REMOVED:
        a->done(a->arg, err);
        break;
    }
    free(a->bytes);
    free(a->entries);
    free(a);
}

static struct fake_answer *answer(struct fake_blob_store *fake, enum answer_kind kind, void *arg)
{
    struct fake_answer *a = must(calloc(1, sizeof(*a)));
    a->kind = kind;
    a->arg = arg;
    if (fake->fail_next && fake->fail_after-- <= 0) {
        error_set(&a->err, fake->fail_next, "the store of blobs fails");
        fake->fail_next = 0;
    }
    return a;
}

static void give(struct fake_blob_store *fake, struct fake_answer *a)
{
    if (!fake->hold && !fake->first) {
        tell(a);
        return;
    }
    *fake->last = a;
    fake->last = &a->next;
}

static void put(void *ctx, struct str space, struct str key, uint64_t bytes,
                void (*ready)(void *arg, const struct error *err, struct blob_put *put), void *arg)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_READY, arg);
    a->ready = ready;
    fake->puts++;
    if (!a->err.code && !is(*find(fake, space, key), space, key)) {
        a->put = must(calloc(1, sizeof(*a->put)));
        a->put->fake = fake;
        a->put->blob = must(calloc(1, sizeof(*a->put->blob)));
        *a->put->blob = (struct fake_blob){NULL, text_of(space), text_of(key),
                                           must(malloc(bytes + 1)), bytes};
        fake->open++;
    }
    give(fake, a);
}

static void drop(void *ctx, struct blob_put *given)
{
    struct fake_blob_store *fake = ctx;
    require(!given->busy, "a put is dropped while it is written");
    fake->open--;
    blob_free(given->blob);
    free(given);
}

/* Another put of the same blob may have been faster. */
static void keep(struct fake_blob_store *fake, struct blob_put *given)
{
    struct fake_blob *blob = given->blob;
    struct fake_blob **at = find(fake, str_from(blob->space), str_from(blob->key));
    require(given->at == blob->len, "the last bytes came before all that were announced");
    if (is(*at, str_from(blob->space), str_from(blob->key))) {
        blob_free(blob);
    } else {
        blob->next = *at;
        *at = blob;
        fake->stored++;
    }
    fake->open--;
    free(given);
}

static void write(void *ctx, struct blob_put *given, struct str bytes, bool last,
                  void (*done)(void *arg, const struct error *err), void *arg)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_WRITTEN, arg);
    require(!given->busy, "bytes came before those before them were written");
    require(bytes.len <= BLOB_PIECE_MAX, "a piece is too long");
    require(bytes.len <= given->blob->len - given->at, "more bytes came than were announced");
    a->done = done;
    if (a->err.code) {
        drop(fake, given);
    } else {
        if (bytes.len)
            memcpy(given->blob->bytes + given->at, bytes.ptr, bytes.len);
        given->at += bytes.len;
        if (last) {
            keep(fake, given);
        } else {
            given->busy = true;
            a->put = given;
        }
    }
    give(fake, a);
}

static void not_found(struct fake_answer *a)
{
    if (!a->err.code)
        error_set(&a->err, ST_NOT_FOUND, "there is no such blob");
}

static void get(void *ctx, struct str space, struct str key, uint64_t offset, uint64_t length,
                const struct blob_sink *sink)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_GOT, NULL);
    const struct fake_blob *blob = *find(fake, space, key);
    a->sink = *sink;
    fake->gets++;
    if (!is(blob, space, key)) {
        not_found(a);
    } else if (!a->err.code) {
        size_t from = offset < blob->len ? (size_t)offset : blob->len;
        a->whole = blob->len;
        a->len = blob->len - from;
        if (length && length < a->len)
            a->len = (size_t)length;
        a->bytes = text_of((struct str){blob->bytes + from, a->len});
        fake->read += a->len;
    }
    give(fake, a);
}

static void stat(void *ctx, struct str space, struct str key,
                 void (*done)(void *arg, const struct error *err, const struct blob_entry *entry),
                 void *arg)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_STAT, arg);
    const struct fake_blob *blob = *find(fake, space, key);
    a->entry = done;
    if (!is(blob, space, key)) {
        not_found(a);
    } else {
        a->bytes = text_of(key);
        a->entries = must(calloc(1, sizeof(*a->entries)));
        *a->entries = (struct blob_entry){{a->bytes, key.len}, blob->len, blob->len};
    }
    give(fake, a);
}

static void fill(struct fake_answer *a, const struct fake_blob *blob, struct str space, uint32_t limit)
{
    size_t used = 0;
    a->entries = must(calloc(limit, sizeof(*a->entries)));
    a->bytes = must(malloc((size_t)limit * 513));
    for (; blob && str_eq(str_from(blob->space), space); blob = blob->next) {
        size_t len = strlen(blob->key);
        if (a->count == limit) {
            a->more = true;
            return;
        }
        memcpy(a->bytes + used, blob->key, len);
        a->entries[a->count++] =
            (struct blob_entry){{a->bytes + used, len}, blob->len, blob->len};
        used += len;
    }
}

static void list(void *ctx, struct str space, struct str after, uint32_t limit,
                 void (*done)(void *arg, const struct error *err, const struct blob_entry *entries,
                              size_t count, bool more),
                 void *arg)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_LISTED, arg);
    const struct fake_blob *blob = *find(fake, space, after);
    require(limit >= 1 && limit <= 1000, "a limit is not 1 to 1,000");
    a->listed = done;
    if (is(blob, space, after))
        blob = blob->next;
    if (!a->err.code)
        fill(a, blob, space, limit);
    give(fake, a);
}

static void remove_blob(void *ctx, struct str space, struct str key,
                        void (*done)(void *arg, const struct error *err), void *arg)
{
    struct fake_blob_store *fake = ctx;
    struct fake_answer *a = answer(fake, ANSWER_REMOVED, arg);
    struct fake_blob **at = find(fake, space, key);
    a->done = done;
    fake->removes++;
    if (!is(*at, space, key)) {
        not_found(a);
    } else if (!a->err.code) {
        struct fake_blob *blob = *at;
        *at = blob->next;
        blob_free(blob);
    }
    give(fake, a);
}

void fake_blob_store_init(struct fake_blob_store *fake)
{
    *fake = (struct fake_blob_store){.port = {.ctx = fake, .put = put, .write = write, .drop = drop,
                                              .get = get, .stat = stat, .list = list,
                                              .remove = remove_blob}};
    fake->last = &fake->first;
}

size_t fake_blob_store_release(struct fake_blob_store *fake, size_t count)
{
    size_t told = 0;
    while (told < count && fake->first) {
        struct fake_answer *a = fake->first;
        fake->first = a->next;
        if (!fake->first)
            fake->last = &fake->first;
        tell(a);
        told++;
    }
    return told;
}

/* What is still held is told, so that nobody waits for it. */
void fake_blob_store_clear(struct fake_blob_store *fake)
{
    while (fake_blob_store_release(fake, SIZE_MAX))
        continue;
    while (fake->blobs) {
        struct fake_blob *blob = fake->blobs;
        fake->blobs = blob->next;
        blob_free(blob);
    }
}

size_t fake_blob_store_count(const struct fake_blob_store *fake)
{
    size_t count = 0;
    for (const struct fake_blob *blob = fake->blobs; blob; blob = blob->next)
        count++;
    return count;
}

char *fake_blob_store_bytes(const struct fake_blob_store *fake, const char *space, const char *key,
                            size_t *len)
{
    struct fake_blob *blob = fake->blobs;
    while (blob && (strcmp(blob->space, space) != 0 || strcmp(blob->key, key) != 0))
        blob = blob->next;
    if (!blob)
        return NULL;
    if (len)
        *len = blob->len;
    return blob->bytes;
}
