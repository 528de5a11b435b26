/*
 * hexmcp/simple.h - a whole plugin from functions and tables, without the tables of the ABI.
 *
 * SPDX-License-Identifier: MIT
 *
 * Header-only and optional: include it beside hexmcp/plugin.h. It makes the instance, its tables and
 * the two exported symbols; what is left to write is what the tools do, and plugin.json.
 *
 * One function for all tools, no state:
 *
 *     static int32_t hello(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
 *                          hexmcp_str args, hexmcp_error *err);
 *     HEXMCP_SIMPLE_DEFINE("org.example.hello", "1.0.0", hello);
 *
 * A function for each tool, resource and prompt, with settings, state, cancellation and input:
 *
 *     static const hexmcp_simple_item tools[] = {
 *         HEXMCP_ITEM("greet", greet),
 *         HEXMCP_ITEM_ASKS("order", order, order_goes_on),
 *         HEXMCP_ITEM_END,
 *     };
 *     static const hexmcp_simple plugin = {
 *         .self_size = sizeof(struct shop), .init = shop_init, .clear = shop_clear, .tools = tools};
 *     HEXMCP_SIMPLE_PLUGIN("org.example.shop", "1.0.0", plugin);
 *
 * In C++ before C++20 a function fills the hexmcp_simple: `static const hexmcp_simple plugin = make();`
 */
#ifndef HEXMCP_SIMPLE_H
#define HEXMCP_SIMPLE_H

#include <stdlib.h>
#include <string.h>

#include "hexmcp/entry.h"
#include "hexmcp/ext/prompt.h"
#include "hexmcp/ext/resource.h"
#include "hexmcp/ext/selftest.h"
#include "hexmcp/ext/state.h"
#include "hexmcp/ext/tool.h"
#include "hexmcp/json.h"
#include "hexmcp/simple/round.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the tool `tool` of the manifest. Thread, arguments and return values as hexmcp_tool_1.call:
 * answer by `return hexmcp_complete_text(host, call, ...)`, `return hexmcp_complete_structured(...)`
 * or `return hexmcp_fail(err, ...)`. Several calls can run at once on several threads. Since: 1.0. */
typedef int32_t (*hexmcp_simple_fn)(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                                    hexmcp_str args, hexmcp_error *err);

/* A tool, a resource or a prompt. Write rows with the macros below. */
typedef struct hexmcp_simple_item {
    const char *name;       /* name or URI, as in the manifest; NULL ends the table                */
    hexmcp_round_fn begin;  /* the first round; NULL: `fixed` answers                              */
    hexmcp_round_fn resume; /* the rounds after HEXMCP_INPUT_REQUIRED; NULL: it never asks         */
    const char *fixed;      /* JSON of the result, or of the question if there is a `resume`       */
} hexmcp_simple_item;

#define HEXMCP_ITEM(name, begin) {name, begin, NULL, NULL}
#define HEXMCP_ITEM_ASKS(name, begin, resume) {name, begin, resume, NULL}
#define HEXMCP_ITEM_FIXED(name, json) {name, NULL, NULL, json}
#define HEXMCP_ITEM_ASKS_FIXED(name, resume, json) {name, NULL, resume, json}
/* The last row: all other names are HEXMCP_E_NOT_FOUND. */
#define HEXMCP_ITEM_END {NULL, NULL, NULL, NULL}
/* The last row: all other names come to `begin`, those of templates and published items, too. */
#define HEXMCP_ITEM_OTHERS(begin) {NULL, begin, NULL, NULL}

/* Suggests values of `argument` that begin with `typed`; r->name is the template or the prompt, r->args
 * what is known so far. Answer by hexmcp_round_suggest. */
typedef int32_t (*hexmcp_suggest_fn)(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);

/* What a plugin is made of. All may be NULL or 0. `self` is the instance's state: `self_size` bytes,
 * zeroed before make, NULL if the size is 0. */
typedef struct hexmcp_simple {
    size_t self_size;

    /* [loop] The state comes to be; of the host only log() may be used. An error undoes what it did
     * itself: clear is not called. */
    int32_t (*make)(void *self, const hexmcp_host *host, hexmcp_error *err);

    /* [loop] Reads the settings, as hexmcp_plugin.init, and asks for services of the host. */
    int32_t (*init)(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err);

    /* [loop] As hexmcp_plugin.start and stop. */
    int32_t (*start)(void *self, hexmcp_error *err);
    void (*stop)(void *self);

    /* [loop] Frees what the state holds, also after a failed init; not the state itself. */
    void (*clear)(void *self);

    /* [loop] As hexmcp_tool_1.cancel, for tools, resources and prompts. Code on a [worker] asks
     * hexmcp_round_cancelled instead and needs no such function. */
    void (*cancel)(void *self, hexmcp_call call);

    const hexmcp_simple_item *tools;
    const hexmcp_simple_item *resources; /* and templates, by HEXMCP_ITEM_OTHERS */
    const hexmcp_simple_item *prompts;

    hexmcp_suggest_fn suggest_for_template;
    hexmcp_suggest_fn suggest_for_prompt;

    /* As hexmcp_state_1 and hexmcp_selftest_1: see there. `save` needs `load`. */
    int32_t (*save)(void *self, void (*emit)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err);
    int32_t (*load)(void *self, hexmcp_str bytes, hexmcp_error *err);
    hexmcp_round_fn test;

    /* [loop] Further tables that the plugin makes itself, as hexmcp_plugin.get_interface. */
    const void *(*get_interface)(void *self, const char *id);
} hexmcp_simple;

typedef struct hexmcp_simple_ {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_resource_1 resource;
    hexmcp_prompt_1 prompt;
    hexmcp_state_1 state;
    hexmcp_selftest_1 selftest;
    const hexmcp_host *host;
    const hexmcp_call_info_1 *calls;
    const hexmcp_simple *what;
    hexmcp_simple_fn run; /* of HEXMCP_SIMPLE_DEFINE */
    void *self;
} hexmcp_simple_;

static inline hexmcp_round hexmcp_simple_round_(const hexmcp_simple_ *simple, hexmcp_call call,
                                                hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_round r;
    memset(&r, 0, sizeof(r));
    r.host = simple->host;
    r.calls = simple->calls;
    r.self = simple->self;
    r.call = call;
    r.name = name;
    r.args = args;
    r.err = err;
    return r;
}

static inline int32_t hexmcp_simple_unknown_(const hexmcp_round *r, const char *kind)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no %s %.*s here; list the %ss", kind,
                       (int)(r->name.len < 300 ? r->name.len : 300), r->name.ptr, kind);
}

/* The row of this name, or the last one. */
static inline const hexmcp_simple_item *hexmcp_simple_find_(const hexmcp_simple_item *items,
                                                            hexmcp_str name)
{
    while (items->name && !hexmcp_str_equals(name, items->name))
        items++;
    return items;
}

static inline int32_t hexmcp_simple_begin_(const hexmcp_simple_item *items, const char *kind,
                                           const hexmcp_round *r)
{
    const hexmcp_simple_item *item = hexmcp_simple_find_(items, r->name);
    if (item->begin)
        return item->begin(r);
    if (!item->fixed)
        return hexmcp_simple_unknown_(r, kind);
    return hexmcp_round_json(r, item->resume ? HEXMCP_INPUT_REQUIRED : HEXMCP_RESULT,
                             hexmcp_str_from(item->fixed));
}

static inline int32_t hexmcp_simple_go_on_(const hexmcp_simple_item *items, const char *kind,
                                           hexmcp_round *r, hexmcp_str state, hexmcp_str answers)
{
    const hexmcp_simple_item *item = hexmcp_simple_find_(items, r->name);
    r->state = state;
    r->answers = answers;
    return item->resume ? item->resume(r) : hexmcp_simple_unknown_(r, kind);
}

static inline int32_t hexmcp_simple_run_(void *self, hexmcp_call call, hexmcp_str tool,
                                         hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    return simple->run(simple->host, call, tool, args, err);
}

static inline int32_t hexmcp_simple_call_(void *self, hexmcp_call call, hexmcp_str name,
                                          hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, args, err);
    return hexmcp_simple_begin_(simple->what->tools, "tool", &r);
}

static inline int32_t hexmcp_simple_call_again_(void *self, hexmcp_call call, hexmcp_str name,
                                                hexmcp_str args, hexmcp_str state,
                                                hexmcp_str answers, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, args, err);
    return hexmcp_simple_go_on_(simple->what->tools, "tool", &r, state, answers);
}

static inline int32_t hexmcp_simple_read_(void *self, hexmcp_call call, hexmcp_str uri,
                                          hexmcp_str variables, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, uri, variables, err);
    return hexmcp_simple_begin_(simple->what->resources, "resource", &r);
}

static inline int32_t hexmcp_simple_read_again_(void *self, hexmcp_call call, hexmcp_str uri,
                                                hexmcp_str variables, hexmcp_str state,
                                                hexmcp_str answers, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, uri, variables, err);
    return hexmcp_simple_go_on_(simple->what->resources, "resource", &r, state, answers);
}

static inline int32_t hexmcp_simple_render_(void *self, hexmcp_call call, hexmcp_str name,
                                            hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, args, err);
    return hexmcp_simple_begin_(simple->what->prompts, "prompt", &r);
}

static inline int32_t hexmcp_simple_render_again_(void *self, hexmcp_call call, hexmcp_str name,
                                                  hexmcp_str args, hexmcp_str state,
                                                  hexmcp_str answers, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, args, err);
    return hexmcp_simple_go_on_(simple->what->prompts, "prompt", &r, state, answers);
}

static inline int32_t hexmcp_simple_suggest_uri_(void *self, hexmcp_call call, hexmcp_str name,
                                                 hexmcp_str argument, hexmcp_str value,
                                                 hexmcp_str context, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, context, err);
    return simple->what->suggest_for_template(&r, argument, value);
}

static inline int32_t hexmcp_simple_suggest_prompt_(void *self, hexmcp_call call, hexmcp_str name,
                                                    hexmcp_str argument, hexmcp_str value,
                                                    hexmcp_str context, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r = hexmcp_simple_round_(simple, call, name, context, err);
    return simple->what->suggest_for_prompt(&r, argument, value);
}

static inline void hexmcp_simple_cancel_(void *self, hexmcp_call call)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    simple->what->cancel(simple->self, call);
}

static inline int32_t hexmcp_simple_save_(void *self, void (*emit)(void *arg, hexmcp_str bytes),
                                          void *arg, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    return simple->what->save(simple->self, emit, arg, err);
}

static inline int32_t hexmcp_simple_load_(void *self, hexmcp_str bytes, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    return simple->what->load(simple->self, bytes, err);
}

static inline int32_t hexmcp_simple_test_(void *self, hexmcp_call call, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    hexmcp_round r =
        hexmcp_simple_round_(simple, call, hexmcp_str_from(""), hexmcp_str_from("{}"), err);
    return simple->what->test(&r);
}

static inline int32_t hexmcp_simple_init_(void *self, hexmcp_str config, hexmcp_error *err)
{
    hexmcp_simple_ *simple = (hexmcp_simple_ *)self;
    const hexmcp_host *host = simple->host;
    simple->calls = (const hexmcp_call_info_1 *)host->get_interface(host->ctx, HEXMCP_CALL_1);
    if (simple->what && simple->what->init)
        return simple->what->init(simple->self, host, config, err);
    return HEXMCP_OK;
}

static inline int32_t hexmcp_simple_start_(void *self, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    return simple->what->start(simple->self, err);
}

static inline void hexmcp_simple_stop_(void *self)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    simple->what->stop(simple->self);
}

static inline const void *hexmcp_simple_get_interface_(void *self, const char *id)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0 && simple->tool.call)
        return &simple->tool;
    if (strcmp(id, HEXMCP_RESOURCE_1) == 0 && simple->resource.read)
        return &simple->resource;
    if (strcmp(id, HEXMCP_PROMPT_1) == 0 && simple->prompt.render)
        return &simple->prompt;
    if (strcmp(id, HEXMCP_STATE_1) == 0 && simple->state.save)
        return &simple->state;
    if (strcmp(id, HEXMCP_SELFTEST_1) == 0 && simple->selftest.run)
        return &simple->selftest;
    if (simple->what && simple->what->get_interface)
        return simple->what->get_interface(simple->self, id);
    return NULL;
}

static inline void hexmcp_simple_destroy_(void *self)
{
    hexmcp_simple_ *simple = (hexmcp_simple_ *)self;
    if (simple->what && simple->what->clear)
        simple->what->clear(simple->self);
    free(simple->self);
    free(simple);
}

static inline int hexmcp_simple_asks_(const hexmcp_simple_item *items)
{
    while (items->name && !items->resume)
        items++;
    return items->resume != NULL;
}

static inline void hexmcp_simple_fill_tables_(hexmcp_simple_ *simple)
{
    const hexmcp_simple *what = simple->what;
    void (*cancel)(void *, hexmcp_call) = what->cancel ? hexmcp_simple_cancel_ : NULL;
    if (what->tools) {
        simple->tool.call = hexmcp_simple_call_;
        simple->tool.cancel = cancel;
        simple->tool.resume = hexmcp_simple_asks_(what->tools) ? hexmcp_simple_call_again_ : NULL;
    }
    if (what->resources) {
        simple->resource.read = hexmcp_simple_read_;
        simple->resource.cancel = cancel;
        simple->resource.complete =
            what->suggest_for_template ? hexmcp_simple_suggest_uri_ : NULL;
        simple->resource.resume =
            hexmcp_simple_asks_(what->resources) ? hexmcp_simple_read_again_ : NULL;
    }
    if (what->prompts) {
        simple->prompt.render = hexmcp_simple_render_;
        simple->prompt.cancel = cancel;
        simple->prompt.complete = what->suggest_for_prompt ? hexmcp_simple_suggest_prompt_ : NULL;
        simple->prompt.resume =
            hexmcp_simple_asks_(what->prompts) ? hexmcp_simple_render_again_ : NULL;
    }
    simple->state.save = what->save && what->load ? hexmcp_simple_save_ : NULL;
    simple->state.load = hexmcp_simple_load_;
    simple->selftest.run = what->test ? hexmcp_simple_test_ : NULL;
    simple->plugin.start = what->start ? hexmcp_simple_start_ : NULL;
    simple->plugin.stop = what->stop ? hexmcp_simple_stop_ : NULL;
}

/* An instance whose tables know their sizes and themselves; NULL without memory. */
static inline hexmcp_simple_ *hexmcp_simple_new_(const hexmcp_host *host)
{
    hexmcp_simple_ *simple = (hexmcp_simple_ *)calloc(1, sizeof(*simple));
    if (!simple)
        return NULL;
    simple->host = host;
    simple->plugin.size = (uint32_t)sizeof(simple->plugin);
    simple->plugin.self = simple;
    simple->plugin.init = hexmcp_simple_init_;
    simple->plugin.get_interface = hexmcp_simple_get_interface_;
    simple->plugin.destroy = hexmcp_simple_destroy_;
    simple->tool.size = (uint32_t)sizeof(simple->tool);
    simple->tool.self = simple;
    simple->resource.size = (uint32_t)sizeof(simple->resource);
    simple->resource.self = simple;
    simple->prompt.size = (uint32_t)sizeof(simple->prompt);
    simple->prompt.self = simple;
    simple->state.size = (uint32_t)sizeof(simple->state);
    simple->state.self = simple;
    simple->selftest.size = (uint32_t)sizeof(simple->selftest);
    simple->selftest.self = simple;
    return simple;
}

static inline int32_t hexmcp_simple_no_memory_(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
}

static inline int32_t hexmcp_simple_create_(const hexmcp_host *host, hexmcp_simple_fn run,
                                            const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_simple_ *simple = hexmcp_simple_new_(host);
    if (!simple)
        return hexmcp_simple_no_memory_(err);
    simple->run = run;
    simple->tool.call = hexmcp_simple_run_;
    *out = &simple->plugin;
    return HEXMCP_OK;
}

static inline int32_t hexmcp_simple_create_from_(const hexmcp_host *host, const hexmcp_simple *what,
                                                 const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_simple_ *simple = hexmcp_simple_new_(host);
    int32_t status = HEXMCP_OK;
    if (simple && what->self_size > 0)
        simple->self = calloc(1, what->self_size);
    if (!simple || (what->self_size > 0 && !simple->self))
        status = hexmcp_simple_no_memory_(err);
    else if (what->make)
        status = what->make(simple->self, host, err);
    if (status != HEXMCP_OK) {
        if (simple)
            free(simple->self);
        free(simple);
        return status;
    }
    simple->what = what;
    hexmcp_simple_fill_tables_(simple);
    *out = &simple->plugin;
    return HEXMCP_OK;
}

/*
 * Defines the whole plugin from one function for all tools. Use it once, at file scope:
 *
 *   HEXMCP_SIMPLE_DEFINE("org.example.hello", "1.0.0", hello);
 *
 * `id` and `version` equal those of plugin.json; `function` is a hexmcp_simple_fn. Since: 1.0.
 */
#define HEXMCP_SIMPLE_DEFINE(id, version, function)                                              \
    static int32_t hexmcp_simple_make_(const hexmcp_host *host, const hexmcp_plugin **out,       \
                                       hexmcp_error *err)                                        \
    {                                                                                            \
        return hexmcp_simple_create_(host, function, out, err);                                  \
    }                                                                                            \
    HEXMCP_PLUGIN_DEFINE(id, version, hexmcp_simple_make_)

/*
 * The same from a hexmcp_simple, an object of static storage:
 *
 *   HEXMCP_SIMPLE_PLUGIN("org.example.shop", "1.0.0", plugin);
 *
 * Since: 1.0.
 */
#define HEXMCP_SIMPLE_PLUGIN(id, version, what)                                                  \
    static int32_t hexmcp_simple_make_(const hexmcp_host *host, const hexmcp_plugin **out,       \
                                       hexmcp_error *err)                                        \
    {                                                                                            \
        return hexmcp_simple_create_from_(host, &(what), out, err);                              \
    }                                                                                            \
    HEXMCP_PLUGIN_DEFINE(id, version, hexmcp_simple_make_)

#ifdef __cplusplus
}
#endif

#endif
