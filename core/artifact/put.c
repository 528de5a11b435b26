/* Artifacts come in: whole with artifact.put, or in pieces with begin, write, finish or drop. */
#include <stdlib.h>
#include <string.h>

#include "core/artifact/upload.h"
#include "core/base/format.h"
#include "core/base/hex.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

static void upload_free(struct upload *upload)
{
    blocks_clear(&upload->content);
    json_free(upload->facts);
    free(upload->space);
    free(upload);
}

/* Records are read in lists, which leave out what is longer than 64 KiB. */
#define FACTS_MAX ((size_t)32768)

void uploads_free(struct artifacts *a)
{
    while (a->uploads)
        upload_end(a, a->uploads);
}

void upload_end(struct artifacts *a, struct upload *upload)
{
    struct upload **at = &a->uploads;
    while (*at && *at != upload)
        at = &(*at)->next;
    if (*at) {
        *at = upload->next;
        a->upload_count--;
    }
    upload_free(upload);
}

static void forget_idle(struct request *r)
{
    int64_t now = job_now(r);
    struct upload *upload = r->a->uploads;
    while (upload) {
        struct upload *next = upload->next;
        if (!upload->busy && (now - upload->used_ms > UPLOAD_IDLE_MS ||
                              now - upload->begun_ms > UPLOAD_TOTAL_MS))
            upload_end(r->a, upload);
        upload = next;
    }
}

static int fill(struct request *r, struct upload *upload, struct error *err)
{
    struct str facts = json_text(r->args);
    size_t space = strlen(r->space) + 1;
    char *copy = malloc(facts.len + 1);
    upload->space = malloc(space);
    if (!copy || !upload->space) {
        free(copy);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    memcpy(copy, facts.ptr, facts.len);
    memcpy(upload->space, r->space, space);
    memcpy(upload->caller, r->caller, sizeof(upload->caller));
    upload->begun_ms = upload->used_ms = job_now(r);
    blake3_init(&upload->hash);
    return json_parse_take(copy, facts.len, &upload->facts, err);
}

static struct upload *upload_new(struct request *r)
{
    struct error err;
    if (json_text(r->args).len > FACTS_MAX) {
        job_failf(r, ST_TOO_LARGE, "what is said of an artifact has at most %zu bytes; keep less in "
                                       "\"custom\"",
                      FACTS_MAX);
        return NULL;
    }
    struct upload *upload = calloc(1, sizeof(*upload));
    if (!upload) {
        job_failf(r, ST_NOMEM, "out of memory");
        return NULL;
    }
    if (fill(r, upload, &err)) {
        upload_free(upload);
        job_fail(r, &err);
        return NULL;
    }
    return upload;
}

static struct upload *find(struct request *r)
{
    struct str id = job_text(r, "upload");
    forget_idle(r);
    struct upload *upload = r->a->uploads;
    while (upload && !(str_eq(str_from(upload->id), id) &&
                       strcmp(upload->caller, r->caller) == 0 &&
                       strcmp(upload->space, r->space) == 0))
        upload = upload->next;
    if (!upload)
        job_failf(r, ST_NOT_FOUND,
                      "there is no upload %.*s; it may have waited too long: begin again with "
                      "artifact.begin",
                      STR_ARG(id));
    else if (upload->busy)
        job_failf(r, ST_BUSY, "the upload %.*s still writes; wait for the answer before the next "
                                  "piece",
                      STR_ARG(id));
    else
        return upload;
    return NULL;
}

/* [worker] The upload belongs to the request. */
static void seal(struct request *r)
{
    struct upload *upload = r->upload;
    struct str raw = {upload->raw, upload->len};
    blake3_update(&upload->hash, raw.ptr, raw.len);
    r->code = block_seal(r->a->ports.codec, raw, upload->squeezed, &r->block, &r->block_bytes, &r->err);
}

static step sealed, stored;

void upload_flush(struct request *r, step *next)
{
    r->found = next;
    if (r->upload->len == 0)
        r->next = next;
    else
        job_work(r, seal, sealed);
}

static void sealed(struct request *r)
{
    if (!job_failed(r))
        job_store_block(r, stored);
}

static void stored(struct request *r)
{
    struct upload *upload = r->upload;
    if (!blocks_add(&upload->content, &r->block, upload->len)) {
        job_failf(r, ST_NOMEM, "out of memory");
        return;
    }
    upload->len = 0;
    r->next = r->found;
}

static step take, written, finish;

/* A full block is stored before the byte after it is taken. */
static void take(struct request *r)
{
    struct upload *upload = r->upload;
    struct str bytes = operation_bytes(r->call);
    size_t left = bytes.len - r->taken;
    if (left == 0) {
        written(r);
        return;
    }
    if (upload->len == BLOCK_BYTES) {
        upload_flush(r, take);
        return;
    }
    size_t part = BLOCK_BYTES - upload->len < left ? BLOCK_BYTES - upload->len : left;
    memcpy(upload->raw + upload->len, bytes.ptr + r->taken, part);
    upload->len += part;
    r->taken += part;
    r->next = take;
}

static bool too_large(struct request *r, const struct upload *upload)
{
    uint64_t whole = upload->content.size + upload->len + operation_bytes(r->call).len;
    uint64_t most = r->a->limits.artifact_bytes;
    if (whole > most)
        job_failf(r, ST_TOO_LARGE,
                      "an artifact has at most %" FORMAT_U64 " bytes, and this one would have %" FORMAT_U64
                      "; artifacts.max_bytes sets the limit",
                      most, whole);
    return whole > most;
}

static void written(struct request *r)
{
    struct json_writer w = json_writer(&r->out);
    struct upload *upload = r->upload;
    if (upload->single) {
        upload_flush(r, finish);
        return;
    }
    r->upload = NULL;
    upload->busy = false;
    upload->used_ms = job_now(r);
    json_begin_object(&w);
    json_put_string(&w, STR("upload"), str_from(upload->id));
    json_put_i64(&w, STR("size"), (int64_t)(upload->content.size + upload->len));
    json_end_object(&w);
    job_answer(r, buffer_str(&r->out));
}

static void finish(struct request *r)
{
    upload_commit(r);
}

static void put(struct request *r)
{
    struct upload *upload = upload_new(r);
    if (!upload)
        return;
    upload->single = upload->busy = true;
    r->upload = upload;
    if (!too_large(r, upload))
        r->next = take;
}

static int name_upload(struct request *r, struct upload *upload, struct error *err)
{
    return hex_draw(r->a->ports.random, 16, upload->id, err);
}

static bool too_many(struct request *r)
{
    size_t mine = 0;
    for (const struct upload *u = r->a->uploads; u; u = u->next)
        mine += strcmp(u->caller, r->caller) == 0 && strcmp(u->space, r->space) == 0;
    if (mine < UPLOADS_OF_CALLER && r->a->upload_count < UPLOADS_MAX)
        return false;
    job_failf(r, ST_BUSY, "%zu uploads are open; finish or drop one with artifact.drop", mine);
    return true;
}

static void begin(struct request *r)
{
    struct error err;
    struct json_writer w = json_writer(&r->out);
    forget_idle(r);
    if (too_many(r))
        return;
    struct upload *upload = upload_new(r);
    if (!upload)
        return;
    if (name_upload(r, upload, &err)) {
        upload_free(upload);
        job_fail(r, &err);
        return;
    }
    upload->next = r->a->uploads;
    r->a->uploads = upload;
    r->a->upload_count++;
    json_begin_object(&w);
    json_put_string(&w, STR("upload"), str_from(upload->id));
    json_end_object(&w);
    job_answer(r, buffer_str(&r->out));
}

static void write_more(struct request *r)
{
    struct upload *upload = find(r);
    if (!upload)
        return;
    uint64_t have = upload->content.size + upload->len;
    uint64_t offset = job_number(r, "offset", have);
    if (offset != have) {
        job_failf(r, ST_INVALID,
                      "the upload has %" FORMAT_U64 " bytes, and the piece is for offset %" FORMAT_U64, have,
                      offset);
        return;
    }
    if (too_large(r, upload))
        return;
    upload->busy = true;
    r->upload = upload;
    r->next = take;
}

static void finish_upload(struct request *r)
{
    struct upload *upload = find(r);
    if (!upload)
        return;
    upload->busy = true;
    r->upload = upload;
    upload_flush(r, finish);
}

static void drop(struct request *r)
{
    struct upload *upload = find(r);
    if (!upload)
        return;
    upload_end(r->a, upload);
    job_answer(r, STR("{\"dropped\":true}"));
}

void artifact_put(void *domain, struct operation_call *call)
{
    job_begin(domain, call, put);
}

void artifact_begin(void *domain, struct operation_call *call)
{
    job_begin(domain, call, begin);
}

void artifact_write(void *domain, struct operation_call *call)
{
    job_begin(domain, call, write_more);
}

void artifact_finish(void *domain, struct operation_call *call)
{
    job_begin(domain, call, finish_upload);
}

void artifact_drop(void *domain, struct operation_call *call)
{
    job_begin(domain, call, drop);
}
