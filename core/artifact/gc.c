/*
 * Garbage collection: contents that no record names, and blocks that no content names. The order
 * matters:
 *
 *   1. the blocks' values are read, with their versions;
 *   2. then the records: a put that was begun before 1 is done by now, or has been given up, because
 *      it may take 50 minutes and the grace is an hour at least;
 *   3. then the contents; one that no record names goes, if it is at the version that was seen;
 *   4. each block that is named by no content and has not been put for the grace is announced to go,
 *      at the version seen in 1. A put that came in between has changed it, and the block stays; a put
 *      that comes later sees the announcement and waits. Then the blob goes, then the announcement.
 *
 * Blobs without a value (of a put that died between the two, or restored) are given one: their grace
 * begins.
 */
#include "core/artifact/gc.h"

#include <stdlib.h>
#include <string.h>

#include "core/artifact/request.h"
#include "core/artifact/touch.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

struct found_block {
    uint8_t key[BLAKE3_BYTES];
    uint64_t version;
    struct touch touch;
    bool used;
};

struct found_content {
    uint8_t key[BLAKE3_BYTES];
    uint64_t version;
};

/* Growing arrays in buffers: of found_block by key; of digests, sorted; of found_content; of keys. */
struct gc {
    struct buffer blocks;
    struct buffer contents;   /* digests that records name */
    struct buffer unnamed;
    struct buffer strangers;  /* blobs without a value */
    size_t index;
    uint64_t blocks_seen, bytes_seen, removed, bytes_removed, contents_removed, strangers_seen;
    bool dry;
    uint64_t announced;       /* version of the announcement */
    int64_t announced_at;
};

void gc_free(struct gc *gc)
{
    if (!gc)
        return;
    buffer_clear(&gc->blocks);
    buffer_clear(&gc->contents);
    buffer_clear(&gc->unnamed);
    buffer_clear(&gc->strangers);
    free(gc);
}

static step begin, more_blocks, more_records, more_contents, next_content, content_gone, list_blobs,
    more_blobs, next_stranger, stranger_known, next_block, announced, read_announcement, blob_gone,
    value_gone;

static struct found_block *blocks(const struct gc *gc, size_t *count)
{
    *count = gc->blocks.len / sizeof(struct found_block);
    return (struct found_block *)(void *)gc->blocks.data;
}

static int by_key(const void *a, const void *b)
{
    return memcmp(a, b, BLAKE3_BYTES); /* it stands first everywhere */
}

/* The entry with this key of a sorted array; NULL without one. */
static void *search(const struct buffer *array, size_t size, const uint8_t key[BLAKE3_BYTES])
{
    size_t low = 0, high = array->len / size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        char *at = array->data + middle * size;
        int order = by_key(at, key);
        if (order == 0)
            return at;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool digest_of(struct str digits, uint8_t key[BLAKE3_BYTES])
{
    char text[BLAKE3_TEXT_SIZE] = "blake3:";
    if (digits.len != 64)
        return false;
    memcpy(text + 7, digits.ptr, 64);
    return blake3_parse((struct str){text, BLAKE3_TEXT_SIZE - 1}, key);
}

static bool key_digest(const struct kv_entry *entry, size_t behind, uint8_t key[BLAKE3_BYTES])
{
    return entry->key.len >= 64 + behind &&
           digest_of((struct str){entry->key.ptr + entry->key.len - behind - 64, 64}, key);
}

/* Goes on with a list behind its last key; false if there is no more. */
static bool go_on(struct request *r, const char *prefix, bool values,
                  void (*each)(struct request *r, const struct kv_entry *entry), step *next)
{
    struct buffer last = BUFFER_INIT;
    if (!r->more)
        return false;
    buffer_add_str(&last, buffer_str(&r->value));
    job_list(r, prefix, buffer_str(&last), 1000, values, each, next);
    buffer_clear(&last);
    return true;
}

static void take_block(struct request *r, const struct kv_entry *entry)
{
    struct found_block block = {.version = entry->version};
    struct error err;
    if (!key_digest(entry, 0, block.key) || touch_parse(entry->value, &block.touch, &err))
        return; /* not ours to judge */
    r->gc->blocks_seen++;
    r->gc->bytes_seen += block.touch.bytes;
    buffer_add(&r->gc->blocks, &block, sizeof(block));
}

static void begin(struct request *r)
{
    r->gc = calloc(1, sizeof(*r->gc));
    if (!r->gc) {
        job_failf(r, ST_NOMEM, "out of memory");
        return;
    }
    r->gc->dry = job_flag(r, "dryRun");
    job_list(r, "block/", STR(""), 1000, true, take_block, more_blocks);
}

static void take_record(struct request *r, const struct kv_entry *entry)
{
    uint8_t key[BLAKE3_BYTES];
    if (key_digest(entry, HANDLE_SIZE, key)) /* "/HANDLE" */
        buffer_add(&r->gc->contents, key, sizeof(key));
}

static void more_blocks(struct request *r)
{
    if (job_failed(r) || go_on(r, "block/", true, take_block, more_blocks))
        return;
    if (r->gc->blocks.len)
        qsort(r->gc->blocks.data, r->gc->blocks.len / sizeof(struct found_block),
              sizeof(struct found_block), by_key);
    job_list(r, "content/", STR(""), 1000, false, take_record, more_records);
}

static bool in_grace(const struct request *r, int64_t at_ms)
{
    return job_now(r) - at_ms < (int64_t)r->a->limits.grace_ms;
}

static void mark(struct request *r, const struct content *content)
{
    for (size_t i = 0; i < content->count; i++) {
        struct found_block *block =
            search(&r->gc->blocks, sizeof(struct found_block), content->blocks[i].key);
        if (block)
            block->used = true;
    }
}

/* A content that cannot be read keeps nothing from going: then all stays. */
static void take_content(struct request *r, const struct kv_entry *entry)
{
    struct found_content gone = {.version = entry->version};
    struct content content;
    struct error err;
    if (r->index)
        return;
    if (!key_digest(entry, 0, gone.key) || blocks_parse(entry->value, &content, &err)) {
        r->index = 1;
        return;
    }
    if (search(&r->gc->contents, BLAKE3_BYTES, gone.key) || in_grace(r, content.at_ms))
        mark(r, &content);
    else
        buffer_add(&r->gc->unnamed, &gone, sizeof(gone));
    blocks_clear(&content);
}

static void more_records(struct request *r)
{
    if (job_failed(r) || go_on(r, "content/", false, take_record, more_records))
        return;
    if (r->gc->contents.len)
        qsort(r->gc->contents.data, r->gc->contents.len / BLAKE3_BYTES, BLAKE3_BYTES, by_key);
    job_list(r, "manifest/", STR(""), 200, true, take_content, more_contents);
}

static void more_contents(struct request *r)
{
    const struct gc *gc = r->gc;
    if (job_failed(r))
        return;
    if (r->index) {
        job_failf(r, ST_INVALID, "the blocks of an artifact cannot be read, so nothing is removed; "
                                     "restore its value from a backup");
        return;
    }
    if (go_on(r, "manifest/", true, take_content, more_contents))
        return;
    if (buffer_failed(&gc->blocks) || buffer_failed(&gc->contents) || buffer_failed(&gc->unnamed))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        r->next = next_content;
}

static void next_content(struct request *r)
{
    struct gc *gc = r->gc;
    char key[KEY_SIZE], name[BLAKE3_TEXT_SIZE];
    if (gc->index == gc->unnamed.len / sizeof(struct found_content)) {
        gc->index = 0;
        list_blobs(r);
        return;
    }
    const struct found_content *gone =
        (struct found_content *)(void *)(gc->unnamed.data + gc->index++ * sizeof(*gone));
    if (gc->dry) {
        gc->contents_removed++;
        r->next = next_content;
        return;
    }
    blake3_text(gone->key, name);
    key_of(key, "manifest/%s", name + 7);
    const struct kv_change change = {.key = str_from(key), .remove = true, .if_version = true,
                                     .version = gone->version};
    job_apply(r, &change, 1, content_gone);
}

/* A conflict: a put came; its blocks are at other versions too. */
static void content_gone(struct request *r)
{
    if (job_failed(r))
        return;
    r->gc->contents_removed += !r->conflict;
    r->next = next_content;
}

static void blobs_listed(void *arg, const struct error *err, const struct blob_entry *entries,
                         size_t count, bool more)
{
    struct request *r = arg;
    buffer_reset(&r->value, 65536);
    r->more = !err && more;
    for (size_t i = 0; !err && i < count; i++) {
        struct found_block stranger = {.version = 0, .touch = {.bytes = entries[i].bytes}};
        if (blake3_parse(entries[i].key, stranger.key) &&
            !search(&r->gc->blocks, sizeof(struct found_block), stranger.key))
            buffer_add(&r->gc->strangers, &stranger, sizeof(stranger));
    }
    if (!err && count)
        buffer_add_str(&r->value, entries[count - 1].key);
    job_told(r, err);
}

static void list_blobs_after(struct request *r, struct str after)
{
    const struct blob_store *store = r->a->ports.blobs;
    job_wait(r, more_blobs);
    store->list(store->ctx, str_from(r->space), after, 1000, blobs_listed, r);
}

static void list_blobs(struct request *r)
{
    list_blobs_after(r, STR(""));
}

static void more_blobs(struct request *r)
{
    struct buffer last = BUFFER_INIT;
    if (job_failed(r))
        return;
    if (!r->more) {
        if (buffer_failed(&r->gc->strangers))
            job_failf(r, ST_NOMEM, "out of memory");
        else
            r->next = next_stranger;
        return;
    }
    buffer_add_str(&last, buffer_str(&r->value));
    list_blobs_after(r, buffer_str(&last));
    buffer_clear(&last);
}

/* Gives a blob without a value the one of now. */
static void next_stranger(struct request *r)
{
    struct gc *gc = r->gc;
    char key[KEY_SIZE], name[BLAKE3_TEXT_SIZE];
    struct buffer text = BUFFER_INIT;
    if (gc->dry || gc->index == gc->strangers.len / sizeof(struct found_block)) {
        gc->strangers_seen = gc->strangers.len / sizeof(struct found_block);
        gc->index = 0;
        r->next = next_block;
        return;
    }
    const struct found_block *stranger =
        (struct found_block *)(void *)(gc->strangers.data + gc->index++ * sizeof(*stranger));
    const struct touch now = {job_now(r), stranger->touch.bytes, false};
    blake3_text(stranger->key, name);
    key_of(key, "block/%s", name + 7);
    touch_write(&now, &text);
    const struct kv_change change = {.key = str_from(key), .value = buffer_str(&text),
                                     .if_version = true};
    job_apply(r, &change, 1, stranger_known);
    buffer_clear(&text);
}

static void stranger_known(struct request *r)
{
    if (!job_failed(r)) /* a conflict: a put gave it one */
        r->next = next_stranger;
}

static void answer(struct request *r)
{
    const struct gc *gc = r->gc;
    struct json_writer w = json_writer(&r->out);
    json_begin_object(&w);
    json_put_bool(&w, STR("dryRun"), gc->dry);
    json_put_i64(&w, STR("blocks"), (int64_t)gc->blocks_seen);
    json_put_i64(&w, STR("bytes"), (int64_t)gc->bytes_seen);
    json_put_i64(&w, STR("removedContents"), (int64_t)gc->contents_removed);
    json_put_i64(&w, STR("removedBlocks"), (int64_t)gc->removed);
    json_put_i64(&w, STR("removedBytes"), (int64_t)gc->bytes_removed);
    json_put_i64(&w, STR("unknownBlobs"), (int64_t)gc->strangers_seen);
    json_end_object(&w);
    job_answer(r, buffer_str(&r->out));
}

/* A removal that somebody announced belongs to him, unless he has died. */
static bool may_go(const struct request *r, const struct found_block *block)
{
    if (block->used)
        return false;
    if (block->touch.removing)
        return job_now(r) - block->touch.at_ms >= TOUCH_REMOVING_MS;
    return !in_grace(r, block->touch.at_ms);
}

static void block_key(const struct found_block *block, char key[KEY_SIZE])
{
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(block->key, name);
    key_of(key, "block/%s", name + 7);
}

static void next_block(struct request *r)
{
    struct gc *gc = r->gc;
    size_t count;
    const struct found_block *all = blocks(gc, &count);
    struct buffer text = BUFFER_INIT;
    char key[KEY_SIZE];
    while (gc->index < count && !may_go(r, &all[gc->index]))
        gc->index++;
    if (gc->index == count || operation_cancelled(r->call)) {
        answer(r);
        return;
    }
    const struct found_block *block = &all[gc->index];
    if (gc->dry) {
        gc->removed++;
        gc->bytes_removed += block->touch.bytes;
        gc->index++;
        r->next = next_block;
        return;
    }
    gc->announced_at = job_now(r);
    const struct touch gone = {gc->announced_at, block->touch.bytes, true};
    block_key(block, key);
    touch_write(&gone, &text);
    const struct kv_change change = {.key = str_from(key), .value = buffer_str(&text),
                                     .if_version = true, .version = block->version};
    job_apply(r, &change, 1, announced);
    buffer_clear(&text);
}

static void announced(struct request *r)
{
    char key[KEY_SIZE];
    size_t count;
    if (job_failed(r))
        return;
    if (r->conflict) {
        r->gc->index++;
        r->next = next_block;
        return;
    }
    block_key(&blocks(r->gc, &count)[r->gc->index], key);
    job_get(r, key, read_announcement);
}

/* Its version is needed to take it back; and if it took long to come here, another may believe that
 * this collection has died. */
static void read_announcement(struct request *r)
{
    size_t count;
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return;
    if (r->code || job_now(r) - r->gc->announced_at > TOUCH_REMOVING_MS / 2) {
        r->gc->index++;
        r->next = next_block;
        return;
    }
    r->gc->announced = r->version;
    job_remove_blob(r, blocks(r->gc, &count)[r->gc->index].key, blob_gone);
}

static void blob_gone(struct request *r)
{
    char key[KEY_SIZE];
    size_t count;
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return;
    block_key(&blocks(r->gc, &count)[r->gc->index], key);
    const struct kv_change change = {.key = str_from(key), .remove = true, .if_version = true,
                                     .version = r->gc->announced};
    job_apply(r, &change, 1, value_gone);
}

static void value_gone(struct request *r)
{
    size_t count;
    if (job_failed(r))
        return;
    r->gc->removed++;
    r->gc->bytes_removed += blocks(r->gc, &count)[r->gc->index].touch.bytes;
    r->gc->index++;
    r->next = next_block;
}

void artifact_gc(void *domain, struct operation_call *call)
{
    job_begin(domain, call, begin);
}
