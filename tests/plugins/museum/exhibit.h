/*
 * What the exhibits of the museum have in common: a plugin with the tools "good", which answers, and
 * "bad", which does what the exhibit is shown for. An exhibit defines what differs before it says
 * EXHIBIT. A comment "plugin.json: {...}" in its source changes the manifest (bundle_museum.py).
 */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hexmcp/plugin.h"

#ifndef EXHIBIT_VERSION
#define EXHIBIT_VERSION "1.0.0"
#endif

static const hexmcp_host *the_host;

#define GOOD_RESULT "{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}"

static inline int32_t finish(hexmcp_call call, uint32_t outcome, const char *json)
{
    hexmcp_str text = {json, strlen(json)};
    return the_host->complete(the_host->ctx, call, outcome, text);
}

static inline int32_t good(hexmcp_call call)
{
    finish(call, HEXMCP_RESULT, GOOD_RESULT);
    return HEXMCP_OK;
}

static inline int32_t fail(hexmcp_error *err, int32_t code, const char *text)
{
    err->code = code;
    snprintf(err->text, sizeof(err->text), "%s", text);
    return code;
}

/* The function of the tool "bad". */
static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err);

/* Several instances can live at once, each with its host. */
struct exhibit {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tools;
    const hexmcp_host *host;
};

static inline int32_t exhibit_call(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                                   hexmcp_error *err)
{
    the_host = ((struct exhibit *)self)->host;
    if (name.len == 3 && memcmp(name.ptr, "bad", 3) == 0)
        return bad(call, args, err);
    if (name.len == 4 && memcmp(name.ptr, "good", 4) == 0)
        return good(call);
    return fail(err, HEXMCP_E_NOT_FOUND, "there is no such tool");
}

static inline int32_t exhibit_init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    return HEXMCP_OK;
}

static inline void exhibit_destroy(void *self)
{
    free(self);
}

static inline const void *exhibit_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &((struct exhibit *)self)->tools : NULL;
}

static inline int32_t exhibit_create(const hexmcp_host *host, hexmcp_plugin plugin,
                                     const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_tool_1 tools = {sizeof(hexmcp_tool_1), 0, NULL, exhibit_call, NULL, NULL};
    struct exhibit *made = (struct exhibit *)calloc(1, sizeof(*made));
    if (!made)
        return fail(err, HEXMCP_E_NOMEM, "out of memory");
    made->plugin = plugin;
    made->tools = tools;
    made->plugin.self = made->tools.self = made;
    made->host = host;
    the_host = host;
    *out = &made->plugin;
    return HEXMCP_OK;
}

/* The whole plugin with these functions; start and stop may be NULL. */
#define EXHIBIT_WITH(init, get_interface, start, stop, destroy)                                  \
    static int32_t exhibit_make(const hexmcp_host *host, const hexmcp_plugin **out,              \
                                hexmcp_error *err)                                               \
    {                                                                                            \
        hexmcp_plugin plugin = {sizeof(hexmcp_plugin), 0,    NULL, init, get_interface,          \
                                start,                 stop, destroy};                           \
        return exhibit_create(host, plugin, out, err);                                           \
    }                                                                                            \
    HEXMCP_PLUGIN_DEFINE(EXHIBIT_ID, EXHIBIT_VERSION, exhibit_make)

#define EXHIBIT EXHIBIT_WITH(exhibit_init, exhibit_interface, NULL, NULL, exhibit_destroy)

/* For exhibits whose fault is elsewhere. */
#define BAD_IS_GOOD                                                                              \
    static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)                     \
    {                                                                                            \
        (void)args;                                                                              \
        (void)err;                                                                               \
        return good(call);                                                                       \
    }
