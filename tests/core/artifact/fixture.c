#include "tests/core/artifact/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "core/json/json.h"

static int64_t wall(void *ctx)
{
    return ((struct world *)ctx)->now_ms;
}

static uint64_t monotonic(void *ctx)
{
    return (uint64_t)((struct world *)ctx)->now_ms * 1000000;
}

static int chance(void *ctx, void *out, size_t len, struct error *err)
{
    struct world *w = ctx;
    (void)err;
    for (size_t i = 0; i < len; i++) {
        w->chance = w->chance * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(w->chance >> 33);
    }
    return ST_OK;
}

static int submit(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                  struct error *err)
{
    (void)ctx;
    (void)err;
    work(arg);
    done(arg);
    return ST_OK;
}

/* Bytes that are all the same become their number and one of them; others do not get smaller. */
static int squeeze(void *ctx, struct str data, void *out, size_t cap, size_t *len, struct error *err)
{
    (void)ctx;
    for (size_t i = 1; i < data.len; i++)
        if (data.ptr[i] != data.ptr[0])
            return error_set(err, ST_TOO_LARGE, "%zu bytes are not enough", cap);
    snprintf(out, cap, "%zu%c", data.len, data.ptr[0]);
    *len = strlen(out);
    return ST_OK;
}

static int expand(void *ctx, struct str data, void *out, size_t len, struct error *err)
{
    (void)ctx;
    if ((size_t)atol(data.ptr) != len)
        return error_set(err, ST_INVALID, "these are not %zu bytes", len);
    memset(out, data.ptr[data.len - 1], len);
    return ST_OK;
}

void become(struct world *w, const char *caller, const char *tenant)
{
    w->caller = (struct caller){.id = str_from(caller), .tenant = str_from(tenant)};
}

int world_open(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    fake_kv_init(&w->kv);
    fake_blob_store_init(&w->blobs);
    w->now_ms = 1795262400000; /* 2026-11-21T12:00:00Z */
    w->clock = (struct clock_port){w, monotonic, wall};
    w->random = (struct random_port){w, chance};
    w->executor = (struct executor_port){w, submit};
    w->codec = (struct codec_port){w, squeeze, expand};
    become(w, "me", "local");
    const struct artifact_ports ports = {&w->kv.port, &w->blobs.port, &w->executor,
                                         &w->codec,   &w->clock,      &w->random};
    const struct artifact_limits limits = {.artifact_bytes = 4 << 20,
                                           .session_bytes = 5 << 20,
                                           .tenant_bytes = 8 << 20};
    assert_int_equal(artifacts_new(&ports, &limits, &w->artifacts, NULL), ST_OK);
    assert_int_equal(operations_new(NULL, &w->operations, NULL), ST_OK);
    assert_int_equal(artifacts_add_operations(w->artifacts, w->operations, NULL), ST_OK);
    *state = w;
    return 0;
}

int world_close(void **state)
{
    struct world *w = *state;
    operations_free(w->operations);
    artifacts_free(w->artifacts);
    w->blobs.hold = false;
    fake_blob_store_clear(&w->blobs);
    fake_kv_clear(&w->kv);
    buffer_clear(&w->text);
    buffer_clear(&w->pieces);
    free(w);
    return 0;
}

static void piece(void *arg, struct str json, struct str bytes)
{
    struct world *w = arg;
    assert_true(str_starts(json, STR("{\"offset\":")));
    buffer_add_str(&w->pieces, bytes);
}

static void done(void *arg, const struct error *err, struct str json)
{
    struct world *w = arg;
    w->told++;
    w->code = err ? err->code : ST_OK;
    buffer_add_str(&w->text, err ? str_from(err->text) : json);
    buffer_add(&w->text, "", 1);
}

int ask(struct world *w, const char *operation, const char *arguments, struct str bytes)
{
    const struct operation_service *service = operations_service(w->operations);
    const struct call_context context = {.caller = &w->caller, .wall_ms = w->now_ms};
    const struct operation_request request = {.name = str_from(operation),
                                              .arguments = str_from(arguments),
                                              .bytes = bytes,
                                              .context = &context};
    const struct operation_observer observer = {w, piece, done};
    w->told = 0;
    w->code = 1;
    buffer_clear(&w->text);
    buffer_clear(&w->pieces);
    service->execute(service->ctx, &request, &observer, NULL);
    return w->code;
}

static struct json member(struct json_doc *doc, const char *name)
{
    struct json found = json_get(json_root(doc), str_from(name));
    if (!json_exists(found))
        found = json_get(json_get(json_root(doc), STR("artifact")), str_from(name));
    return found;
}

const char *answer_text(struct world *w, const char *name)
{
    static char text[600];
    struct json_doc *doc;
    struct str value = {"", 0};
    assert_int_equal(json_parse(str_from(w->text.data), &doc, NULL), ST_OK);
    json_plain(member(doc, name), &value);
    snprintf(text, sizeof(text), "%.*s", STR_ARG(value));
    json_free(doc);
    return text;
}

int64_t answer_number(struct world *w, const char *name)
{
    struct json_doc *doc;
    int64_t number = -1;
    assert_int_equal(json_parse(str_from(w->text.data), &doc, NULL), ST_OK);
    json_int64(member(doc, name), &number);
    json_free(doc);
    return number;
}

const char *store(struct world *w, const char *name, const char *session, const char *text)
{
    char arguments[600];
    snprintf(arguments, sizeof(arguments), "{\"name\":\"%s\"%s%s%s}", name,
             *session ? ",\"session\":\"" : "", session, *session ? "\"" : "");
    if (ask(w, "artifact.put", arguments, str_from(text)))
        fail_msg("%s", w->text.data);
    return answer_text(w, "id");
}
