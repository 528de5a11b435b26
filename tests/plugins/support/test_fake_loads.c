/* The fake host with a plugin from a file that provides everything. */
#include "tests/plugins/support/asserts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"

#define ITEMS "hexmcp.test.items"
#define TOOL "{\"name\":\"x\",\"inputSchema\":{\"type\":\"object\"}}"

static hexmcp_fake_plugin p;

static int load(void **state)
{
    (void)state;
    plugin_load_from(&p, TEST_ITEMS_DIR, ITEMS, "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&p);
    return 0;
}

static void holds(hexmcp_fake_answer *answer, uint32_t outcome, const char *json)
{
    assert_int_equal(answer->status, HEXMCP_OK);
    assert_int_equal(answer->outcome, outcome);
    assert_string_equal(answer->json, json);
    hexmcp_fake_answer_free(answer);
}

static const char *last_log(const hexmcp_fake_plugin *of)
{
    const hexmcp_fake_record *line = hexmcp_fake_last_note(of->fake, HEXMCP_FAKE_NOTE_LOG);
    return line ? line->text : "";
}

static void asks_each_table(void **state)
{
    hexmcp_fake_answer answer;
    (void)state;
    hexmcp_fake_run(&p, "plain", "{\"a\":1}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"tool\",\"name\":\"plain\",\"args\":{\"a\":1}}");
    hexmcp_fake_ask(&p, HEXMCP_FAKE_READ, "items:one", "{}", NULL, NULL, &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"resource\",\"name\":\"items:one\",\"args\":{}}");
    hexmcp_fake_ask(&p, HEXMCP_FAKE_RENDER, "greet", "{}", NULL, NULL, &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"prompt\",\"name\":\"greet\",\"args\":{}}");
}

static void takes_errors(void **state)
{
    hexmcp_fake_answer answer;
    (void)state;
    hexmcp_fake_ask(&p, HEXMCP_FAKE_READ, "items:fails", "{}", NULL, NULL, &answer);
    assert_int_equal(answer.status, HEXMCP_E_NOT_FOUND);
    assert_int_equal(answer.outcome, HEXMCP_FAIL);
    assert_string_equal(answer.error.text, "nobody knows it");
    hexmcp_fake_answer_free(&answer);
}

static void resumes_each_table(void **state)
{
    static const char *const want[] = {
        "{\"of\":\"tool\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
        "{\"of\":\"resource\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
        "{\"of\":\"prompt\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
    };
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        hexmcp_fake_answer answer;
        hexmcp_fake_ask(&p, HEXMCP_FAKE_CALL + i, "asks", "{}", NULL, NULL, &answer);
        holds(&answer, HEXMCP_INPUT_REQUIRED, "{\"requests\":{},\"state\":7}");
        hexmcp_fake_ask(&p, HEXMCP_FAKE_RESUME_CALL + i, "asks", "{}", "7", "{\"q\":1}", &answer);
        holds(&answer, HEXMCP_RESULT, want[i]);
    }
}

static void completes_prompts_and_templates(void **state)
{
    hexmcp_fake_answer answer;
    (void)state;
    hexmcp_fake_ask(&p, HEXMCP_FAKE_COMPLETE_PROMPT, "greet", "who", "a", "{}", &answer);
    holds(&answer, HEXMCP_RESULT,
          "{\"of\":\"prompt\",\"name\":\"greet\",\"argument\":\"who\",\"value\":\"a\","
          "\"known\":{}}");
    hexmcp_fake_ask(&p, HEXMCP_FAKE_COMPLETE_URI, "items:t/{name}", "name", "", "{\"k\":\"v\"}", &answer);
    holds(&answer, HEXMCP_RESULT,
          "{\"of\":\"resource\",\"name\":\"items:t/{name}\",\"argument\":\"name\","
          "\"value\":\"\",\"known\":{\"k\":\"v\"}}");
}

static void replies_of_the_catalogue_come(void **state)
{
    hexmcp_fake_answer answer;
    (void)state;
    hexmcp_fake_run(&p, "publish", "{\"kind\":0,\"definition\":" TOOL "}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"structuredContent\":{\"status\":0}}");
    assert_string_equal(last_log(&p), "replied 0 {\"name\":\"x\"}");
    assert_string_equal(hexmcp_fake_published(p.fake, HEXMCP_KIND_TOOL, "x"), TOOL);
    hexmcp_fake_run(&p, "updated", "{\"uri\":\"items:one\"}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"structuredContent\":{\"status\":0}}");
    assert_string_equal(hexmcp_fake_last_note(p.fake, HEXMCP_FAKE_NOTE_UPDATED)->text, "items:one");
}

static void what_waits_is_answered_before_the_end(void **state)
{
    hexmcp_fake_plugin early;
    (void)state;
    hexmcp_fake_unload(&p); /* the plugin keeps its state in one place */
    plugin_load_from(&early, TEST_ITEMS_DIR, ITEMS, "{\"early\":true}");
    assert_string_equal(last_log(&early), "");
    hexmcp_fake_quiesce(early.fake);
    assert_string_equal(last_log(&early),
                        "replied -10 {\"message\":\"the plugin is not running\"}");
    hexmcp_fake_unload(&early);
    load(NULL);
}

#define T(test) cmocka_unit_test_setup_teardown(test, load, unload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(asks_each_table),
        T(takes_errors),
        T(resumes_each_table),
        T(completes_prompts_and_templates),
        T(replies_of_the_catalogue_come),
        T(what_waits_is_answered_before_the_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fake-loads", tests, NULL, NULL);
}
