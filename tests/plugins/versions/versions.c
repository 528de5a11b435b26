/*
 * hexmcp.test.versions: one plugin in several versions, for tests of reloading. `version` counts its
 * calls and tells who answered; `hold` stays open until `let_go` ends it; the count is its state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

#ifndef SELF_TEST
#define SELF_TEST HEXMCP_RESULT
#endif

struct versions {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_state_1 state;
    hexmcp_selftest_1 test;
    const hexmcp_host *host;
    unsigned count;
    hexmcp_call held;
};

static int32_t answer(struct versions *v, hexmcp_call call)
{
    char text[128];
    snprintf(text, sizeof(text), "{\"structuredContent\":{\"version\":\"" VERSION "\",\"count\":%u}}",
             v->count);
    hexmcp_str json = {text, strlen(text)};
    v->host->complete(v->host->ctx, call, HEXMCP_RESULT, json);
    return HEXMCP_OK;
}

static int is(hexmcp_str name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.ptr, text, name.len) == 0;
}

static int32_t call(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    struct versions *v = self;
    (void)args;
    (void)err;
    if (is(name, "hold")) {
        v->held = id;
        return HEXMCP_PENDING;
    }
    if (is(name, "let_go") && v->held)
        answer(v, v->held);
    v->count++;
    return answer(v, id);
}

static void cancel(void *self, hexmcp_call id)
{
    struct versions *v = self;
    hexmcp_str none = {"", 0};
    if (id == v->held)
        v->host->complete(v->host->ctx, id, HEXMCP_CANCELLED, none);
}

static int32_t save(void *self, void (*emit)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err)
{
    struct versions *v = self;
    char text[32];
#ifdef FAILS_SAVE
    return hexmcp_fail(err, HEXMCP_E_BUSY, "not now");
#endif
    (void)err;
    snprintf(text, sizeof(text), "%u", v->count);
    hexmcp_str bytes = {text, strlen(text)};
    emit(arg, bytes);
    return HEXMCP_OK;
}

static int32_t load(void *self, hexmcp_str bytes, hexmcp_error *err)
{
    struct versions *v = self;
    char text[32] = "";
    if (bytes.len >= sizeof(text))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "this is no state of mine");
#ifdef FAILS_LOAD
    return hexmcp_fail(err, HEXMCP_E_INVALID, "the state is of another kind");
#endif
    memcpy(text, bytes.ptr, bytes.len);
    v->count = (unsigned)strtoul(text, NULL, 10);
    return HEXMCP_OK;
}

static int32_t run_test(void *self, hexmcp_call id, hexmcp_error *err)
{
    struct versions *v = self;
    hexmcp_str json = {"{\"message\":\"one and one is three\"}", 34};
    (void)err;
    v->host->complete(v->host->ctx, id, SELF_TEST, json);
    return HEXMCP_OK;
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    struct versions *v = self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0)
        return &v->tool;
    if (strcmp(id, HEXMCP_STATE_1) == 0)
        return &v->state;
    return strcmp(id, HEXMCP_SELFTEST_1) == 0 ? &v->test : NULL;
}

static int32_t start(void *self, hexmcp_error *err)
{
    (void)self;
#ifdef FAILS_START
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "nothing works today");
#endif
    (void)err;
    return HEXMCP_OK;
}

static void destroy(void *self)
{
    free(self);
}

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct versions *v = calloc(1, sizeof(*v));
    if (!v)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    v->plugin = (hexmcp_plugin){.size = sizeof(v->plugin),
                                .self = v,
                                .init = init,
                                .get_interface = get_interface,
                                .start = start,
                                .destroy = destroy};
    v->tool = (hexmcp_tool_1){.size = sizeof(v->tool), .self = v, .call = call, .cancel = cancel};
    v->state = (hexmcp_state_1){.size = sizeof(v->state), .self = v, .save = save, .load = load};
    v->test = (hexmcp_selftest_1){.size = sizeof(v->test), .self = v, .run = run_test};
    v->host = host;
    *out = &v->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.versions", VERSION, make);
