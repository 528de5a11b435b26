/* A storage plugin that answers as the key says. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hexmcp/all.h"
#include "hexmcp/await.h"
#include "hexmcp/entry.h"
#include "hexmcp/json.h"
#include "hexmcp/json/read.h"

#define S(text) ((hexmcp_str){text, sizeof(text) - 1})

#define PIECE 65536
#define FLOOD 160

static const hexmcp_host *the_host;
static const hexmcp_stream_1 *stream;
static char url[128];
static hexmcp_call held, putting;
static size_t put_bytes;
static int busy;
static int told; /* a descriptor: gets a byte when the flood waits for room */

static void done(hexmcp_call call, uint32_t outcome, const char *json)
{
    the_host->complete(the_host->ctx, call, outcome, hexmcp_str_from(json));
}

/* ---- threads ---------------------------------------------------------------------------------- */

static void *answer_later(void *arg)
{
    hexmcp_call call = *(hexmcp_call *)arg;
    free(arg);
    stream->emit(stream->ctx, call, S("{}"), S("from "));
    stream->emit(stream->ctx, call, S("{}"), S("a thread"));
    done(call, HEXMCP_RESULT, "{\"version\":2}");
    return NULL;
}

static void *flood(void *arg)
{
    static char bytes[PIECE];
    hexmcp_call call = *(hexmcp_call *)arg;
    int32_t status = HEXMCP_OK;
    char json[64];
    int waits = 0;
    free(arg);
    for (int i = 0; i < FLOOD && status == HEXMCP_OK; i++)
        while ((status = stream->emit(stream->ctx, call, S("{}"), (hexmcp_str){bytes, PIECE})) ==
               HEXMCP_E_BUSY) {
            hexmcp_await *a = hexmcp_await_new(the_host);
            int32_t asked = stream->drained(stream->ctx, call, hexmcp_await_reply, a);
            if (!waits++ && told > 0)
                told = (int)write(told, "", 1);
            hexmcp_await_wait(a, asked, 60000, NULL, NULL);
        }
    snprintf(json, sizeof(json), "{\"version\":%d,\"ttlMs\":%d}", waits > 0, -status);
    done(call, status == HEXMCP_OK ? HEXMCP_RESULT : HEXMCP_CANCELLED, json);
    return NULL;
}

static int32_t start(void *(*fn)(void *arg), hexmcp_call call)
{
    pthread_t thread;
    hexmcp_call *copy = malloc(sizeof(*copy));
    *copy = call;
    if (pthread_create(&thread, NULL, fn, copy))
        return HEXMCP_E_GENERIC;
    pthread_detach(thread);
    return HEXMCP_PENDING;
}

/* ---- values ----------------------------------------------------------------------------------- */

static int32_t get_now(hexmcp_call call)
{
    stream->emit(stream->ctx, call, S("{}"), S("a value"));
    done(call, HEXMCP_RESULT, "{\"version\":1,\"ttlMs\":50}");
    return HEXMCP_OK;
}

static int32_t complete_oddly(hexmcp_call call, hexmcp_str key, hexmcp_error *err)
{
    if (hexmcp_str_equals(key, "silent"))
        return HEXMCP_OK;
    if (hexmcp_str_equals(key, "odd"))
        return 77;
    if (hexmcp_str_equals(key, "outcome")) {
        done(call, 9, "{}");
        return HEXMCP_OK;
    }
    if (hexmcp_str_equals(key, "fail")) {
        done(call, HEXMCP_FAIL, "{\"code\":-10,\"message\":\"the server is gone\"}");
        return HEXMCP_OK;
    }
    if (hexmcp_str_equals(key, "both"))
        done(call, HEXMCP_RESULT, "{\"version\":1}");
    return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no key %.*s", (int)key.len, key.ptr);
}

static int32_t kv_get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_error *err)
{
    (void)self;
    (void)space;
    if (hexmcp_str_equals(key, "now"))
        return get_now(call);
    if (hexmcp_str_equals(key, "later"))
        return start(answer_later, call);
    if (key.len >= 5 && !memcmp(key.ptr, "flood", 5)) {
        told = atoi(key.ptr + 5);
        return start(flood, call);
    }
    if (hexmcp_str_equals(key, "held") || hexmcp_str_equals(key, "never") ||
        hexmcp_str_equals(key, "lost")) {
        held = hexmcp_str_equals(key, "lost") ? 0 : call;
        return HEXMCP_PENDING;
    }
    return complete_oddly(call, key, err);
}

/* Tells what it was given. */
static int32_t kv_apply(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str changes,
                        hexmcp_str values, hexmcp_error *err)
{
    char json[1024];
    (void)self;
    (void)err;
    snprintf(json, sizeof(json), "{\"url\":\"%s\",\"space\":\"%.*s\",\"bytes\":%zu,\"changes\":%.*s}",
             url, (int)space.len, space.ptr, values.len, (int)changes.len, changes.ptr);
    done(call, HEXMCP_RESULT, json);
    return HEXMCP_OK;
}

static void kv_cancel(void *self, hexmcp_call call)
{
    (void)self;
    if (call == held) {
        held = 0;
        done(call, HEXMCP_CANCELLED, "{}");
    }
}

/* ---- blobs ------------------------------------------------------------------------------------ */

static int32_t blob_put(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str info, hexmcp_error *err)
{
    (void)self;
    (void)space;
    (void)info;
    if (hexmcp_str_equals(key, "there")) {
        done(call, HEXMCP_RESULT, "{\"stored\":false}");
        return HEXMCP_OK;
    }
    if (hexmcp_str_equals(key, "full"))
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "there is no room");
    putting = call;
    put_bytes = 0;
    busy = hexmcp_str_equals(key, "busy") ? 3 : 0;
    return HEXMCP_PENDING;
}

static int32_t blob_write(void *self, hexmcp_call call, hexmcp_str bytes, uint32_t flags,
                          hexmcp_error *err)
{
    char json[64];
    (void)self;
    if (busy-- > 0)
        return hexmcp_fail(err, HEXMCP_E_BUSY, "a little later");
    if (hexmcp_str_equals(bytes, "bad"))
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the disk is full");
    if (hexmcp_str_equals(bytes, "early"))
        done(call, HEXMCP_FAIL, "{\"code\":-10,\"message\":\"the disk broke\"}");
    put_bytes += bytes.len;
    if (!(flags & HEXMCP_BLOB_LAST))
        return HEXMCP_OK;
    snprintf(json, sizeof(json), "{\"stored\":true,\"bytes\":%zu}", put_bytes);
    done(call, HEXMCP_RESULT, json);
    putting = 0;
    return HEXMCP_PENDING;
}

static void blob_cancel(void *self, hexmcp_call call)
{
    (void)self;
    if (call == putting)
        done(call, HEXMCP_CANCELLED, "{}");
    putting = 0;
}

/* ---- the plugin ------------------------------------------------------------------------------- */

static const hexmcp_kv_store_1 values = {
    .size = sizeof(values), .get = kv_get, .apply = kv_apply, .cancel = kv_cancel};
static const hexmcp_blob_1 blobs = {
    .size = sizeof(blobs), .put = blob_put, .write = blob_write, .cancel = blob_cancel};

static int32_t store_init(void *self, hexmcp_str config, hexmcp_error *err)
{
    hexmcp_str value;
    size_t len;
    (void)self;
    stream = the_host->get_interface(the_host->ctx, HEXMCP_STREAM_1);
    if (hexmcp_json_get(config, "refuse", &value) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the database does not answer");
    if (hexmcp_json_get(config, "url", &value) == HEXMCP_OK)
        hexmcp_json_string(value, url, sizeof(url), &len);
    return HEXMCP_OK;
}

static const void *store_interface(void *self, const char *id)
{
    (void)self;
    return strcmp(id, HEXMCP_KV_STORE_1) == 0 ? (const void *)&values
           : strcmp(id, HEXMCP_BLOB_1) == 0   ? (const void *)&blobs
                                              : NULL;
}

/* What waits is finished. */
static void store_destroy(void *self)
{
    (void)self;
    if (held)
        done(held, HEXMCP_RESULT, "{\"version\":9}");
}

static const hexmcp_plugin store = {.size = sizeof(store),
                                    .init = store_init,
                                    .get_interface = store_interface,
                                    .destroy = store_destroy};

static int32_t create(const hexmcp_host *given, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)err;
    the_host = given;
    held = putting = 0;
    *out = &store;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.store", "1.0.0", create);
