/*
 * Putting a block so that no garbage collection takes it away. The value "block/DIGEST" says when a put
 * last wanted it; it is written before the blob is looked for. A collection (gc.c) removes a blob only
 * after it has changed that value, from the version that it has seen, into one that says so.
 */
#include <string.h>

#include "core/artifact/request.h"
#include "core/artifact/touch.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TRIES_MAX 20

void touch_write(const struct touch *touch, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("at"), touch->at_ms);
    json_put_i64(&w, STR("bytes"), (int64_t)touch->bytes);
    json_put_bool(&w, STR("removing"), touch->removing);
    json_end_object(&w);
}

int touch_parse(struct str text, struct touch *out, struct error *err)
{
    struct json_doc *doc;
    int64_t bytes = 0;
    struct touch touch = {0, 0, false};
    int rc = json_parse(text, &doc, err);
    if (rc)
        return rc;
    struct json root = json_root(doc);
    bool right = json_int64(json_get(root, STR("at")), &touch.at_ms) &&
                 json_int64(json_get(root, STR("bytes")), &bytes) && bytes >= 0 &&
                 json_bool(json_get(root, STR("removing")), &touch.removing);
    json_free(doc);
    if (!right)
        return error_set(err, ST_INVALID, "the value that a block of an artifact has is damaged");
    touch.bytes = (uint64_t)bytes;
    *out = touch;
    return ST_OK;
}

static step look, touch, touched, put_blob, ready, written;

static void block_key(const struct request *r, char key[KEY_SIZE])
{
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(r->block.key, name);
    key_of(key, "block/%s", name + 7);
}

void job_store_block(struct request *r, step *next)
{
    r->block_then = next;
    r->tries = 0;
    look(r);
}

static void look(struct request *r)
{
    char key[KEY_SIZE];
    block_key(r, key);
    job_get(r, key, touch);
}

static void touch(struct request *r)
{
    struct touch seen, now = {job_now(r), r->block.stored, false};
    struct error err;
    struct buffer text = BUFFER_INIT;
    char key[KEY_SIZE];
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return;
    if (!r->code && touch_parse(buffer_str(&r->value), &seen, &err)) {
        job_fail(r, &err);
        return;
    }
    if (!r->code && seen.removing && now.at_ms - seen.at_ms < TOUCH_REMOVING_MS) {
        job_failf(r, ST_BUSY, "a garbage collection is removing a part of these bytes that "
                                  "nothing used; put them again in a minute");
        return;
    }
    block_key(r, key);
    touch_write(&now, &text);
    const struct kv_change change = {.key = str_from(key), .value = buffer_str(&text),
                                     .if_version = true, .version = r->version};
    job_apply(r, &change, 1, touched);
    buffer_clear(&text);
}

static void touched(struct request *r)
{
    if (job_failed(r))
        return;
    if (!r->conflict)
        put_blob(r);
    else if (++r->tries < TRIES_MAX)
        look(r);
    else
        job_failf(r, ST_BUSY, "too many others store the same bytes; try again in a moment");
}

static void put_ready(void *arg, const struct error *err, struct blob_put *put);
static void put_written(void *arg, const struct error *err);

static void put_blob(struct request *r)
{
    const struct blob_store *blobs = r->a->ports.blobs;
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(r->block.key, name);
    job_wait(r, ready);
    blobs->put(blobs->ctx, str_from(r->space), str_from(name), r->block_bytes.len, put_ready, r);
}

static void put_ready(void *arg, const struct error *err, struct blob_put *put)
{
    struct request *r = arg;
    const struct blob_store *blobs = r->a->ports.blobs;
    r->put = err ? NULL : put;
    if (r->put && r->a->closed) /* nobody goes on with it */
        blobs->drop(blobs->ctx, put);
    job_told(r, err);
}

static void ready(struct request *r)
{
    const struct blob_store *blobs = r->a->ports.blobs;
    if (job_failed(r))
        return;
    if (!r->put) {
        r->next = r->block_then;
        return;
    }
    job_wait(r, written);
    blobs->write(blobs->ctx, r->put, r->block_bytes, true, put_written, r);
}

static void put_written(void *arg, const struct error *err)
{
    job_told(arg, err);
}

static void written(struct request *r)
{
    r->put = NULL;
    if (!job_failed(r))
        r->next = r->block_then;
}
