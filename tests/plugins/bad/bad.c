/*
 * Plugins that break their contract, one per BAD_* macro: what a host must survive. Each is a
 * bundle of its own under build/tests/plugins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hexmcp/plugin.h"

#ifndef BAD_ID
#define BAD_ID "hexmcp.test.bad"
#endif
#ifndef BAD_VERSION
#define BAD_VERSION "1.0.0"
#endif

static const hexmcp_host *the_host;
static hexmcp_call kept; /* by `late`, which is inline: loop only */

static hexmcp_str text_of(const char *text)
{
    hexmcp_str s = {text, strlen(text)};
    return s;
}

static int32_t fail(hexmcp_error *err, int32_t code, const char *text)
{
    err->code = code;
    snprintf(err->text, sizeof(err->text), "%s", text);
    return code;
}

static int32_t finish(hexmcp_call call, uint32_t outcome, const char *json)
{
    return the_host->complete(the_host->ctx, call, outcome, text_of(json));
}

#define GOOD "{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}"

static int32_t huge(hexmcp_call call)
{
    size_t size = ((size_t)64 << 20) + 1;
    char *bytes = calloc(1, size);
    hexmcp_str json = {bytes, size};
    int32_t rc = the_host->complete(the_host->ctx, call, HEXMCP_RESULT, json);
    free(bytes);
    return rc == HEXMCP_E_TOO_LARGE ? HEXMCP_OK : HEXMCP_E_GENERIC;
}

static int32_t endless_text(hexmcp_error *err)
{
    memset(err->text, 'x', sizeof(err->text));
    return HEXMCP_E_INVALID;
}

/* Reports that it is there, then sleeps until the file in {"until":"/path"} exists. */
static int32_t hang(hexmcp_call call, hexmcp_str args)
{
    char path[512];
    size_t len = args.len - strlen("{\"until\":\"\"}");
    snprintf(path, sizeof(path), "%.*s", (int)len, args.ptr + strlen("{\"until\":\""));
    the_host->progress(the_host->ctx, call, 1, 0, text_of("inside"));
    while (access(path, F_OK) != 0)
        usleep(1000);
    finish(call, HEXMCP_RESULT, GOOD);
    return HEXMCP_OK;
}

static int32_t late(hexmcp_call call)
{
    if (kept) {
        finish(kept, HEXMCP_RESULT, GOOD);
        kept = 0;
        finish(call, HEXMCP_RESULT, "{\"structuredContent\":{\"late\":true}}");
        return HEXMCP_OK;
    }
    kept = call;
    return HEXMCP_PENDING;
}

static int32_t twice(hexmcp_call call)
{
    finish(call, HEXMCP_RESULT, GOOD);
    return finish(call, HEXMCP_TOOL_ERROR, GOOD) == HEXMCP_E_NOT_FOUND ? HEXMCP_OK
                                                                       : HEXMCP_E_GENERIC;
}

static int32_t print(hexmcp_call call)
{
    printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"from a plugin\"}\n");
    fflush(stdout);
    return finish(call, HEXMCP_RESULT, GOOD), HEXMCP_OK;
}

static int32_t where(hexmcp_call call)
{
    const hexmcp_thread_check_1 *check =
        (const hexmcp_thread_check_1 *)the_host->get_interface(the_host->ctx,
                                                               HEXMCP_THREAD_CHECK_1);
    char json[128];
    snprintf(json, sizeof(json), "{\"structuredContent\":{\"loop\":%d,\"worker\":%d}}",
             check->is_loop(check->ctx), check->is_worker(check->ctx));
    return finish(call, HEXMCP_RESULT, json), HEXMCP_OK;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    char tool[65];
    (void)self;
    snprintf(tool, sizeof(tool), "%.*s", (int)name.len, name.ptr);
    if (!strcmp(tool, "good"))
        return finish(call, HEXMCP_RESULT, GOOD), HEXMCP_OK;
    if (!strcmp(tool, "broken-json"))
        return finish(call, HEXMCP_RESULT, "{\"content\":[}"), HEXMCP_OK;
    if (!strcmp(tool, "nothing"))
        return HEXMCP_OK;
    if (!strcmp(tool, "twice"))
        return twice(call);
    if (!strcmp(tool, "complete-and-fail"))
        return finish(call, HEXMCP_RESULT, GOOD), fail(err, HEXMCP_E_INVALID, "too late");
    if (!strcmp(tool, "complete-and-pending"))
        return finish(call, HEXMCP_RESULT, GOOD), HEXMCP_PENDING;
    if (!strcmp(tool, "fail"))
        return fail(err, HEXMCP_E_DENIED, "no grant for that");
    if (!strcmp(tool, "endless-text"))
        return endless_text(err);
    if (!strcmp(tool, "no-text"))
        return HEXMCP_E_BUSY;
    if (!strcmp(tool, "status"))
        return 7;
    if (!strcmp(tool, "outcome"))
        return finish(call, 9, GOOD), HEXMCP_OK;
    if (!strcmp(tool, "huge"))
        return huge(call);
    if (!strcmp(tool, "late"))
        return late(call);
    if (!strcmp(tool, "print"))
        return print(call);
    if (!strcmp(tool, "where"))
        return where(call);
    if (!strcmp(tool, "wrong-id"))
        return finish(call + 1000000, HEXMCP_RESULT, GOOD) == HEXMCP_E_NOT_FOUND
                   ? (finish(call, HEXMCP_RESULT, GOOD), HEXMCP_OK)
                   : HEXMCP_E_GENERIC;
    if (!strcmp(tool, "hang"))
        return hang(call, args);
    if (!strcmp(tool, "log"))
        return the_host->log(the_host->ctx, call, HEXMCP_LOG_WARNING, text_of("a warning")),
               the_host->progress(the_host->ctx, call, 1, 2, text_of("half")),
               finish(call, HEXMCP_RESULT, GOOD), HEXMCP_OK;
    return fail(err, HEXMCP_E_NOT_FOUND, "no such tool");
}

static const hexmcp_tool_1 tools = {sizeof(tools), 0, NULL, call_tool, NULL, NULL};

#ifdef BAD_UNDEFINED
int32_t hexmcp_test_is_nowhere(void);
#endif

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
#ifdef BAD_UNDEFINED
    if (hexmcp_test_is_nowhere())
        return HEXMCP_E_GENERIC;
#endif
#ifdef BAD_INIT
    (void)config;
    return fail(err, HEXMCP_E_CONFIG, "\"port\" is missing");
#else
    (void)err;
    the_host->log(the_host->ctx, 0, HEXMCP_LOG_DEBUG, config);
    return HEXMCP_OK;
#endif
}

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &tools : NULL;
}

static void stop(void *self)
{
    (void)self;
#ifdef BAD_STOP
    for (;;)
        pause();
#endif
}

static void destroy(void *self)
{
    (void)self;
    the_host->log(the_host->ctx, 0, HEXMCP_LOG_DEBUG, text_of("destroyed"));
}

static const hexmcp_plugin instance = {
    sizeof(instance), 0, NULL, init, get_interface, NULL, stop, destroy,
};

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
#ifdef BAD_CREATE
    (void)host;
    (void)out;
    return fail(err, HEXMCP_E_UNAVAILABLE, "the weather is bad");
#else
    (void)err;
    the_host = host;
    *out = &instance;
    return HEXMCP_OK;
#endif
}

#ifdef BAD_CONSTRUCTOR
__attribute__((constructor)) static void speak(void)
{
    printf("hello from a constructor\n");
    fflush(stdout);
}
#endif

#ifdef BAD_ABI_MAJOR
#undef HEXMCP_ABI_MAJOR
#define HEXMCP_ABI_MAJOR BAD_ABI_MAJOR
#endif

#if defined(BAD_NO_CREATE) || defined(BAD_MIN_HOST)
#ifndef BAD_MIN_HOST
#define BAD_MIN_HOST 0u
#endif
HEXMCP_EXPORT const hexmcp_plugin_info_1 hexmcp_plugin_info;
const hexmcp_plugin_info_1 hexmcp_plugin_info = {
    {'H', 'E', 'X', 'M', 'C', 'P', '\r', '\n'},
    (uint32_t)sizeof(hexmcp_plugin_info_1), HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR, BAD_MIN_HOST,
    BAD_ID, BAD_VERSION, {0}};
#ifdef BAD_NO_CREATE
/* Something must use the rest. */
HEXMCP_EXPORT const void *not_the_entry(void);
const void *not_the_entry(void)
{
    const hexmcp_plugin *out = NULL;
    hexmcp_error err;
    make(NULL, &out, &err);
    return out;
}
#else
HEXMCP_EXPORT int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out,
                                           hexmcp_error *err);
int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    return make(host, out, err);
}
#endif
#else
HEXMCP_PLUGIN_DEFINE(BAD_ID, BAD_VERSION, make);
#endif
