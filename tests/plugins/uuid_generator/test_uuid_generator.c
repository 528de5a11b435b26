#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "uuid-generator"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.uuid-generator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* The member `key` of the structured content, in `out`. */
static void run_for(const char *args, const char *key, char out[300])
{
    hexmcp_fake_answer answer;
    hexmcp_str content, value;
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s: %s", args, answer.error.text);
    assert_int_equal(
        hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content), 0);
    assert_int_equal(hexmcp_json_get(content, key, &value), 0);
    assert_int_equal(hexmcp_json_string(value, out, 300, NULL), 0);
    hexmcp_fake_answer_free(&answer);
}

/* `shape`: x a lower-case hexadecimal digit, v one of 8 9 a b, 9 a digit, others themselves. */
static void assert_shape(const char *text, const char *shape)
{
    size_t i = 0;
    for (; shape[i] && text[i]; i++) {
        const char *allowed = shape[i] == 'x'   ? "0123456789abcdef"
                              : shape[i] == 'v' ? "89ab"
                              : shape[i] == '9' ? "0123456789"
                                                : NULL;
        if (allowed ? !strchr(allowed, text[i]) : text[i] != shape[i])
            fail_msg("%s is not like %s", text, shape);
    }
    if (shape[i] || text[i])
        fail_msg("%s is not like %s", text, shape);
}

static void assert_made(const char *args, const char *key, const char *shape)
{
    char first[300], second[300];
    run_for(args, key, first);
    run_for(args, key, second);
    assert_shape(first, shape);
    assert_string_not_equal(first, second);
}

static void generates(void **state)
{
    (void)state;
    assert_made("{}", "uuid", "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"operation\":\"generate\",\"version\":\"v4\"}", "uuid",
                "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"version\":\"v1\"}", "uuid", "xxxxxxxx-xxxx-1xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"version\":\"v7\"}", "uuid", "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx");
}

static void formats(void **state)
{
    (void)state;
    assert_made("{\"format\":\"standard\"}", "uuid", "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"format\":\"simple\"}", "uuid", "xxxxxxxxxxxx4xxxvxxxxxxxxxxxxxxx");
    assert_made("{\"format\":\"urn\"}", "uuid", "urn:uuid:xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"format\":\"braced\"}", "uuid", "{xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx}");
}

static void v1_hides_the_network_card(void **state)
{
    char text[300];
    (void)state;
    run_for("{\"version\":\"v1\"}", "uuid", text);
    assert_non_null(strchr("13579bdf", text[25])); /* the multicast bit of the node */
}

static void v7_sorts_by_time(void **state)
{
    char last[300] = "", next[300];
    (void)state;
    for (int i = 0; i < 5000; i++) {
        run_for("{\"version\":\"v7\"}", "uuid", next);
        if (strcmp(last, next) >= 0)
            fail_msg("%s came before %s", last, next);
        memcpy(last, next, sizeof(last));
    }
}

static void check_v5(const char *namespace_text, const char *name, const char *uuid)
{
    char args[400], json[400];
    snprintf(args, sizeof(args),
             "{\"operation\":\"deterministic\",\"namespace\":\"%s\",\"name\":\"%s\"}",
             namespace_text, name);
    snprintf(json, sizeof(json),
             "{\"structuredContent\":{\"operation\":\"deterministic\",\"uuid\":\"%s\","
             "\"version\":\"v5\",\"format\":\"standard\"}}",
             uuid);
    assert_result(&plugin, TOOL, args, json);
}

static void names_give_the_same_uuid(void **state)
{
    (void)state;
    check_v5("dns", "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"); /* RFC 9562 A.4 */
    check_v5("url", "www.example.com", "b63cdfa4-3df9-568e-97ae-006c5b8fd652");
    check_v5("oid", "www.example.com", "a5e87d3b-479e-52da-b98a-db251a851854");
    check_v5("x500", "www.example.com", "a1d3adb1-15b7-5395-a05f-9051a08769a2");
    check_v5("dns", "", "4ebd0208-8328-5d69-8c44-ec50939c0967");
    check_v5("dns", "a\\u0000b", "0a63f66b-e02f-5d2d-9fd4-aad819cf5352");
    check_v5("2ED6657D-e927-568b-95e1-2665a8aea6a2", "\\u00e9",
             "426e0980-86e8-5e05-9794-2d4ef72cf244");
    check_v5("{2ed6657d-e927-568b-95e1-2665a8aea6a2}", "\\u00e9",
             "426e0980-86e8-5e05-9794-2d4ef72cf244");
    assert_result(&plugin, TOOL,
                  "{\"version\":\"v5\",\"namespace\":\"dns\",\"name\":\"www.example.com\","
                  "\"format\":\"simple\"}",
                  "{\"structuredContent\":{\"operation\":\"generate\","
                  "\"uuid\":\"2ed6657de927568b95e12665a8aea6a2\",\"version\":\"v5\","
                  "\"format\":\"simple\"}}");
}

/* These must never change: stored identifiers depend on them. */
static void own_namespaces_stay(void **state)
{
    (void)state;
    check_v5("agent", "a", "0b678c43-48f6-5424-a01f-4d233f177fa5");
    check_v5("tool", "a", "207d1ddc-aec9-5cef-be0d-b45462c9ac0a");
    check_v5("workflow", "a", "739fe049-6e4b-5a21-8ffc-6cd1a7fa2de7");
    check_v5("633fc649-eaf6-5549-94d7-9f6802f2db6a", "a", "0b678c43-48f6-5424-a01f-4d233f177fa5");
    check_v5("aefd1056-e255-5541-9951-b3b91955dafb", "a", "207d1ddc-aec9-5cef-be0d-b45462c9ac0a");
    check_v5("1c132785-c7af-5ce9-95f4-71252bf5c959", "a", "739fe049-6e4b-5a21-8ffc-6cd1a7fa2de7");
}

static void makes_identifiers(void **state)
{
    (void)state;
    assert_made("{\"operation\":\"component_id\",\"prefix\":\"agent\"}", "id",
                "agent_xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"operation\":\"component_id\",\"prefix\":\"a.b-c_d\",\"short\":true}", "id",
                "a.b-c_d_xxxxxxxx");
    assert_made("{\"operation\":\"custom\"}", "id", "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx");
    assert_made("{\"operation\":\"custom\",\"prefix\":\"p\",\"suffix\":\"s\"}", "id",
                "p_xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx_s");
    assert_made("{\"operation\":\"custom\",\"prefix\":\"p\",\"timestamp\":true,\"short\":true}",
                "id", "p_99999999T999999Z_xxxxxxxx");
    assert_made("{\"operation\":\"custom\",\"timestamp\":true,\"suffix\":\"s\",\"short\":false}",
                "id", "99999999T999999Z_xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx_s");
}

static void check_valid(const char *uuid, const char *details)
{
    char args[200], json[400];
    snprintf(args, sizeof(args), "{\"operation\":\"validate\",\"uuid\":\"%s\"}", uuid);
    snprintf(json, sizeof(json),
             "{\"structuredContent\":{\"operation\":\"validate\",\"valid\":true,%s}}", details);
    assert_result(&plugin, TOOL, args, json);
}

static void validates(void **state)
{
    (void)state;
    check_valid("C232AB00-9414-11EC-B3C8-9F6BDECED846",
                "\"uuid\":\"c232ab00-9414-11ec-b3c8-9f6bdeced846\",\"version\":\"v1\","
                "\"variant\":\"rfc9562\",\"format\":\"standard\","
                "\"time\":\"2022-02-22T19:22:22.000Z\"");
    check_valid("{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                "\"uuid\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\",\"version\":\"v7\","
                "\"variant\":\"rfc9562\",\"format\":\"braced\","
                "\"time\":\"2022-02-22T19:22:22.000Z\"");
    check_valid("919108f752d133205bacf847db4148a8",
                "\"uuid\":\"919108f7-52d1-3320-5bac-f847db4148a8\",\"version\":\"unknown\","
                "\"variant\":\"ncs\",\"format\":\"simple\"");
    check_valid("URN:UUID:919108f7-52d1-4320-9bac-f847db4148a8",
                "\"uuid\":\"919108f7-52d1-4320-9bac-f847db4148a8\",\"version\":\"v4\","
                "\"variant\":\"rfc9562\",\"format\":\"urn\"");
    check_valid("919108f7-52d1-4320-dbac-f847db4148a8",
                "\"uuid\":\"919108f7-52d1-4320-dbac-f847db4148a8\",\"version\":\"unknown\","
                "\"variant\":\"microsoft\",\"format\":\"standard\"");
    check_valid("919108f7-52d1-9320-9bac-f847db4148a8",
                "\"uuid\":\"919108f7-52d1-9320-9bac-f847db4148a8\",\"version\":\"unknown\","
                "\"variant\":\"rfc9562\",\"format\":\"standard\"");
    check_valid("00000000-0000-0000-0000-000000000000",
                "\"uuid\":\"00000000-0000-0000-0000-000000000000\",\"version\":\"nil\","
                "\"variant\":\"ncs\",\"format\":\"standard\"");
    check_valid("ffffffff-ffff-ffff-ffff-ffffffffffff",
                "\"uuid\":\"ffffffff-ffff-ffff-ffff-ffffffffffff\",\"version\":\"max\","
                "\"variant\":\"future\",\"format\":\"standard\"");
    check_valid("00000000-0000-1000-8000-000000000000",
                "\"uuid\":\"00000000-0000-1000-8000-000000000000\",\"version\":\"v1\","
                "\"variant\":\"rfc9562\",\"format\":\"standard\","
                "\"time\":\"1582-10-15T00:00:00.000Z\"");
}

static void tells_what_is_no_uuid(void **state)
{
    static const char *const bad[] = {
        "", "x", "919108f7-52d1-4320-9bac-f847db4148a", "919108f7-52d1-4320-9bac-f847db4148a88",
        "919108f7-52d1-4320-9bac-f847db4148ag", "919108f752d1432-09bac-f847db4148a8000",
        "919108f752d143209bacf847db4148ag", "919108f7-52d1432-9bacf847db41-8a8",
        "(919108f7-52d1-4320-9bac-f847db4148a8)", "{919108f7-52d1-4320-9bac-f847db4148a8 ",
        "urn:uuix:919108f7-52d1-4320-9bac-f847db4148a8", " 19108f7-52d1-4320-9bac-f847db4148a8",
        "919108f7-52d1-4320-9bac-f847db41\\u0000000", "919108f752d143209bacf847db4148\\u0000a",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char args[200];
        snprintf(args, sizeof(args), "{\"operation\":\"validate\",\"uuid\":\"%s\"}", bad[i]);
        assert_result(&plugin, TOOL, args,
                      "{\"structuredContent\":{\"operation\":\"validate\",\"valid\":false,"
                      "\"error\":\"not a UUID: 32 hexadecimal digits are needed, plain or as "
                      "8-4-4-4-12, also in {} or after urn:uuid:\"}}");
    }
}

#define NAMESPACE_ERROR                                                                          \
    "a v5 UUID needs `namespace`; use dns, url, oid, x500, agent, tool, workflow or a UUID"

static void says_what_is_missing(void **state)
{
    (void)state;
    assert_error(&plugin, TOOL, "{\"operation\":\"deterministic\",\"name\":\"a\"}",
                 HEXMCP_E_INVALID, NAMESPACE_ERROR);
    assert_error(&plugin, TOOL, "{\"version\":\"v5\",\"namespace\":\"ftp\",\"name\":\"a\"}",
                 HEXMCP_E_INVALID,
                 "namespace \"ftp\" is unknown; use dns, url, oid, x500, agent, tool, workflow or a UUID");
    assert_error(&plugin, TOOL, "{\"version\":\"v5\",\"namespace\":\"dns\\u0000\",\"name\":\"a\"}",
                 HEXMCP_E_INVALID,
                 "namespace is no text that can be a namespace; use dns, url, oid, x500, agent, tool, "
                 "workflow or a UUID");
    assert_error(&plugin, TOOL, "{\"operation\":\"deterministic\",\"namespace\":\"dns\"}",
                 HEXMCP_E_INVALID, "a v5 UUID needs `name`; the same name gives the same UUID");
    assert_error(&plugin, TOOL, "{\"version\":\"v4\",\"name\":\"a\"}", HEXMCP_E_INVALID,
                 "v4 UUIDs are not made from a name; use version v5, or leave `name` and "
                 "`namespace` out");
    assert_error(&plugin, TOOL, "{\"version\":\"v7\",\"namespace\":\"dns\"}", HEXMCP_E_INVALID,
                 "v7 UUIDs are not made from a name; use version v5, or leave `name` and "
                 "`namespace` out");
    assert_error(&plugin, TOOL, "{\"operation\":\"component_id\"}", HEXMCP_E_INVALID,
                 "component_id needs `prefix`, the kind of the component, for example agent");
    assert_error(&plugin, TOOL, "{\"operation\":\"validate\"}", HEXMCP_E_INVALID,
                 "validate needs `uuid`, the text to check");
}

static void refuses_what_does_not_exist(void **state)
{
    (void)state;
    assert_error(&plugin, TOOL, "{\"operation\":\"guess\"}", HEXMCP_E_INVALID,
                 "operation is unknown; give one of generate, deterministic, custom, component_id, "
                 "validate");
    assert_error(&plugin, TOOL, "{\"version\":\"v2\"}", HEXMCP_E_INVALID,
                 "unknown version; use v1, v4, v5 or v7");
    assert_error(&plugin, TOOL, "{\"format\":\"hex\"}", HEXMCP_E_INVALID,
                 "unknown format; use standard, simple, urn or braced");
    assert_error(&plugin, TOOL, "{\"operation\":\"custom\",\"prefix\":\"a b\"}", HEXMCP_E_INVALID,
                 "`prefix` must be at most 64 of A-Z a-z 0-9 . - _");
    assert_error(&plugin, TOOL, "{\"operation\":\"custom\",\"suffix\":\"a\\u0000\"}",
                 HEXMCP_E_INVALID, "`suffix` must be at most 64 of A-Z a-z 0-9 . - _");
    assert_error(&plugin, TOOL, "{\"operation\":\"component_id\",\"prefix\":\"\\u00e4\"}",
                 HEXMCP_E_INVALID, "`prefix` must be at most 64 of A-Z a-z 0-9 . - _");
}

static void refuses_what_the_operation_does_not_take(void **state)
{
    static const char *const cases[][2] = {
        {"{\"uuid\":\"x\"}", "uuid is not for generate but for validate"},
        {"{\"short\":true}", "short is not for generate but for custom, component_id"},
        {"{\"operation\":\"component_id\",\"prefix\":\"a\",\"suffix\":\"b\"}",
         "suffix is not for component_id but for custom"},
        {"{\"operation\":\"custom\",\"name\":\"b\"}",
         "name is not for custom but for generate, deterministic"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "%s; leave it out, or take another operation", cases[i][1]);
        assert_error(&plugin, TOOL, cases[i][0], HEXMCP_E_INVALID, text);
    }
}

static void limits_names(void **state)
{
    size_t longest = 4096 * 4;
    char *args = malloc(longest + 100), uuid[300];
    const char *head = "{\"version\":\"v5\",\"namespace\":\"dns\",\"name\":\"";
    size_t begin = strlen(head);
    (void)state;
    assert_non_null(args);
    strcpy(args, head);
    memset(args + begin, 'a', longest + 1);
    strcpy(args + begin + longest, "\"}");
    run_for(args, "uuid", uuid);
    assert_shape(uuid, "xxxxxxxx-xxxx-5xxx-vxxx-xxxxxxxxxxxx");
    strcpy(args + begin + longest, "a\"}");
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "`name` has more than 4096 characters; hash it first");
    free(args);
}

static void limits_prefixes(void **state)
{
    char args[200], id[300], shape[300];
    const char *a64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    (void)state;
    snprintf(args, sizeof(args),
             "{\"operation\":\"custom\",\"prefix\":\"%s\",\"suffix\":\"%s\"}", a64, a64);
    run_for(args, "id", id);
    snprintf(shape, sizeof(shape), "%s_xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx_%s", a64, a64);
    assert_shape(id, shape);
    snprintf(args, sizeof(args), "{\"operation\":\"custom\",\"prefix\":\"%sa\"}", a64);
    assert_error(&plugin, TOOL, args, HEXMCP_E_INVALID,
                 "`prefix` must be at most 64 of A-Z a-z 0-9 . - _");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generates),
        cmocka_unit_test(formats),
        cmocka_unit_test(v1_hides_the_network_card),
        cmocka_unit_test(v7_sorts_by_time),
        cmocka_unit_test(names_give_the_same_uuid),
        cmocka_unit_test(own_namespaces_stay),
        cmocka_unit_test(makes_identifiers),
        cmocka_unit_test(validates),
        cmocka_unit_test(tells_what_is_no_uuid),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(refuses_what_does_not_exist),
        cmocka_unit_test(refuses_what_the_operation_does_not_take),
        cmocka_unit_test(limits_names),
        cmocka_unit_test(limits_prefixes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("uuid-generator", tests, load, unload);
}
