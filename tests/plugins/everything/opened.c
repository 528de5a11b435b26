#include "tests/plugins/everything/opened.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"

hexmcp_fake_plugin opened;
struct services services;

static int32_t catalog_reply(void *fake, hexmcp_reply_fn reply, void *arg)
{
    static const char *const texts[] = {"{\"name\":\"known\"}", "{\"message\":\"no such item\"}", ""};
    int32_t status = services.catalog_status;
    if (status == HEXMCP_E_BUSY)
        return HEXMCP_E_BUSY;
    int which = status == HEXMCP_OK ? 0 : status == HEXMCP_E_UNAVAILABLE ? 2 : 1;
    hexmcp_fake_post(fake, reply, arg, status, hexmcp_str_from(texts[which]));
    return HEXMCP_OK;
}

static int32_t publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                       hexmcp_reply_fn reply, void *arg)
{
    services.kind = kind;
    snprintf(services.asked, sizeof(services.asked), "publish %.*s %.*s", (int)definition.len,
             definition.ptr, (int)options.len, options.ptr);
    return catalog_reply(ctx, reply, arg);
}

static int32_t withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    services.kind = kind;
    snprintf(services.asked, sizeof(services.asked), "withdraw %.*s", (int)name.len, name.ptr);
    return catalog_reply(ctx, reply, arg);
}

static int32_t resource_updated(void *ctx, hexmcp_str uri)
{
    (void)ctx;
    snprintf(services.updated, sizeof(services.updated), "%.*s", (int)uri.len, uri.ptr);
    return HEXMCP_OK;
}

static int32_t make(hexmcp_fake_plugin *o, const char *config, hexmcp_error *err)
{
    static hexmcp_catalog_1 catalog = {sizeof(catalog), 0, NULL, publish, withdraw};
    static const hexmcp_notify_1 notify = {sizeof(notify), 0, NULL, resource_updated, NULL};
    hexmcp_fake *fake = hexmcp_fake_new();
    catalog.ctx = fake;
    hexmcp_fake_offer(fake, HEXMCP_CATALOG_1, &catalog);
    hexmcp_fake_offer(fake, HEXMCP_NOTIFY_1, &notify);
    if (hexmcp_fake_create_from(o, fake, TEST_EVERYTHING, err) != HEXMCP_OK)
        fail_msg("create: %s", err->text);
    return hexmcp_fake_init(o, config, err);
}

void open_with(hexmcp_fake_plugin *o, const char *config)
{
    hexmcp_error err;
    if (make(o, config, &err) != HEXMCP_OK || hexmcp_fake_start(o, &err) != HEXMCP_OK)
        fail_msg("init or start: %s", err.text);
    assert_non_null(o->tool);
    assert_non_null(o->resource);
    assert_non_null(o->prompt);
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
    hexmcp_fake_unload(&opened);
    return 0;
}

void assert_config_refused(const char *config, const char *text)
{
    hexmcp_fake_plugin o;
    hexmcp_error err;
    assert_int_equal(make(&o, config, &err), HEXMCP_E_CONFIG);
    assert_int_equal(err.code, HEXMCP_E_CONFIG);
    assert_string_equal(err.text, text);
    hexmcp_fake_unload(&o);
}

void run_round(hexmcp_fake_plugin *o, enum table table, const char *name, const char *args,
               const char *state, const char *answers, hexmcp_fake_answer *ret)
{
    uint32_t kind = (uint32_t)table + (state ? HEXMCP_FAKE_RESUME_CALL : HEXMCP_FAKE_CALL);
    hexmcp_fake_ask(o, kind, name, args, state, answers, ret);
}

void assert_next(enum table table, const char *name, const char *args, const char *state,
                 const char *answers, uint32_t outcome, const char *json)
{
    hexmcp_fake_answer answer;
    run_round(&opened, table, name, args, state, answers, &answer);
    if (answer.status < 0)
        fail_msg("%s %s: %s", name, args, answer.error.text);
    assert_string_equal(answer.json, json);
    assert_int_equal(answer.outcome, outcome);
    hexmcp_fake_answer_free(&answer);
}

void assert_first(enum table table, const char *name, const char *args, uint32_t outcome,
                  const char *json)
{
    assert_next(table, name, args, NULL, NULL, outcome, json);
}

void assert_fails(enum table table, const char *name, const char *args, const char *state,
                  const char *answers, int32_t code, const char *text)
{
    hexmcp_fake_answer answer;
    run_round(&opened, table, name, args, state, answers, &answer);
    if (answer.status >= 0)
        fail_msg("%s %s: no error but %s", name, args, answer.json);
    assert_string_equal(answer.error.text, text);
    assert_int_equal(answer.status, code);
    hexmcp_fake_answer_free(&answer);
}

void assert_completes(enum table table, const char *name, const char *argument, const char *value,
                      const char *context, const char *json)
{
    hexmcp_fake_answer answer;
    hexmcp_fake_ask(&opened,
                    table == PROMPT ? HEXMCP_FAKE_COMPLETE_PROMPT : HEXMCP_FAKE_COMPLETE_URI, name,
                    argument, value, context, &answer);
    assert_int_equal(answer.outcome, HEXMCP_RESULT);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}
