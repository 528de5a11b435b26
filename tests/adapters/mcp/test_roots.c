/* Section 12: what the core is told of the client's roots, and what a session keeps of them. */
#include <stdio.h>
#include <string.h>

#include "tests/adapters/mcp/fixture.h"

#define ASKED "{'requests':{'roots':{'method':'roots/list'}},'state':{'roots':null}}"
#define ROOTS(name) "'roots':[{'uri':'file:///" name "'}]"
#define ANSWER(number, result)                                                                     \
    "{'jsonrpc':'2.0','id':'hexmcp-" number "','result':{" result "}}"
#define LIST_CHANGED "{'jsonrpc':'2.0','method':'notifications/roots/list_changed'}"
#define CAPABLE                                                                                    \
    "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28',"                             \
    "'io.modelcontextprotocol/clientCapabilities':{'roots':{}}}"

static struct world *narrowing(void **state, const char *capabilities)
{
    struct world *w = *state;
    w->options.narrow_by_roots = true;
    reopen(w);
    if (capabilities)
        begin_session_with(w, "2025-06-18", capabilities);
    return w;
}

/* The core is told `roots` with the next call. */
static void calls_with(struct world *w, const char *id, const char *roots)
{
    char text[100];
    snprintf(text, sizeof(text), CALL("%s", "echo"), id);
    give(w, text);
    assert_string_equal(w->calls[w->call_count - 1].roots, roots);
}

static void test_s12_a_client_without_roots(void **state)
{
    struct world *w = narrowing(state, "'elicitation':{}");
    calls_with(w, "1", "none");
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s12_roots_that_do_not_count(void **state)
{
    struct world *w = *state;
    begin_session_with(w, "2025-06-18", "'roots':{'listChanged':true}");
    calls_with(w, "1", "none");
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

/* Call `id`, the first of two of the core, asks and is told `name`. */
static void is_asked(struct world *w, const char *id, const char *number, const char *name)
{
    char text[200];
    size_t first = w->call_count;
    calls_with(w, id, "unknown");
    finish(w, first, CALL_INPUT_REQUIRED, ASKED);
    assert_non_null(strstr(w->sent[w->read], "\"method\":\"roots/list\""));
    w->read++;
    snprintf(text, sizeof(text), ANSWER("%s", ROOTS("%s")), number, name);
    give(w, text);
    assert_int_equal(w->call_count, first + 2);
    assert_string_equal(w->calls[first + 1].state, "{\"roots\":null}");
    finish(w, first + 1, CALL_RESULT, GOOD);
    w->read++;
}

static void test_s12_roots_are_kept_until_they_change(void **state)
{
    struct world *w = narrowing(state, "'roots':{'listChanged':true}");
    is_asked(w, "1", "1", "a");
    calls_with(w, "2", "[{\"uri\":\"file:///a\"}]");
    finish(w, 2, CALL_RESULT, GOOD);
    w->read++;
    ask_nothing(w, LIST_CHANGED);
    is_asked(w, "3", "2", "b");
    calls_with(w, "4", "[{\"uri\":\"file:///b\"}]");
    finish(w, 5, CALL_RESULT, GOOD);
    w->read++;
    expect_nothing(w);
}

static void test_s12_a_client_that_would_not_say_when_they_change(void **state)
{
    struct world *w = narrowing(state, "'roots':{}");
    is_asked(w, "1", "1", "a");
    is_asked(w, "2", "2", "a");
    expect_nothing(w);
}

static void test_s12_modern_clients_are_asked_each_time(void **state)
{
    struct world *w = narrowing(state, NULL);
    give(w, REQUEST("1", "tools/call", "'name':'echo'," CAPABLE));
    assert_string_equal(w->calls[0].roots, "unknown");
    finish(w, 0, CALL_INPUT_REQUIRED, ASKED);
    assert_non_null(strstr(w->sent[w->read++], "\"inputRequests\":{\"roots\":{\"method\":"
                                               "\"roots/list\""));
    give(w, REQUEST("2", "tools/call", "'name':'echo'," META));
    assert_string_equal(w->calls[1].roots, "none");
    finish(w, 1, CALL_RESULT, GOOD);
    w->read++;
    expect_nothing(w);
}

static void test_s12_tasks_are_told_too(void **state)
{
    struct world *w = *state;
    add_task_tool(w, "later", TASK_OPTIONAL);
    w->options.narrow_by_roots = true;
    reopen(w);
    begin_session_with(w, "2025-11-25", "'roots':{'listChanged':true}");
    is_asked(w, "1", "1", "a");
    give(w, REQUEST("2", "tools/call", "'name':'later','task':{}"));
    assert_string_equal(w->calls[2].roots, "[{\"uri\":\"file:///a\"}]");
    finish(w, 2, CALL_RESULT, GOOD);
    w->read = w->sent_count;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s12_a_client_without_roots),
        TEST(test_s12_roots_that_do_not_count),
        TEST(test_s12_roots_are_kept_until_they_change),
        TEST(test_s12_a_client_that_would_not_say_when_they_change),
        TEST(test_s12_modern_clients_are_asked_each_time),
        TEST(test_s12_tasks_are_told_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
