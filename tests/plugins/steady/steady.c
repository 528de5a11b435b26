/*
 * hexmcp.test.steady: answers exactly, and crashes when it is told to. Its id and version are those of the
 * info block, which tests patch (tests/tools/bundles.py), so one binary makes many plugins.
 *
 * What a tool does is in the end of its name:
 *
 *   rest    {"n": N, "ms": M}      answers after M milliseconds, on a worker
 *   crash   {"n": N, "how": HOW}   says so on stderr and dies: segv, abort or trap
 *   count   {}                     N is the number of calls so far, which is its state
 *   any     {"n": N}
 *
 * All answer {"id": ..., "version": ..., "n": N, "twice": 2N}.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

extern const hexmcp_plugin_info_1 hexmcp_plugin_info;

/* Volatile: the compiler must not take the text from here before it is patched. */
static const hexmcp_plugin_info_1 *volatile info = &hexmcp_plugin_info;

struct steady {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_state_1 state;
    const hexmcp_host *host;
    unsigned long count;
};

static int ends(hexmcp_str name, const char *text)
{
    size_t len = strlen(text);
    return name.len >= len && memcmp(name.ptr + name.len - len, text, len) == 0;
}

static int64_t number(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    int64_t n = 0;
    if (hexmcp_json_get(args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &n);
    return n;
}

static void rest(int64_t ms)
{
    struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void crash(hexmcp_str args)
{
    static int *volatile nowhere;
    hexmcp_str how = {"", 0};
    hexmcp_json_get(args, "how", &how);
    fprintf(stderr, "crash %" PRId64 "\n", number(args, "n"));
    fflush(stderr);
    if (ends(how, "\"abort\""))
        abort();
    if (ends(how, "\"trap\""))
        __builtin_trap();
    *nowhere = 1;
}

static int32_t call(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    struct steady *s = self;
    char text[320];
    int64_t n = number(args, "n");
    (void)err;
    if (ends(name, "crash"))
        crash(args);
    if (ends(name, "rest"))
        rest(number(args, "ms"));
    if (ends(name, "count"))
        n = (int64_t)__atomic_load_n(&s->count, __ATOMIC_RELAXED);
    else
        __atomic_add_fetch(&s->count, 1, __ATOMIC_RELAXED);
    snprintf(text, sizeof(text), "{\"id\":\"%s\",\"version\":\"%s\",\"n\":%" PRId64
                                  ",\"twice\":%" PRId64 "}",
             info->id, info->version, n, 2 * n);
    hexmcp_str json = {text, strlen(text)};
    return hexmcp_complete_structured(s->host, id, json);
}

static int32_t save(void *self, void (*emit)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err)
{
    const struct steady *s = self;
    char text[32];
    (void)err;
    snprintf(text, sizeof(text), "%lu", __atomic_load_n(&s->count, __ATOMIC_RELAXED));
    hexmcp_str bytes = {text, strlen(text)};
    emit(arg, bytes);
    return HEXMCP_OK;
}

static int32_t load(void *self, hexmcp_str bytes, hexmcp_error *err)
{
    struct steady *s = self;
    char text[32] = "";
    if (bytes.len >= sizeof(text))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "this is no state of mine");
    memcpy(text, bytes.ptr, bytes.len);
    s->count = strtoul(text, NULL, 10);
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
    struct steady *s = self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0)
        return &s->tool;
    return strcmp(id, HEXMCP_STATE_1) == 0 ? &s->state : NULL;
}

static void destroy(void *self)
{
    free(self);
}

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct steady *s = calloc(1, sizeof(*s));
    if (!s)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    s->plugin = (hexmcp_plugin){.size = sizeof(s->plugin),
                                .self = s,
                                .init = init,
                                .get_interface = get_interface,
                                .destroy = destroy};
    s->tool = (hexmcp_tool_1){.size = sizeof(s->tool), .self = s, .call = call};
    s->state = (hexmcp_state_1){.size = sizeof(s->state), .self = s, .save = save, .load = load};
    s->host = host;
    *out = &s->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.steady", "1.0.0", make);
