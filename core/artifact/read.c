/* Artifacts go out: only the blocks that the range touches are read, one after the other. */
#include <stdlib.h>

#include "core/artifact/request.h"
#include "core/base/format.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

static step found, took_content, next_block, took_block, opened;

static void get(struct request *r)
{
    job_find_target(r, found);
}

static struct str record_id(const struct request *r)
{
    struct str id = {"", 0};
    json_plain(json_get(json_root(r->record), STR("id")), &id);
    return id;
}

static void found(struct request *r)
{
    char key[KEY_SIZE], digits[65];
    if (!id_digits(record_id(r), digits)) {
        job_failf(r, ST_INVALID, "the record of an artifact is damaged; restore it from a backup");
        return;
    }
    key_of(key, "manifest/%s", digits);
    job_get(r, key, took_content);
}

static bool take_range(struct request *r)
{
    uint64_t offset = job_number(r, "offset", 0), length = job_number(r, "length", 0);
    if (offset > r->content.size) {
        job_failf(r, ST_INVALID, "the artifact has %" FORMAT_U64 " bytes, and offset %" FORMAT_U64
                                     " is behind them",
                      r->content.size, offset);
        return false;
    }
    r->at = offset;
    r->end = length && length < r->content.size - offset ? offset + length : r->content.size;
    return true;
}

static void took_content(struct request *r)
{
    struct error err;
    struct json_writer w = json_writer(&r->out);
    if (job_failed(r))
        return;
    if (blocks_parse(buffer_str(&r->value), &r->content, &err)) {
        job_fail(r, &err);
        return;
    }
    if (!take_range(r))
        return;
    r->squeezed = malloc(BLOCK_BYTES);
    json_begin_object(&w);
    json_put_raw(&w, STR("artifact"), json_text(json_root(r->record)));
    json_put_i64(&w, STR("offset"), (int64_t)r->at);
    json_put_i64(&w, STR("length"), (int64_t)(r->end - r->at));
    json_end_object(&w);
    if (!r->squeezed || buffer_failed(&r->out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        r->next = next_block;
}

static void next_block(struct request *r)
{
    if (operation_cancelled(r->call)) {
        job_failf(r, ST_CANCELLED, "nobody reads any more");
        return;
    }
    if (r->at == r->end) {
        job_answer(r, buffer_str(&r->out));
        return;
    }
    r->index = (size_t)(r->at / BLOCK_BYTES);
    r->block = r->content.blocks[r->index];
    job_blob(r, r->block.key, took_block);
}

/* [worker] */
static void open_block(struct request *r)
{
    r->code = block_open(r->a->ports.codec, &r->block, buffer_str(&r->bytes),
                         blocks_block_bytes(&r->content, r->index), r->squeezed, &r->piece, &r->err);
}

static void took_block(struct request *r)
{
    char name[BLAKE3_TEXT_SIZE];
    if (r->code == ST_NOT_FOUND) {
        blake3_text(r->block.key, name);
        job_failf(r, ST_INVALID, "the blob %s is missing in the store; restore it from a backup",
                      name);
        return;
    }
    if (!job_failed(r))
        job_work(r, open_block, opened);
}

/* Not larger than what a plugin takes at once, with the JSON. */
#define PIECE_MAX ((size_t)1 << 19)

static bool give(struct request *r, size_t from, size_t len)
{
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    json_begin_object(&w);
    json_put_i64(&w, STR("offset"), (int64_t)r->at);
    json_end_object(&w);
    bool taken = operation_piece(r->call, buffer_str(&json), (struct str){r->piece.ptr + from, len});
    buffer_clear(&json);
    r->at += len;
    if (!taken)
        job_failf(r, ST_UNSUPPORTED, "artifact.get answers in pieces, and nobody takes them");
    return taken;
}

static void opened(struct request *r)
{
    if (job_failed(r))
        return;
    uint64_t begin = (uint64_t)r->index * BLOCK_BYTES;
    uint64_t end = r->end - begin < r->piece.len ? r->end : begin + r->piece.len;
    while (r->at < end) {
        size_t len = end - r->at < PIECE_MAX ? (size_t)(end - r->at) : PIECE_MAX;
        if (!give(r, (size_t)(r->at - begin), len))
            return;
    }
    r->next = next_block;
}

void artifact_get(void *domain, struct operation_call *call)
{
    job_begin(domain, call, get);
}

static step told;

static void stat(struct request *r)
{
    job_find_target(r, told);
}

static void told(struct request *r)
{
    struct json_writer w = json_writer(&r->out);
    json_begin_object(&w);
    json_put_raw(&w, STR("artifact"), json_text(json_root(r->record)));
    json_end_object(&w);
    if (buffer_failed(&r->out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_answer(r, buffer_str(&r->out));
}

void artifact_stat(void *domain, struct operation_call *call)
{
    job_begin(domain, call, stat);
}
