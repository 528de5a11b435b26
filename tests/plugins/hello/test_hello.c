#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/asserts.h"

#define NAME_ERROR "hello cannot read `name`: pass a string of 1 to 100 characters, no NUL"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.examples.hello", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

static void greets(void **state)
{
    (void)state;
    assert_result(&plugin, "hello", "{\"name\":\"Ada\"}",
                  "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, Ada!\"}]}");
    assert_result(&plugin, "hello", "{\"name\":\"\\u00e9\\\"\\n\"}",
                  "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, \xc3\xa9\\\"\\n!\"}]}");
}

static void greets_the_longest_name(void **state)
{
    char args[420] = "{\"name\":\"", json[500] = "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, ";
    (void)state;
    for (int i = 0; i < 100; i++) {
        strcat(args, "\xf0\x9f\x98\x80");
        strcat(json, "\xf0\x9f\x98\x80");
    }
    strcat(args, "\"}");
    strcat(json, "!\"}]}");
    assert_result(&plugin, "hello", args, json);
}

static void refuses_what_is_no_name(void **state)
{
    (void)state;
    assert_error(&plugin, "hello", "{}", HEXMCP_E_INVALID, NAME_ERROR);
    assert_error(&plugin, "hello", "{\"name\":7}", HEXMCP_E_INVALID, NAME_ERROR);
    assert_error(&plugin, "hello", "{\"name\":\"a\\u0000b\"}", HEXMCP_E_INVALID, NAME_ERROR);
}

static void keeps_two_instances_apart(void **state)
{
    hexmcp_fake_plugin other;
    (void)state;
    plugin_load(&other, "hexmcp.examples.hello", "{}");
    assert_ptr_not_equal(other.tool, plugin.tool);
    assert_result(&other, "hello", "{\"name\":\"B\"}",
                  "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, B!\"}]}");
    hexmcp_fake_unload(&other);
    greets(state);
}

static void drops_the_result_of_a_call_given_up(void **state)
{
    hexmcp_error err = {sizeof(err), 0, ""};
    hexmcp_str name = {"hello", 5}, args = {"{\"name\":\"A\"}", 12};
    (void)state;
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    hexmcp_fake_give_up(plugin.fake, call);
    assert_int_equal(plugin.tool->call(plugin.tool->self, call, name, args, &err), HEXMCP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets),
        cmocka_unit_test(greets_the_longest_name),
        cmocka_unit_test(refuses_what_is_no_name),
        cmocka_unit_test(keeps_two_instances_apart),
        cmocka_unit_test(drops_the_result_of_a_call_given_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hello", tests, load, unload);
}
