#include "adapters/driving/mcp/ask.h"

#include "adapters/driving/mcp/call.h"
#include "core/input/input_check.h"

void ask_failed(struct request *r, const struct error *why)
{
    if (r->method->action == ACTION_CALL)
        tool_answer_text_error(r, str_from(why->text));
    else
        answer_error(r, RPC_INTERNAL_ERROR, "%s", why->text);
}

static void answer_missing_capability(struct request *r, struct str capabilities,
                                      const struct error *why)
{
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    json_begin_object(&w);
    json_put_raw(&w, STR("requiredCapabilities"), capabilities.len ? capabilities : STR("{}"));
    json_end_object(&w);
    answer_error_data(r, RPC_MISSING_CAPABILITY,
                      buffer_failed(&data) ? STR("") : buffer_str(&data), "%s", why->text);
    buffer_clear(&data);
}

static void cannot_ask(struct request *r, struct str capabilities, const struct error *why)
{
    if (r->revision == REV_2026_07_28)
        answer_missing_capability(r, capabilities, why);
    else
        ask_failed(r, why);
}

/* What the plugin asks is good and the client can be asked it. *covered: how many of the requests. */
static int check(struct request *r, struct json wanted, const struct input_target *target,
                 uint32_t *covered, struct str *capabilities, struct error *err)
{
    struct json requests = json_get(wanted, STR("requests"));
    int rc = input_check(requests, err);
    if (rc)
        return rc;
    if (++r->rounds > ASK_ROUNDS_MAX)
        return error_set(err, ST_PROTOCOL, "the plugin asked for input %u times and was stopped",
                         ASK_ROUNDS_MAX);
    return input_need_all(requests, target, covered, capabilities, err);
}

void ask_client(struct request *r, struct json wanted)
{
    const struct client_abilities abilities = era_abilities(r);
    struct input_target target = {r->revision, &abilities};
    struct json requests = json_get(wanted, STR("requests"));
    struct str capabilities = {NULL, 0};
    uint32_t covered = 0;
    struct error err;
    int rc = check(r, wanted, &target, &covered, &capabilities, &err);
    if (rc == ST_UNSUPPORTED)
        cannot_ask(r, capabilities, &err);
    else if (rc)
        answer_error(r, RPC_INTERNAL_ERROR, "%s", err.text);
    else if (covered == 0 && json_count(requests) > 0)
        /* Only what the plugin can do without, and the client cannot: it goes on without. */
        call_go_on(r, json_text(json_get(wanted, STR("state"))), STR("{}"));
    else if (r->revision == REV_2026_07_28)
        ask_modern(r, wanted, &target);
    else
        ask_legacy(r, wanted, &target);
}
