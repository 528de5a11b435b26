/* The loader with a plugin that provides everything. */
#include "tests/plugins/support/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"

#define ITEMS "hexmcp.test.items"
#define TOOL "{\"name\":\"x\",\"inputSchema\":{\"type\":\"object\"}}"

static struct loaded_plugin p;

static int load(void **state)
{
    (void)state;
    plugin_load_from(&p, TEST_ITEMS_DIR, ITEMS, "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    plugin_unload(&p);
    return 0;
}

static void holds(struct answer *answer, uint32_t outcome, const char *json)
{
    assert_int_equal(answer->status, HEXMCP_OK);
    assert_int_equal(answer->outcome, outcome);
    assert_string_equal(answer->json, json);
    answer_free(answer);
}

static void asks_each_table(void **state)
{
    struct answer answer;
    (void)state;
    plugin_ask(&p, ASK_TOOL, "plain", "{\"a\":1}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"tool\",\"name\":\"plain\",\"args\":{\"a\":1}}");
    plugin_ask(&p, ASK_RESOURCE, "items:one", "{}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"resource\",\"name\":\"items:one\",\"args\":{}}");
    plugin_ask(&p, ASK_PROMPT, "greet", "{}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"of\":\"prompt\",\"name\":\"greet\",\"args\":{}}");
}

static void takes_errors(void **state)
{
    struct answer answer;
    (void)state;
    plugin_ask(&p, ASK_RESOURCE, "items:fails", "{}", &answer);
    assert_int_equal(answer.status, HEXMCP_E_NOT_FOUND);
    assert_int_equal(answer.outcome, HEXMCP_FAIL);
    assert_string_equal(answer.error.text, "nobody knows it");
    answer_free(&answer);
}

static void resumes_each_table(void **state)
{
    static const char *const want[] = {
        "{\"of\":\"tool\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
        "{\"of\":\"resource\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
        "{\"of\":\"prompt\",\"name\":\"asks\",\"args\":{},\"state\":7,\"answers\":{\"q\":1}}",
    };
    (void)state;
    for (enum asked asked = ASK_TOOL; asked <= ASK_PROMPT; asked++) {
        struct answer answer;
        plugin_ask(&p, asked, "asks", "{}", &answer);
        holds(&answer, HEXMCP_INPUT_REQUIRED, "{\"requests\":{},\"state\":7}");
        plugin_resume(&p, asked, "asks", "{}", "7", "{\"q\":1}", &answer);
        holds(&answer, HEXMCP_RESULT, want[asked]);
    }
}

static void completes_prompts_and_templates(void **state)
{
    struct answer answer;
    (void)state;
    plugin_complete(&p, ASK_PROMPT, "greet", "who", "a", "{}", &answer);
    holds(&answer, HEXMCP_RESULT,
          "{\"of\":\"prompt\",\"name\":\"greet\",\"argument\":\"who\",\"value\":\"a\","
          "\"known\":{}}");
    plugin_complete(&p, ASK_RESOURCE, "items:t/{name}", "name", "", "{\"k\":\"v\"}", &answer);
    holds(&answer, HEXMCP_RESULT,
          "{\"of\":\"resource\",\"name\":\"items:t/{name}\",\"argument\":\"name\","
          "\"value\":\"\",\"known\":{\"k\":\"v\"}}");
}

static void replies_of_the_catalogue_come(void **state)
{
    struct answer answer;
    (void)state;
    plugin_ask(&p, ASK_TOOL, "publish", "{\"kind\":0,\"definition\":" TOOL "}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"structuredContent\":{\"status\":0}}");
    assert_string_equal(fake_host_last_log(p.fake), "1: replied 0 {\"name\":\"x\"}");
    assert_string_equal(fake_host_published(p.fake, HEXMCP_KIND_TOOL, "x"), TOOL);
    plugin_ask(&p, ASK_TOOL, "updated", "{\"uri\":\"items:one\"}", &answer);
    holds(&answer, HEXMCP_RESULT, "{\"structuredContent\":{\"status\":0}}");
    assert_string_equal(fake_host_last_told(p.fake), "updated items:one");
}

static void what_waits_is_answered_before_the_end(void **state)
{
    struct loaded_plugin early;
    (void)state;
    plugin_unload(&p); /* the plugin keeps its state in one place */
    plugin_load_from(&early, TEST_ITEMS_DIR, ITEMS, "{\"early\":true}");
    assert_string_equal(fake_host_last_log(early.fake), "");
    fake_host_cancel_timers(early.fake);
    assert_string_equal(fake_host_last_log(early.fake),
                        "1: replied -10 {\"message\":\"the plugin is not running\"}");
    plugin_unload(&early);
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
    return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
