/* "hexmcp.schema/1": what a plugin is told of values and schemas, with the program's own check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/regex/regex.h"
#include "adapters/driving/cli/plugin_checks.h"
#include "hexmcp/host/schema.h"
#include "tests/adapters/plugin_host/fixture.h"

#define SCHEMA "hexmcp.test.schema"

static struct regex_module *patterns;
static struct plugin_checker checker;

static struct fixture *opened(void **state)
{
    struct fixture *f = *state;
    struct error err;
    assert_int_equal(regex_module_new(TEST_MODULES_DIR, &patterns, &err), ST_OK);
    checker = (struct plugin_checker){.regex = regex_module_port(patterns)};
    f->config.checks = plugin_checker_functions(&checker);
    fixture_bundle(f, SCHEMA);
    fixture_open(f);
    return f;
}

static int ended(void **state)
{
    int rc = fixture_teardown(state);
    regex_module_free(patterns);
    patterns = NULL;
    return rc;
}

static void run(struct fixture *f, const char *tool, const char *args, const char *line)
{
    struct error err = {0};
    assert_int_equal(fixture_run(f, 1, SCHEMA, tool, args, true, &err), ST_OK);
    fixture_saw(f, line);
}

#define TOLD(json) "completed 1 0 {\"structuredContent\":" json "}\n"
#define VALID TOLD("{\"valid\":true,\"faults\":[],\"more\":false}")

static void a_value_fits(void **state)
{
    struct fixture *f = opened(state);
    run(f, "validate", "{\"schema\":{\"type\":\"integer\",\"minimum\":3},\"value\":4}", VALID);
    run(f, "validate", "{\"schema\":true,\"value\":null}", VALID);
    run(f, "validate", "{\"schema\":{\"pattern\":\"^a+$\"},\"value\":\"aa\"}", VALID);
}

static void faults_are_told(void **state)
{
    struct fixture *f = opened(state);
    run(f, "validate",
        "{\"schema\":{\"properties\":{\"a/b\":{\"items\":{\"type\":\"integer\"}}},\"required\":[\"c\"]},"
        "\"value\":{\"a/b\":[1,\"x\"]}}",
        TOLD("{\"valid\":false,\"faults\":[{\"instance\":\"/a~1b/1\",\"keyword\":\"type\","
             "\"schema\":\"#/properties/a~1b/items/type\",\"message\":\"must be an integer, is a "
             "string\"},{\"instance\":\"\",\"keyword\":\"required\",\"schema\":\"#/required\","
             "\"message\":\"missing required property \\\"c\\\"\"}],\"more\":false}"));
}

static void formats_only_when_asked(void **state)
{
    struct fixture *f = opened(state);
    run(f, "validate", "{\"schema\":{\"format\":\"ipv4\"},\"value\":\"1.2.3\"}", VALID);
    run(f, "validate", "{\"schema\":{\"format\":\"ipv4\"},\"value\":\"1.2.3\",\"flags\":1}",
        TOLD("{\"valid\":false,\"faults\":[{\"instance\":\"\",\"keyword\":\"format\",\"schema\":"
             "\"#/format\",\"message\":\"must be an IPv4 address, is \\\"1.2.3\\\"\"}],\"more\":false}"));
}

static void what_cannot_be_checked(void **state)
{
    struct fixture *f = opened(state);
    run(f, "validate", "{\"schema\":\"{\",\"decoded\":true,\"value\":\"1\"}",
        "failed 1 -3 the schema: expected a key in quotes at byte 1\n");
    run(f, "validate", "{\"schema\":\"{}\",\"decoded\":true,\"value\":\"tru\"}",
        "failed 1 -3 the value: unexpected character at byte 0\n");
    run(f, "validate", "{\"schema\":{\"type\":\"number2\"},\"value\":1}",
        "failed 1 -3 the schema: #/type: must be one of \"null\", \"boolean\", \"integer\", \"number\", "
        "\"string\", \"array\", \"object\" or an array of them\n");
    run(f, "validate", "{\"schema\":{\"$ref\":\"#/none\"},\"value\":1}",
        "failed 1 -4 the schema: #/$ref: \"#/none\" leads nowhere: the schema has no such place\n");
    run(f, "validate", "{\"schema\":{\"$schema\":\"http://json-schema.org/draft-04/schema#\"},\"value\":1}",
        "failed 1 -5 the schema: $schema \"http://json-schema.org/draft-04/schema#\" is not supported; "
        "use https://json-schema.org/draft/2020-12/schema or http://json-schema.org/draft-07/schema#\n");
    run(f, "validate", "{\"schema\":{},\"value\":1,\"flags\":2}",
        "failed 1 -5 flags 2 are unknown to this host\n");
    run(f, "validate", "{\"schema\":{\"pattern\":\"^(a+)+$\"},\"value\":"
                       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}",
        "failed 1 -11 cannot be checked against the pattern ^(a+)+$: "
        "matching it takes more than 200000 steps\n");
}

static void sizes(void **state)
{
    struct fixture *f = opened(state);
    run(f, "validate", "{\"schema\":{},\"schemaPad\":4194303,\"value\":1}",
        "failed 1 -11 the schema has 4194305 bytes, more than 4194304\n");
    run(f, "validate", "{\"schema\":{},\"value\":1,\"valuePad\":16777216}",
        "failed 1 -11 the value has 16777217 bytes, more than 16777216\n");
}

/* A pointer is cut between characters. */
static void long_pointers_are_cut(void **state)
{
    (void)state;
    char key[1200], value[1300], told[1300];
    struct plugin_checks checks;
    struct buffer result = BUFFER_INIT;
    struct error err;
    size_t len = 0;
    key[len++] = 'x';
    while (len < 1101) {
        memcpy(key + len, "\xC3\xA9", 2);
        len += 2;
    }
    key[len] = '\0';
    snprintf(value, sizeof(value), "{\"%s\":1}", key);
    key[1023] = '\0';
    snprintf(told, sizeof(told), "{\"valid\":false,\"faults\":[{\"instance\":\"/%s\",", key);
    checks = plugin_checker_functions(&checker);
    assert_int_equal(checks.check_value(checks.ctx, STR("{\"additionalProperties\":{\"type\":\"null\"}}"),
                                        str_from(value), false, &result, &err), ST_OK);
    assert_memory_equal(result.data, told, strlen(told));
    buffer_clear(&result);
}

/* Many threads at once meet the first pattern of the process. */
static void threads_of_the_plugin(void **state)
{
    struct fixture *f = opened(state);
    run(f, "threads", "{\"schema\":{\"pattern\":\"^[a-z]+$\"},\"value\":\"abc\"}",
        TOLD("{\"threads\":8,\"fitted\":400}"));
}

static void a_host_without_a_check(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, SCHEMA);
    fixture_open(f);
    run(f, "validate", "{\"schema\":{},\"value\":1}", "failed 1 -5 there is no hexmcp.schema/1\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, ended)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(threads_of_the_plugin),
        TEST(a_value_fits),
        TEST(faults_are_told),
        TEST(formats_only_when_asked),
        TEST(what_cannot_be_checked),
        TEST(sizes),
        cmocka_unit_test(long_pointers_are_cut),
        TEST(a_host_without_a_check),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plugin-host-schema", tests, NULL, NULL);
}
