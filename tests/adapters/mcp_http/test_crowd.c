/* A thousand clients that all call their requests 0: each gets its own answer, in whatever order the
 * calls end. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"

#define CLIENTS 1000

struct crowd {
    struct call_service service;
    struct random_port random; /* that does not repeat itself as soon as the fixture's */
    uint64_t drawn;
    struct call_request calls[CLIENTS];
    char names[CLIENTS][24]; /* of the client whose call it is */
    size_t count;
    struct http_connection connections[CLIENTS];
    struct caller callers[CLIENTS];
    char ids[CLIENTS][24];
    char sessions[CLIENTS][64];
    struct http_exchange *exchanges[CLIENTS];
};

static int keep_call(void *ctx, const struct call_request *call, uint64_t *id, struct error *err)
{
    struct crowd *crowd = ctx;
    struct str name = {"", 0};
    (void)err;
    assert_true(crowd->count < CLIENTS);
    json_plain(json_get(call->arguments, STR("who")), &name);
    snprintf(crowd->names[crowd->count], sizeof(crowd->names[0]), "%.*s", STR_ARG(name));
    /* who asks is who the transport says it is */
    assert_true(str_eq(call->context.caller->id, name));
    crowd->calls[crowd->count++] = *call;
    *id = crowd->count;
    return ST_OK;
}

static void no_cancel(void *ctx, uint64_t id)
{
    (void)ctx;
    fail_msg("call %llu was cancelled", (unsigned long long)id);
}

static void end_call(struct crowd *crowd, size_t index)
{
    const struct call_request *call = &crowd->calls[index];
    struct json_doc *doc;
    char text[120];
    snprintf(text, sizeof(text), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}",
             crowd->names[index]);
    assert_int_equal(json_parse(str_from(text), &doc, NULL), ST_OK);
    struct call_outcome outcome = {.end = CALL_RESULT, .result = json_root(doc)};
    call->observer->done(call->user, &outcome);
    call->release(call->hold);
    json_free(doc);
}

static int draw(void *ctx, void *out, size_t len, struct error *err)
{
    struct crowd *crowd = ctx;
    (void)err;
    memset(out, 0, len);
    crowd->drawn++;
    memcpy(out, &crowd->drawn, len < sizeof(crowd->drawn) ? len : sizeof(crowd->drawn));
    return ST_OK;
}

/* In an order that has nothing to do with that of the calls. */
static void end_all(struct crowd *crowd)
{
    for (size_t i = 0; i < CLIENTS; i++)
        end_call(crowd, i * 617 % CLIENTS);
}

static struct crowd *gather(struct web *web)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    assert_non_null(crowd);
    crowd->service = (struct call_service){crowd, keep_call, no_cancel};
    crowd->random = (struct random_port){crowd, draw};
    web->w->options.calls = &crowd->service;
    web->w->options.random = &crowd->random;
    web->options.max_sessions = CLIENTS;
    web_reopen(web);
    for (size_t i = 0; i < CLIENTS; i++) {
        snprintf(crowd->ids[i], sizeof(crowd->ids[i]), "client-%zu", i);
        crowd->callers[i] = (struct caller){str_from(crowd->ids[i]), STR("local"), true, NULL};
    }
    return crowd;
}

static void disperse(struct web *web, struct crowd *crowd)
{
    for (size_t i = 0; i < CLIENTS; i++)
        if (crowd->connections[i].user)
            crowd->connections[i].closed(crowd->connections[i].user);
    web_reopen(web);
    free(crowd);
}

static void test_s1_a_thousand_modern_clients_with_one_id(void **state)
{
    struct web *web = *state;
    struct crowd *crowd = gather(web);
    char text[400];
    for (size_t i = 0; i < CLIENTS; i++) {
        web->caller = &crowd->callers[i];
        snprintf(text, sizeof(text),
                 REQUEST("0", "tools/call", "'name':'echo','arguments':{'who':'%s'}," META),
                 crowd->ids[i]);
        crowd->exchanges[i] = send_over(web, &crowd->connections[i], "POST",
                                        NAMED_HEADERS("tools/call", "echo"), text);
    }
    assert_int_equal(mcp_http_pending(web->http), CLIENTS);
    end_all(crowd);
    for (size_t i = 0; i < CLIENTS; i++) {
        snprintf(text, sizeof(text), MODERN_TEXT_RESULT("0", "%s"), crowd->ids[i]);
        expect_json(crowd->exchanges[i], 200, text);
    }
    disperse(web, crowd);
}

static void test_s1_a_thousand_sessions_with_one_id(void **state)
{
    struct web *web = *state;
    struct crowd *crowd = gather(web);
    char text[400];
    for (size_t i = 0; i < CLIENTS; i++) {
        web->caller = &crowd->callers[i];
        begin(web, "2025-11-25");
        strcpy(crowd->sessions[i], web->session);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        web->caller = &crowd->callers[i];
        strcpy(web->session, crowd->sessions[i]);
        snprintf(text, sizeof(text),
                 REQUEST("0", "tools/call", "'name':'echo','arguments':{'who':'%s'}"),
                 crowd->ids[i]);
        crowd->exchanges[i] = post_in_session(web, text);
    }
    assert_int_equal(mcp_http_pending(web->http), CLIENTS);
    end_all(crowd);
    for (size_t i = 0; i < CLIENTS; i++) {
        snprintf(text, sizeof(text), TEXT_RESULT("0", "%s"), crowd->ids[i]);
        expect_json(crowd->exchanges[i], 200, text);
    }
    disperse(web, crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s1_a_thousand_modern_clients_with_one_id),
        WEB_TEST(test_s1_a_thousand_sessions_with_one_id),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
