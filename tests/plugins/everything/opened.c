#include "tests/plugins/everything/opened.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"

struct opened opened;
struct services services;

static int32_t catalog_reply(hexmcp_reply_fn reply, void *arg)
{
    if (services.catalog_status == HEXMCP_E_BUSY)
        return HEXMCP_E_BUSY;
    if (services.catalog_status == HEXMCP_E_UNAVAILABLE)
        reply(arg, services.catalog_status, (hexmcp_str){"", 0});
    else
        reply(arg, services.catalog_status,
              services.catalog_status ? hexmcp_str_from("{\"message\":\"no such item\"}")
                                      : hexmcp_str_from("{\"name\":\"known\"}"));
    return HEXMCP_OK;
}

static int32_t publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                       hexmcp_reply_fn reply, void *arg)
{
    (void)ctx;
    services.kind = kind;
    snprintf(services.asked, sizeof(services.asked), "publish %.*s %.*s", (int)definition.len,
             definition.ptr, (int)options.len, options.ptr);
    return catalog_reply(reply, arg);
}

static int32_t withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    (void)ctx;
    services.kind = kind;
    snprintf(services.asked, sizeof(services.asked), "withdraw %.*s", (int)name.len, name.ptr);
    return catalog_reply(reply, arg);
}

static int32_t resource_updated(void *ctx, hexmcp_str uri)
{
    (void)ctx;
    snprintf(services.updated, sizeof(services.updated), "%.*s", (int)uri.len, uri.ptr);
    return HEXMCP_OK;
}

static const hexmcp_catalog_1 catalog = {sizeof(catalog), 0, NULL, publish, withdraw};
static const hexmcp_notify_1 notify = {sizeof(notify), 0, NULL, resource_updated, NULL};

static const void *(*fake_get_interface)(void *ctx, const char *id); /* the same for all */

static const void *get_interface(void *ctx, const char *id)
{
    if (strcmp(id, HEXMCP_CATALOG_1) == 0)
        return &catalog;
    if (strcmp(id, HEXMCP_NOTIFY_1) == 0)
        return &notify;
    return fake_get_interface(ctx, id);
}

/* The fake host's table with two services more. */
static void widen(struct opened *o)
{
    o->host = *fake_host_table(o->fake);
    fake_get_interface = o->host.get_interface;
    o->host.get_interface = get_interface;
}

static hexmcp_plugin_create_fn entry(void)
{
    static void *library;
    hexmcp_plugin_create_fn create;
    if (!library)
        library = dlopen(TEST_EVERYTHING, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail_msg("%s", dlerror());
    *(void **)&create = dlsym(library, "hexmcp_plugin_create");
    assert_non_null(create);
    return create;
}

static int32_t make(struct opened *o, const char *config, hexmcp_error *err)
{
    hexmcp_str settings = {config, strlen(config)};
    o->fake = fake_host_new();
    widen(o);
    assert_int_equal(entry()(&o->host, &o->plugin, err), HEXMCP_OK);
    return o->plugin->init(o->plugin->self, settings, err);
}

void open_with(struct opened *o, const char *config)
{
    hexmcp_error err = {.size = sizeof(err)};
    if (make(o, config, &err) != HEXMCP_OK)
        fail_msg("init: %s", err.text);
    o->tool = o->plugin->get_interface(o->plugin->self, HEXMCP_TOOL_1);
    o->resource = o->plugin->get_interface(o->plugin->self, HEXMCP_RESOURCE_1);
    o->prompt = o->plugin->get_interface(o->plugin->self, HEXMCP_PROMPT_1);
    assert_non_null(o->tool);
    assert_non_null(o->resource);
    assert_non_null(o->prompt);
    assert_null(o->plugin->get_interface(o->plugin->self, "hexmcp.tool/1x"));
}

void close_it(struct opened *o)
{
    fake_host_cancel_timers(o->fake);
    o->plugin->destroy(o->plugin->self);
    fake_host_free(o->fake);
}

int open_everything(void **state)
{
    (void)state;
    open_with(&opened, "{}");
    return 0;
}

int close_everything(void **state)
{
    (void)state;
    close_it(&opened);
    return 0;
}

void assert_config_refused(const char *config, const char *text)
{
    struct opened o;
    hexmcp_error err = {.size = sizeof(err)};
    assert_int_equal(make(&o, config, &err), HEXMCP_E_CONFIG);
    assert_int_equal(err.code, HEXMCP_E_CONFIG);
    assert_string_equal(err.text, text);
    close_it(&o);
}

static hexmcp_str copy(const char *text)
{
    size_t len = strlen(text);
    char *bytes = malloc(len + (len == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    return (hexmcp_str){bytes, len};
}

static void drop(hexmcp_str text)
{
    free((char *)(uintptr_t)text.ptr);
}

static int32_t first(const struct opened *o, enum table table, hexmcp_call call, hexmcp_str name,
                     hexmcp_str args, hexmcp_error *err)
{
    if (table == TOOL)
        return o->tool->call(o->tool->self, call, name, args, err);
    if (table == RESOURCE)
        return o->resource->read(o->resource->self, call, name, args, err);
    return o->prompt->render(o->prompt->self, call, name, args, err);
}

static int32_t next(const struct opened *o, enum table table, hexmcp_call call, hexmcp_str name,
                    hexmcp_str args, hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    if (table == TOOL)
        return o->tool->resume(o->tool->self, call, name, args, state, answers, err);
    if (table == RESOURCE)
        return o->resource->resume(o->resource->self, call, name, args, state, answers, err);
    return o->prompt->resume(o->prompt->self, call, name, args, state, answers, err);
}

void run_round(struct opened *o, enum table table, const char *name, const char *args,
               const char *state, const char *answers, struct answer *ret)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str copies[] = {copy(name), copy(args), copy(state ? state : ""),
                           copy(answers ? answers : "")};
    hexmcp_call call = fake_host_open(o->fake);
    int32_t status = state ? next(o, table, call, copies[0], copies[1], copies[2], copies[3], &err)
                           : first(o, table, call, copies[0], copies[1], &err);
    for (size_t i = 0; i < 4; i++)
        drop(copies[i]);
    fake_host_advance(o->fake, 0);
    fake_host_close(o->fake, call, status, &err, ret);
}

void assert_next(enum table table, const char *name, const char *args, const char *state,
                 const char *answers, uint32_t outcome, const char *json)
{
    struct answer answer;
    run_round(&opened, table, name, args, state, answers, &answer);
    if (answer.status < 0)
        fail_msg("%s %s: %s", name, args, answer.error.text);
    assert_string_equal(answer.json, json);
    assert_int_equal(answer.outcome, outcome);
    answer_free(&answer);
}

void assert_first(enum table table, const char *name, const char *args, uint32_t outcome,
                  const char *json)
{
    assert_next(table, name, args, NULL, NULL, outcome, json);
}

void assert_fails(enum table table, const char *name, const char *args, const char *state,
                  const char *answers, int32_t code, const char *text)
{
    struct answer answer;
    run_round(&opened, table, name, args, state, answers, &answer);
    if (answer.status >= 0)
        fail_msg("%s %s: no error but %s", name, args, answer.json);
    assert_string_equal(answer.error.text, text);
    assert_int_equal(answer.status, code);
    answer_free(&answer);
}

void assert_completes(enum table table, const char *name, const char *argument, const char *value,
                      const char *context, const char *json)
{
    const struct opened *o = &opened;
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str t[] = {copy(name), copy(argument), copy(value), copy(context)};
    hexmcp_call call = fake_host_open(o->fake);
    struct answer answer;
    int32_t status =
        table == PROMPT
            ? o->prompt->complete(o->prompt->self, call, t[0], t[1], t[2], t[3], &err)
            : o->resource->complete(o->resource->self, call, t[0], t[1], t[2], t[3], &err);
    for (size_t i = 0; i < 4; i++)
        drop(t[i]);
    fake_host_close(o->fake, call, status, &err, &answer);
    assert_int_equal(answer.outcome, HEXMCP_RESULT);
    assert_string_equal(answer.json, json);
    answer_free(&answer);
}
