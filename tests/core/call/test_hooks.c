/* Hooks on the way of a call: what they may change, and that each call ends exactly once. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

#define SCHEMA "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}"
#define TEXT(t) "{\"content\":[{\"type\":\"text\",\"text\":\"" t "\"}]}"

static int set_up(void **state)
{
    set_up_empty(state);
    struct world *w = *state;
    add(w, item_of(ITEM_TOOL, "add", "{\"name\":\"add\"," SCHEMA "}"));
    add(w, item_of(ITEM_TOOL, "other", "{\"name\":\"other\"," SCHEMA "}"));
    struct item mighty = item_of(ITEM_TOOL, "mighty", "{\"name\":\"mighty\"," SCHEMA "}");
    mighty.level = TOOL_PRIVILEGED;
    add(w, mighty);
    struct item strict = item_of(ITEM_TOOL, "strict",
                                 "{\"name\":\"strict\"," SCHEMA ",\"outputSchema\":{\"type\":\"object\","
                                 "\"required\":[\"sum\"]}}");
    add(w, strict);
    add(w, item_of(ITEM_RESOURCE, "test://r", "{\"uri\":\"test://r\",\"name\":\"r\"}"));
    add(w, item_of(ITEM_PROMPT, "p", "{\"name\":\"p\",\"arguments\":[{\"name\":\"x\"}]}"));
    return 0;
}

/* A hook that answers with a text, or when the test lets it. */
struct answering {
    const char *json;
    const char *then; /* the next answers, if not NULL */
    bool later;
    int runs, cancels;
    struct hook_turn *turn;
    char saw[2048];
};

static enum hook_result answer(void *self, struct hook_turn *turn)
{
    struct answering *a = self;
    struct buffer saw = BUFFER_INIT;
    hook_turn_read_all(turn, &saw);
    snprintf(a->saw, sizeof(a->saw), "%.*s", STR_ARG(buffer_str(&saw)));
    buffer_clear(&saw);
    a->turn = turn;
    const char *json = a->runs++ && a->then ? a->then : a->json;
    if (!a->later)
        hook_answer_json(turn, str_from(json));
    return HOOK_LATER;
}

static void on_cancel(void *self, struct hook_turn *turn)
{
    (void)turn;
    ((struct answering *)self)->cancels++;
}

static void hook(struct world *w, struct answering *a, const char *name, const char *point)
{
    const struct str points[] = {str_from(point)};
    const struct str reads[] = {STR("/name"), STR("/arguments"), STR("/result"), STR("/isError"),
                                STR("/error"), STR("/attempt")};
    const struct hook_definition d = {.name = str_from(name),
                                      .kind = STR("test"),
                                      .points = points,
                                      .point_count = 1,
                                      .reads = reads,
                                      .read_count = 6,
                                      .gates = true,
                                      .self = a,
                                      .run = answer,
                                      .cancel = on_cancel};
    struct error err;
    if (hooks_add(w->hooks, &d, &err))
        fail_msg("%s", err.text);
}

static void ended(const struct record *r, enum call_end end, const char *text)
{
    assert_int_equal(r->done, 1);
    assert_int_equal(r->released, 1);
    assert_int_equal(r->end, end);
    assert_string_equal(r->text, text);
}

static void tool_error(const struct record *r, const char *text)
{
    char wanted[1024];
    snprintf(wanted, sizeof(wanted), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}", text);
    ended(r, CALL_TOOL_ERROR, wanted);
}

static uint64_t running(const struct world *w)
{
    assert_true(w->run_count > 0);
    return w->runs[w->run_count - 1].call;
}

static void test_cancel(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering no = {.json = "{\"result\":\"cancel\",\"reason\":\"not today\"}"};
    hook(w, &no, "no", "BeforeToolExecution");
    start(w, &r, "add", "{\"n\":1}");
    tool_error(&r, "tool \\\"add\\\" was not run: not today (hook \\\"no\\\")");
    assert_int_equal(w->run_count, 0);
    assert_string_equal(no.saw, "{\"/name\":\"add\",\"/arguments\":{\"n\":1},\"/isError\":false,"
                                "\"/attempt\":1}");
}

static void test_modified_arguments(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering change = {.json = "{\"result\":\"modified\",\"data\":{\"/arguments/n\":7}}"};
    hook(w, &change, "change", "BeforeToolExecution");
    start(w, &r, "add", "{\"n\":1}");
    expect_text(w->runs[0].arguments, "{\"n\":7}");
    complete(w, running(w), TEXT("ok"));
    ended(&r, CALL_RESULT, TEXT("ok"));
    /* What a hook makes is checked like what a client sends. */
    change.then = "{\"result\":\"modified\",\"data\":{\"/arguments\":{\"n\":\"x\"}}}";
    start(w, &r, "add", "{\"n\":1}");
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "invalid arguments for tool \\\"add\\\": "));
    change.then = "{\"result\":\"modified\",\"data\":{\"/arguments\":3}}";
    start(w, &r, "add", "{\"n\":1}");
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text, "a hook made arguments that are no object");
    assert_int_equal(w->run_count, 1);
}

static void test_replace(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering give = {.json = "{\"result\":\"replace\",\"value\":" TEXT("mine") "}"};
    struct answering after = {.json = "{\"result\":\"continue\"}"};
    hook(w, &give, "give", "BeforeToolExecution");
    hook(w, &after, "after", "AfterToolExecution");
    start(w, &r, "add", NULL);
    ended(&r, CALL_RESULT, TEXT("mine"));
    assert_int_equal(w->run_count, 0);
    assert_int_equal(after.runs, 1);
    give.then = "{\"result\":\"replace\",\"value\":7}";
    start(w, &r, "add", NULL);
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text,
                        "the hook \"give\" gave a result of tool \"add\" that is not a JSON object");
    give.then = "{\"result\":\"replace\",\"value\":{\"structuredContent\":{}}}";
    start(w, &r, "strict", NULL);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "does not fit its output schema"));
}

static void test_redirect(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering to = {.json = "{\"result\":\"redirect\",\"target\":\"other\"}",
                           .then = "{\"result\":\"continue\"}"};
    hook(w, &to, "to", "BeforeToolExecution");
    start(w, &r, "add", "{\"n\":1}");
    expect_text(w->runs[0].name, "other");
    assert_int_equal(to.runs, 2); /* the other one is asked about too */
    complete(w, running(w), TEXT("ok"));
    ended(&r, CALL_RESULT, TEXT("ok"));
    to.then = "{\"result\":\"redirect\",\"target\":\"mighty\"}";
    start(w, &r, "add", NULL);
    tool_error(&r, "tool \\\"add\\\" cannot be redirected by the hook \\\"to\\\": \\\"mighty\\\" has "
                   "more rights than \\\"add\\\"");
    to.then = "{\"result\":\"redirect\",\"target\":\"nothing\"}";
    start(w, &r, "add", NULL);
    tool_error(&r, "tool \\\"add\\\" cannot be redirected by the hook \\\"to\\\": there is no tool "
                   "\\\"nothing\\\"");
    to.runs = 1;
    to.then = "{\"result\":\"redirect\",\"target\":\"add\"}";
    start(w, &r, "add", NULL);
    assert_int_equal(to.runs, 10);
    tool_error(&r, "tool \\\"add\\\" cannot be redirected by the hook \\\"to\\\": it was redirected "
                   "more than 8 times");
    assert_int_equal(w->run_count, 1);
}

static void test_results(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering a = {.json = "{\"result\":\"modified\",\"data\":{\"/result/content/0/text\":\"b\"}}"};
    hook(w, &a, "a", "AfterToolExecution");
    start(w, &r, "add", NULL);
    complete(w, running(w), TEXT("a"));
    ended(&r, CALL_RESULT, TEXT("b"));
    a.then = "{\"result\":\"cancel\",\"reason\":\"secret\"}";
    start(w, &r, "add", NULL);
    complete(w, running(w), TEXT("a"));
    tool_error(&r, "the result of tool \\\"add\\\" was kept back: secret (hook \\\"a\\\")");
    a.then = "{\"result\":\"replace\",\"value\":" TEXT("c") "}";
    start(w, &r, "add", NULL);
    complete_as(w, running(w), RUN_TOOL_ERROR, TEXT("a"));
    ended(&r, CALL_RESULT, TEXT("c"));
    assert_non_null(strstr(a.saw, "\"/isError\":true"));
    a.then = "{\"result\":\"modified\",\"data\":{\"/result\":{\"content\":3}}}";
    start(w, &r, "add", NULL);
    complete(w, running(w), TEXT("a"));
    assert_string_equal(r.text, "the hook \"of this call\" gave a result of tool \"add\" that has a "
                                "\"content\" that is not an array");
    /* Asking the client is no result. */
    start(w, &r, "add", NULL);
    int before = a.runs;
    complete_as(w, running(w), RUN_INPUT_REQUIRED, "{\"state\":1}");
    ended(&r, CALL_INPUT_REQUIRED, "{\"state\":1}");
    assert_int_equal(a.runs, before);
}

static void test_large_result_is_kept_for_hooks(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering a = {.json = NULL, .later = true};
    static char big[80000];
    hook(w, &a, "a", "AfterToolExecution");
    start(w, &r, "add", NULL);
    memset(big, 'x', sizeof(big) - 1);
    memcpy(big, "{\"content\":[{\"type\":\"text\",\"text\":\"", 35);
    memcpy(big + sizeof(big) - 5, "\"}]}", 4);
    complete(w, running(w), big);
    run_jobs(w);
    assert_int_equal(r.done, 0);
    hook_answer_json(a.turn, STR("{\"result\":\"modified\",\"data\":{\"/result/content/0/text\":\"s\"}}"));
    ended(&r, CALL_RESULT, TEXT("s"));
}

static void pass(struct world *w, uint64_t ms)
{
    w->now_ns += ms * MS;
    if (w->timer.set && ms >= w->timer.delay_ms) {
        w->timer.set = false;
        w->timer.fire(w->timer.arg);
    }
    if (w->hook_timer.set && ms >= w->hook_timer.delay_ms) {
        w->hook_timer.set = false;
        w->hook_timer.fire(w->hook_timer.arg);
    }
}

static void test_retry(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error broken;
    struct answering again = {.json = "{\"result\":\"retry\",\"delayMs\":50,\"maxAttempts\":3}"};
    hook(w, &again, "again", "Tool*r*");
    hook(w, &again, "again2", "AfterToolExecution");
    start(w, &r, "add", "{\"n\":1}");
    uint64_t first = running(w);
    error_set(&broken, ST_UNAVAILABLE, "no network");
    w->events->failed(w->events->ctx, first, &broken);
    assert_int_equal(r.done, 0);
    assert_string_equal(again.saw, "{\"/name\":\"add\",\"/arguments\":{\"n\":1},\"/isError\":true,"
                                   "\"/error\":{\"code\":\"unavailable\",\"message\":\"no network\"},"
                                   "\"/attempt\":1}");
    pass(w, 49);
    assert_int_equal(w->run_count, 1);
    w->timer.delay_ms = 1;
    pass(w, 1);
    assert_int_equal(w->run_count, 2);
    assert_int_not_equal(running(w), first);
    complete(w, first, TEXT("late")); /* of the first attempt: nobody listens */
    assert_int_equal(r.done, 0);
    complete_as(w, running(w), RUN_TOOL_ERROR, TEXT("no"));
    assert_int_equal(r.done, 0);
    pass(w, 50);
    assert_int_equal(w->run_count, 3);
    complete_as(w, running(w), RUN_TOOL_ERROR, TEXT("no"));
    ended(&r, CALL_TOOL_ERROR, TEXT("no"));
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_no_retry_beyond_the_deadline(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error broken;
    struct answering again = {.json = "{\"result\":\"retry\",\"delayMs\":1000,\"maxAttempts\":3}"};
    hook(w, &again, "again", "ToolError");
    start(w, &r, "add", NULL);
    error_set(&broken, ST_UNAVAILABLE, "no network");
    w->events->failed(w->events->ctx, running(w), &broken);
    tool_error(&r, "no network");
}

static void test_cancelled_while_it_rests(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error broken;
    struct answering again = {.json = "{\"result\":\"retry\",\"delayMs\":50,\"maxAttempts\":3}"};
    hook(w, &again, "again", "ToolError");
    start(w, &r, "add", NULL);
    error_set(&broken, ST_UNAVAILABLE, "no network");
    w->events->failed(w->events->ctx, running(w), &broken);
    w->service->cancel(w->service->ctx, r.id);
    ended(&r, CALL_CANCELLED, "");
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
    pass(w, 50);
    assert_int_equal(w->run_count, 1);
}

static void test_cancelled_while_a_retry_runs(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error broken;
    struct answering again = {.json = "{\"result\":\"retry\",\"delayMs\":0,\"maxAttempts\":3}"};
    hook(w, &again, "again", "ToolError");
    start(w, &r, "add", NULL);
    error_set(&broken, ST_UNAVAILABLE, "no network");
    w->events->failed(w->events->ctx, running(w), &broken);
    pass(w, 0);
    assert_int_equal(w->run_count, 2);
    w->service->cancel(w->service->ctx, r.id);
    assert_int_equal(w->cancelled[0], running(w));
    w->events->released(w->events->ctx, running(w));
    ended(&r, CALL_CANCELLED, "");
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void asked_at(struct world *w, const char *point, struct answering *a, struct record *r)
{
    hook(w, a, "slow", point);
    start(w, r, "add", NULL);
    if (a->runs == 0)
        complete(w, running(w), TEXT("ok"));
    assert_int_equal(r->done, 0);
    assert_int_equal(a->runs, 1);
}

/* At each place where a hook is waited for: by cancel, by the deadline, by the hook's budget. */
static void test_ends_while_a_hook_is_asked(void **state)
{
    static const char *const points[] = {"ToolValidation", "BeforeToolExecution", "AfterToolExecution"};
    struct world *w = *state;
    struct error err;
    for (size_t i = 0; i < 3; i++)
        for (int how = 0; how < 3; how++) {
            struct answering a = {.later = true};
            struct record r;
            asked_at(w, points[i], &a, &r);
            if (how == 0) {
                w->service->cancel(w->service->ctx, r.id);
                ended(&r, CALL_CANCELLED, "");
            } else if (how == 1) {
                pass(w, 1000);
                tool_error(&r, "tool \\\"add\\\" did not finish within its time limit of 1000 ms and "
                               "was stopped");
            } else {
                pass(w, 100);
                assert_string_equal(w->complaint, "slow: did not answer within 100 ms");
                if (i < 2)
                    complete(w, running(w), TEXT("ok"));
                ended(&r, CALL_RESULT, TEXT("ok"));
            }
            assert_int_equal(a.cancels, 1);
            assert_int_equal(dispatcher_live(w->dispatcher), 0);
            assert_int_equal(hooks_remove(w->hooks, STR("slow"), &err), ST_OK);
        }
}

static void test_cached(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering keep = {.json = "{\"result\":\"cache\",\"key\":\"k\",\"ttlMs\":500}"};
    hook(w, &keep, "keep", "BeforeToolExecution");
    start(w, &r, "add", NULL);
    complete_as(w, running(w), RUN_TOOL_ERROR, TEXT("no")); /* is not kept */
    start(w, &r, "add", NULL);
    assert_int_equal(w->run_count, 2);
    complete(w, running(w), TEXT("one"));
    start(w, &r, "add", NULL);
    ended(&r, CALL_RESULT, TEXT("one"));
    assert_int_equal(w->run_count, 2);
    start(w, &r, "other", NULL);
    assert_int_equal(w->run_count, 3);
    complete(w, running(w), TEXT("two"));
    w->now_ns += 500 * (uint64_t)MS;
    start(w, &r, "add", NULL);
    assert_int_equal(w->run_count, 4);
    complete(w, running(w), TEXT("three"));
}

static void test_forks(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering fork = {
        .json = "{\"result\":\"fork\",\"operations\":[{\"target\":\"other\",\"data\":{\"n\":5}},"
                "{\"target\":\"mighty\"},{\"target\":\"nothing\"},{\"target\":\"add\"}]}"};
    hook(w, &fork, "fork", "BeforeToolExecution");
    start(w, &r, "add", "{\"n\":1}");
    /* Not the mighty one; and forked calls do not fork. */
    assert_int_equal(fork.runs, 3);
    assert_int_equal(w->run_count, 3);
    expect_text(w->runs[0].name, "other");
    expect_text(w->runs[0].arguments, "{\"n\":5}");
    expect_text(w->runs[1].name, "add");
    expect_text(w->runs[1].arguments, "{}");
    expect_text(w->runs[2].arguments, "{\"n\":1}");
    for (int i = 0; i < 3; i++)
        complete(w, w->runs[i].call, TEXT("ok"));
    ended(&r, CALL_RESULT, TEXT("ok"));
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_told(void **state)
{
    struct world *w = *state;
    struct record r;
    struct answering invalid = {.json = "{\"result\":\"continue\"}"}, denied = invalid, busy = invalid,
                     failed = invalid;
    hook(w, &invalid, "invalid", "ToolValidation");
    hook(w, &denied, "denied", "SecurityViolation");
    hook(w, &busy, "busy", "ResourceLimitExceeded");
    hook(w, &failed, "failed", "ToolError");
    start(w, &r, "add", "{\"n\":\"x\"}");
    assert_int_equal(invalid.runs, 1);
    assert_non_null(strstr(invalid.saw, "\"/error\":{\"code\":\"invalid\","));
    start(w, &r, "mighty", NULL);
    assert_int_equal(denied.runs, 1);
    assert_non_null(strstr(denied.saw, "\"/name\":\"mighty\""));
    assert_int_equal(failed.runs, 2);
    struct record many[5];
    for (int i = 0; i < 5; i++)
        start(w, &many[i], "add", NULL);
    assert_int_equal(busy.runs, 1);
    assert_non_null(strstr(busy.saw, "\"code\":\"busy\""));
    assert_int_equal(failed.runs, 3);
    /* Calls that still run are dropped by the end of the test. */
    for (int i = 0; i < 4; i++)
        w->service->cancel(w->service->ctx, many[i].id);
    w->release_on_abandon = true;
    for (int i = 0; i < w->run_count; i++)
        w->events->released(w->events->ctx, w->runs[i].call);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_resources_and_prompts(void **state)
{
    struct world *w = *state;
    struct record r = {0};
    struct error err;
    struct answering before = {.json = "{\"result\":\"continue\"}"}, after = before, prompt = before;
    hook(w, &before, "before", "BeforeResourceRead");
    hook(w, &after, "after", "AfterResourceRead");
    hook(w, &prompt, "prompt", "*Prompt");
    start_call(w, &r, (struct wanted){.action = ACTION_READ, .target = "test://r"}, &err);
    complete(w, running(w), "{\"contents\":[{\"uri\":\"test://r\",\"text\":\"a\"}]}");
    assert_int_equal(r.end, CALL_RESULT);
    assert_int_equal(before.runs + after.runs, 2);
    before.then = "{\"result\":\"modified\",\"data\":{\"/arguments\":{}}}";
    start_call(w, &r, (struct wanted){.action = ACTION_READ, .target = "test://r"}, &err);
    assert_string_equal(w->complaint, "before: it changes \"/arguments\", which cannot be changed");
    complete(w, running(w), "{\"contents\":[{\"uri\":\"test://r\",\"text\":\"a\"}]}");
    before.then = "{\"result\":\"cancel\",\"reason\":\"no\"}";
    start_call(w, &r, (struct wanted){.action = ACTION_READ, .target = "test://r"}, &err);
    ended(&r, CALL_FAILED, "resource \"test://r\" was not run: no (hook \"before\")");
    assert_int_equal(r.code, ST_DENIED);
    prompt.json = prompt.then = "{\"result\":\"modified\",\"data\":{\"/arguments/x\":\"y\"}}";
    start_call(w, &r, (struct wanted){.action = ACTION_RENDER, .target = "p"}, &err);
    expect_text(w->runs[w->run_count - 1].arguments, "{\"x\":\"y\"}");
    complete(w, running(w), "{\"messages\":[]}");
    ended(&r, CALL_RESULT, "{\"messages\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cancel),
        TEST(test_modified_arguments),
        TEST(test_replace),
        TEST(test_redirect),
        TEST(test_results),
        TEST(test_large_result_is_kept_for_hooks),
        TEST(test_retry),
        TEST(test_no_retry_beyond_the_deadline),
        TEST(test_cancelled_while_it_rests),
        TEST(test_cancelled_while_a_retry_runs),
        TEST(test_ends_while_a_hook_is_asked),
        TEST(test_cached),
        TEST(test_forks),
        TEST(test_told),
        TEST(test_resources_and_prompts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
