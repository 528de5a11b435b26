/*
 * hexmcp.test.hooker: a tool that gives back its arguments, one that counts its calls, and a hook before tools that does what
 * the argument "do" says:
 *
 *   modify    n becomes n + 1              cancel    stops the call
 *   hang      never answers                error     fails
 *   twice     answers twice                huge      answers with two megabytes
 *   unknown   a result that there is not   unread    changes what it does not read
 *   redirect  to the tool "mighty"         nothing   returns without an answer
 *
 * one that leaves the tool "count" out of lists, and one that lets nobody write the key "fixed" of state, and
 * makes every other value that is a number 42.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/ext/draft/hook.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct hooker {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_hook_1 hook;
    const hexmcp_host *host;
    unsigned count;
};

static int32_t say(const struct hooker *h, hexmcp_call call, const char *json)
{
    int32_t status = h->host->complete(h->host->ctx, call, HEXMCP_RESULT, hexmcp_str_from(json));
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    struct hooker *h = self;
    char text[40];
    (void)err;
    if (name.len != 5 || memcmp(name.ptr, "count", 5) != 0)
        return hexmcp_complete_structured(h->host, call, args);
    unsigned count = __atomic_add_fetch(&h->count, 1, __ATOMIC_RELAXED);
    snprintf(text, sizeof(text), "{\"count\":%u}", count);
    return hexmcp_complete_structured(h->host, call, hexmcp_str_from(text));
}

static int32_t modify(const struct hooker *h, hexmcp_call call, hexmcp_str data)
{
    char text[120];
    int64_t n = 0;
    hexmcp_str value;
    if (hexmcp_json_get(data, "/arguments/n", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &n);
    snprintf(text, sizeof(text), "{\"result\":\"modified\",\"data\":{\"/arguments/n\":%lld}}",
             (long long)n + 1);
    return say(h, call, text);
}

static int32_t huge(const struct hooker *h, hexmcp_call call)
{
    size_t size = (size_t)2 << 20;
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    memcpy(text, "{\"result\":\"cancel\",\"reason\":\"", 29);
    memcpy(text + size - 2, "\"}", 3);
    int32_t status = say(h, call, text);
    free(text);
    return status;
}

/* Leaves "count" out, if it is there. */
static int32_t shorten(const struct hooker *h, hexmcp_call call, hexmcp_str data)
{
    hexmcp_str names;
    char text[4096];
    if (hexmcp_json_get(data, "/names", &names) != HEXMCP_OK || names.len > 3000)
        return say(h, call, "{\"result\":\"continue\"}");
    snprintf(text, sizeof(text), "{\"result\":\"modified\",\"data\":{\"/names\":%.*s}}",
             (int)names.len, names.ptr);
    char *count = strstr(text, "\"count\"");
    if (count)
        memcpy(count, "\"-----\"", 7);
    return say(h, call, text);
}

/* Before state is written. */
static int32_t keep(const struct hooker *h, hexmcp_call call, hexmcp_str data)
{
    hexmcp_str key = {"", 0}, value;
    int64_t n;
    hexmcp_json_get(data, "/key", &key);
    if (key.len == 7 && memcmp(key.ptr, "\"fixed\"", 7) == 0)
        return say(h, call, "{\"result\":\"cancel\",\"reason\":\"it is fixed\"}");
    if (hexmcp_json_get(data, "/value", &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &n) == HEXMCP_OK)
        return say(h, call, "{\"result\":\"modified\",\"data\":{\"/value\":42}}");
    return say(h, call, "{\"result\":\"continue\"}");
}

static int32_t run(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str point, hexmcp_str data,
                   hexmcp_error *err)
{
    const struct hooker *h = self;
    hexmcp_str what = {"\"\"", 2};
    if (name.len == 7)
        return shorten(h, call, data);
    if (name.len == 6)
        return keep(h, call, data);
    (void)point;
    hexmcp_json_get(data, "/arguments/do", &what);
#define IS(word) (what.len == sizeof(word) + 1 && memcmp(what.ptr + 1, word, sizeof(word) - 1) == 0)
    if (IS("modify"))
        return modify(h, call, data);
    if (IS("cancel"))
        return say(h, call, "{\"result\":\"cancel\",\"reason\":\"the plugin says no\"}");
    if (IS("hang"))
        return HEXMCP_PENDING;
    if (IS("error"))
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "it went wrong");
    if (IS("twice"))
        say(h, call, "{\"result\":\"continue\"}");
    if (IS("huge"))
        return huge(h, call);
    if (IS("unknown"))
        return say(h, call, "{\"result\":\"explode\"}");
    if (IS("unread"))
        return say(h, call, "{\"result\":\"modified\",\"data\":{\"/arguments/other\":\"x\"}}");
    if (IS("redirect"))
        return say(h, call, "{\"result\":\"redirect\",\"target\":\"mighty\"}");
    if (IS("nothing"))
        return HEXMCP_OK;
    return say(h, call, "{\"result\":\"continue\"}");
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
    struct hooker *h = self;
    return strcmp(id, HEXMCP_TOOL_1) == 0   ? (const void *)&h->tool
           : strcmp(id, HEXMCP_HOOK_1) == 0 ? (const void *)&h->hook
                                            : NULL;
}

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct hooker *h = calloc(1, sizeof(*h));
    if (!h)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    h->plugin = (hexmcp_plugin){.size = sizeof(h->plugin),
                                .self = h,
                                .init = init,
                                .get_interface = get_interface,
                                .destroy = free};
    h->tool = (hexmcp_tool_1){.size = sizeof(h->tool), .self = h, .call = call_tool};
    h->hook = (hexmcp_hook_1){.size = sizeof(h->hook), .self = h, .run = run};
    h->host = host;
    *out = &h->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.hooker", "1.0.0", make);
