#include "core/artifact/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/artifact/gc.h"
#include "core/artifact/upload.h"
#include "core/json/json.h"

static void job_free(struct request *r)
{
    struct artifacts *a = r->a;
    if (r->upload)
        upload_end(a, r->upload);
    buffer_clear(&r->value);
    buffer_clear(&r->bytes);
    buffer_clear(&r->prefix);
    buffer_clear(&r->out);
    buffer_clear(&r->scratch);
    buffer_clear(&r->keys);
    blocks_clear(&r->content);
    json_free(r->record);
    free(r->raw);
    free(r->squeezed);
    free(r->space);
    gc_free(r->gc);
    free(r);
    a->running--;
    if (a->closed && a->running == 0) {
        uploads_free(a);
        free(a);
    }
}

/* Runs steps until one waits or the request has ended. */
static void run(struct request *r)
{
    if (r->stepping)
        return;
    r->stepping = true;
    while (!r->busy && !r->ended && !r->a->closed) {
        step *next = r->next;
        r->next = NULL;
        next(r);
    }
    r->stepping = false;
    if (!r->busy && (r->ended || r->a->closed))
        job_free(r);
}

/* A port was asked; `next` comes with its answer. */
void job_wait(struct request *r, step *next)
{
    r->next = next;
    r->busy = true;
    r->code = ST_OK;
}

void job_told(struct request *r, const struct error *err)
{
    r->busy = false;
    r->code = err ? err->code : ST_OK;
    if (err)
        r->err = *err;
    run(r);
}

void job_answer(struct request *r, struct str json)
{
    r->ended = true;
    operation_answer(r->call, json);
}

void job_fail(struct request *r, const struct error *err)
{
    r->ended = true;
    operation_fail(r->call, err);
}

void job_failf(struct request *r, int code, const char *format, ...)
{
    char text[ERROR_TEXT_SIZE];
    struct error err;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_set(&err, code, "%s", text);
    job_fail(r, &err);
}

bool job_failed(struct request *r)
{
    if (!r->code)
        return false;
    struct error err = r->err;
    job_fail(r, &err);
    return true;
}

static char *space_of(struct str tenant)
{
    char *space = malloc(tenant.len + sizeof("artifacts/"));
    if (space)
        snprintf(space, tenant.len + sizeof("artifacts/"), "artifacts/%.*s", STR_ARG(tenant));
    return space;
}

void job_begin(struct artifacts *a, struct operation_call *call, step *first)
{
    const struct caller *caller = operation_context(call)->caller;
    struct request *r = calloc(1, sizeof(*r));
    struct error err;
    if (r)
        r->space = space_of(caller->tenant);
    if (!r || !r->space) {
        free(r);
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
        return;
    }
    r->a = a;
    r->call = call;
    r->args = operation_arguments(call);
    r->next = first;
    short_digest(caller->id, STR(""), r->caller);
    a->running++;
    run(r);
}

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct request *r = arg;
    buffer_reset(&r->value, 65536);
    r->version = 0;
    if (!err) {
        buffer_add_str(&r->value, value->value);
        r->version = value->version;
    }
    job_told(r, err);
}

void job_get(struct request *r, const char *key, step *next)
{
    const struct key_value_store *values = r->a->ports.values;
    job_wait(r, next);
    values->get(values->ctx, str_from(r->space), str_from(key), got, r);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *result)
{
    struct request *r = arg;
    r->conflict = !err && result->conflict;
    job_told(r, err);
}

void job_apply(struct request *r, const struct kv_change *changes, size_t count, step *next)
{
    const struct key_value_store *values = r->a->ports.values;
    job_wait(r, next);
    values->apply(values->ctx, str_from(r->space), changes, count, applied, r);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct request *r = arg;
    buffer_reset(&r->value, 65536);
    r->more = !err && more;
    for (size_t i = 0; !err && i < count; i++)
        r->each(r, &entries[i]);
    if (!err && count)
        buffer_add_str(&r->value, entries[count - 1].key);
    job_told(r, err);
}

void job_list(struct request *r, const char *prefix, struct str after, uint32_t limit,
                  bool values, void (*each)(struct request *r, const struct kv_entry *entry),
                  step *next)
{
    const struct key_value_store *store = r->a->ports.values;
    const struct kv_query query = {str_from(prefix), after, limit, values};
    r->each = each;
    job_wait(r, next);
    store->list(store->ctx, str_from(r->space), &query, listed, r);
}

static void blob_piece(void *arg, struct str bytes)
{
    struct request *r = arg;
    if (r->bytes.len + bytes.len <= BLOCK_BYTES) /* more is damage, which the digest will show */
        buffer_add_str(&r->bytes, bytes);
}

static void blob_got(void *arg, const struct error *err, uint64_t bytes)
{
    struct request *r = arg;
    r->blob_bytes = bytes;
    job_told(r, err);
}

void job_blob(struct request *r, const uint8_t key[BLAKE3_BYTES], step *next)
{
    const struct blob_store *blobs = r->a->ports.blobs;
    const struct blob_sink sink = {r, blob_piece, blob_got};
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(key, name);
    buffer_reset(&r->bytes, BLOCK_BYTES);
    job_wait(r, next);
    blobs->get(blobs->ctx, str_from(r->space), str_from(name), 0, 0, &sink);
}

static void blob_done(void *arg, const struct error *err)
{
    job_told(arg, err);
}

void job_remove_blob(struct request *r, const uint8_t key[BLAKE3_BYTES], step *next)
{
    const struct blob_store *blobs = r->a->ports.blobs;
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(key, name);
    job_wait(r, next);
    blobs->remove(blobs->ctx, str_from(r->space), str_from(name), blob_done, r);
}

static void worked(void *arg)
{
    struct request *r = arg;
    r->busy = false;
    run(r);
}

static void work(void *arg)
{
    struct request *r = arg;
    r->work(r);
}

void job_work(struct request *r, void (*what)(struct request *r), step *next)
{
    const struct executor_port *executor = r->a->ports.executor;
    struct error err;
    job_wait(r, next);
    r->work = what;
    if (executor->submit(executor->ctx, work, worked, r, &err))
        job_told(r, &err);
}

struct str job_text(struct request *r, const char *name)
{
    struct json v = json_get(r->args, str_from(name));
    struct str text = {"", 0};
    if (json_plain(v, &text) || json_type(v) != JSON_STRING)
        return text;
    /* Decoded texts are short of the raw ones, and the reservation keeps those before in place. */
    if (!r->scratch.cap && !buffer_reserve(&r->scratch, json_text(r->args).len + 1))
        return text;
    size_t from = r->scratch.len;
    json_decode(v, &r->scratch);
    return buffer_part(&r->scratch, from, r->scratch.len - from);
}

uint64_t job_number(const struct request *r, const char *name, uint64_t otherwise)
{
    int64_t number;
    return json_int64(json_get(r->args, str_from(name)), &number) ? (uint64_t)number : otherwise;
}

bool job_flag(const struct request *r, const char *name)
{
    bool flag = false;
    json_bool(json_get(r->args, str_from(name)), &flag);
    return flag;
}

void key_of(char key[KEY_SIZE], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(key, KEY_SIZE, format, args);
    va_end(args);
}

void short_digest(struct str a, struct str b, char out[CALLER_SIZE])
{
    struct blake3 hash;
    uint8_t digest[BLAKE3_BYTES];
    char text[BLAKE3_TEXT_SIZE];
    blake3_init(&hash);
    blake3_update(&hash, a.ptr, a.len);
    blake3_update(&hash, "", 1);
    blake3_update(&hash, b.ptr, b.len);
    blake3_final(&hash, digest);
    blake3_text(digest, text);
    memcpy(out, text + 7, CALLER_SIZE - 1);
    out[CALLER_SIZE - 1] = '\0';
}

bool id_digits(struct str id, char out[65])
{
    if (!blake3_parse(id, NULL))
        return false;
    memcpy(out, id.ptr + 7, 64);
    out[64] = '\0';
    return true;
}

int64_t job_now(const struct request *r)
{
    const struct clock_port *clock = r->a->ports.clock;
    return clock->wall_ms(clock->ctx);
}
