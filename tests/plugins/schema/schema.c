/*
 * Tools that ask hexmcp.schema/1 and end with what it told. Arguments of both:
 *
 *   {"schema": any, "value": any, "flags"?: n, "decoded"?: true, "schemaPad"?: n, "valuePad"?: n}
 *
 * `decoded`: schema and value are strings that hold the texts. The pads are blanks behind them.
 * "threads" asks on eight threads, fifty times each, and counts how often the value fitted.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/host/schema.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define THREADS 8
#define TIMES 50

struct question {
    const hexmcp_schema_1 *schemas;
    hexmcp_str schema;
    hexmcp_str value;
    uint32_t flags;
    size_t fitted;
    hexmcp_error *err;
};

static int64_t number(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    int64_t n = 0;
    if (hexmcp_json_get(args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &n);
    return n;
}

/* From malloc, of this very size, so that a sanitizer sees who reads beyond or later. */
static hexmcp_str text_of(hexmcp_str args, const char *key, const char *pad_key)
{
    hexmcp_str value = {"", 0}, ignored;
    char *decoded = NULL;
    size_t pad = (size_t)number(args, pad_key);
    hexmcp_json_get(args, key, &value);
    if (hexmcp_json_get(args, "decoded", &ignored) == HEXMCP_OK &&
        hexmcp_json_string_dup(value, &decoded, &value.len) == HEXMCP_OK)
        value.ptr = decoded;
    char *text = malloc(value.len + pad + 1);
    if (!text)
        abort();
    memcpy(text, value.ptr, value.len);
    memset(text + value.len, ' ', pad);
    free(decoded);
    return (hexmcp_str){text, value.len + pad};
}

static void keep(void *arg, hexmcp_str json)
{
    hexmcp_json_write_raw(arg, json);
}

static int32_t validate(const struct question *q, const hexmcp_host *host, hexmcp_call call)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    int32_t status =
        q->schemas->validate(q->schemas->ctx, q->schema, q->value, q->flags, keep, &w, q->err);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}

static void count(void *arg, hexmcp_str json)
{
    struct question *q = arg;
    hexmcp_str value;
    int valid = 0;
    if (hexmcp_json_get(json, "valid", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &valid);
    q->fitted += (size_t)valid;
}

static void *ask(void *arg)
{
    struct question *q = arg;
    for (int i = 0; i < TIMES; i++)
        q->schemas->validate(q->schemas->ctx, q->schema, q->value, q->flags, count, q, NULL);
    return NULL;
}

static int32_t ask_on_threads(const struct question *q, const hexmcp_host *host, hexmcp_call call)
{
    pthread_t threads[THREADS];
    struct question questions[THREADS];
    char text[60];
    size_t fitted = 0;
    int made = 0;
    for (; made < THREADS; made++) {
        questions[made] = *q;
        if (pthread_create(&threads[made], NULL, ask, &questions[made]) != 0)
            break;
    }
    for (int i = 0; i < made; i++) {
        pthread_join(threads[i], NULL);
        fitted += questions[i].fitted;
    }
    snprintf(text, sizeof(text), "{\"threads\":%d,\"fitted\":%zu}", made, fitted);
    return hexmcp_complete_structured(host, call, hexmcp_str_from(text));
}

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    struct question q = {.schemas = host->get_interface(host->ctx, HEXMCP_SCHEMA_1), .err = err};
    if (!q.schemas)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "there is no hexmcp.schema/1");
    q.schema = text_of(args, "schema", "schemaPad");
    q.value = text_of(args, "value", "valuePad");
    q.flags = (uint32_t)number(args, "flags");
    int32_t status =
        tool.len == 8 ? validate(&q, host, call) : ask_on_threads(&q, host, call);
    free((char *)(uintptr_t)q.schema.ptr);
    free((char *)(uintptr_t)q.value.ptr);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.schema", "1.0.0", run);
