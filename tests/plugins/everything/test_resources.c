#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/everything/opened.h"

/* {"contents":[...]} of one text. */
#define CONTENT(uri, text)                                                                         \
    "{\"contents\":[{\"uri\":\"" uri "\",\"mimeType\":\"text/plain\",\"text\":\"" text "\"}]}"

static void reads_what_is_listed(void **state)
{
    (void)state;
    assert_first(RESOURCE, "everything://text", "{}", HEXMCP_RESULT,
                 "{\"contents\":" JSON([{"uri": "everything://text", "mimeType": "text/plain",
                                         "text": "Plain text.\n"}]) "}");
    assert_first(RESOURCE, "everything://image", "{}", HEXMCP_RESULT,
                 "{\"contents\":[{\"uri\":\"everything://image\",\"mimeType\":\"image/png\","
                 "\"blob\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3"
                 "A0FDAAAAAElFTkSuQmCC\"}]}");
    assert_first(RESOURCE, "everything://several", "{}", HEXMCP_RESULT,
                 "{\"contents\":"
                 JSON([{"uri": "everything://several/a", "mimeType": "text/plain", "text": "a"},
                       {"uri": "everything://several/b", "mimeType": "application/json",
                        "text": "{\"b\":1}"},
                       {"uri": "everything://several/c", "mimeType": "application/octet-stream",
                        "blob": "AAECAwQFBgc="}]) "}");
    assert_first(RESOURCE, "everything://described", "{}", HEXMCP_RESULT,
                 "{\"contents\":" JSON([{"uri": "everything://described",
                                         "mimeType": "text/markdown",
                                         "text": "# All fields\n"}]) "}");
}

static void counts_touches(void **state)
{
    (void)state;
    assert_first(RESOURCE, "everything://counter", "{}", HEXMCP_RESULT,
                 CONTENT("everything://counter", "0"));
    assert_first(TOOL, "touch", "{}", HEXMCP_RESULT, TEXT_RESULT("the counter is 1"));
    assert_string_equal(services.updated, "everything://counter");
    assert_first(TOOL, "touch", "{}", HEXMCP_RESULT, TEXT_RESULT("the counter is 2"));
    assert_first(RESOURCE, "everything://counter", "{}", HEXMCP_RESULT,
                 CONTENT("everything://counter", "2"));
}

static void asks_before_the_secret(void **state)
{
    const char *uri = "everything://secret";
    const char *question =
        JSON({"requests": {"allow": {"method": "elicitation/create", "params": {
            "message": "May everything://secret be read?", "requestedSchema": { "type": "object",
            "properties": {"allow": {"type": "boolean", "title": "Allow", "default": false}},
            "required": ["allow"] }}}}});
    (void)state;
    assert_first(RESOURCE, uri, "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(RESOURCE, uri, "{}", "null", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(RESOURCE, uri, "{}", "null",
                "{\"allow\":{\"action\":\"accept\",\"content\":{\"allow\":true}}}", HEXMCP_RESULT,
                JSON({"contents": [{"uri": "everything://secret", "mimeType": "text/plain",
                                    "text": "The secret is that there is none.\n"}]}));
    assert_fails(RESOURCE, uri, "{}", "null",
                 "{\"allow\":{\"action\":\"accept\",\"content\":{\"allow\":false}}}",
                 HEXMCP_E_DENIED, "the user did not allow everything://secret to be read");
    assert_fails(RESOURCE, uri, "{}", "null", "{\"allow\":{\"action\":\"cancel\"}}",
                 HEXMCP_E_DENIED, "the user did not allow everything://secret to be read");
    assert_fails(RESOURCE, "everything://text", "{}", "null", "{}", HEXMCP_E_NOT_FOUND,
                 "there is no resource everything://text here; list the resources");
}

static void fills_templates(void **state)
{
    (void)state;
    assert_first(RESOURCE, "everything://greeting/Ada%21", "{\"name\":\"Ada!\"}", HEXMCP_RESULT,
                 CONTENT("everything://greeting/Ada%21", "Hello, Ada!!"));
    assert_first(RESOURCE, "everything://files/docs/two.txt", "{\"path\":\"docs/two.txt\"}",
                 HEXMCP_RESULT, CONTENT("everything://files/docs/two.txt", "one\\ntwo\\n"));
    assert_first(RESOURCE, "everything://files/readme.txt?lines=2",
                 "{\"path\":\"readme.txt\",\"lines\":\"2\"}", HEXMCP_RESULT,
                 CONTENT("everything://files/readme.txt?lines=2", "first\\nsecond\\n"));
    assert_first(RESOURCE, "everything://city/Norway/Oslo",
                 "{\"country\":\"Norway\",\"city\":\"Oslo\"}", HEXMCP_RESULT,
                 CONTENT("everything://city/Norway/Oslo", "Oslo is in Norway."));
}

static void refuses_what_a_template_does_not_hold(void **state)
{
    char uri[260] = "everything://greeting/", variables[260] = "{\"name\":\"";
    (void)state;
    assert_fails(RESOURCE, "everything://files/x", "{\"path\":\"x\"}", NULL, NULL,
                 HEXMCP_E_NOT_FOUND, "there is no resource everything://files/x");
    assert_fails(RESOURCE, "everything://other", "{}", NULL, NULL, HEXMCP_E_NOT_FOUND,
                 "there is no resource everything://other");
    assert_fails(RESOURCE, "everything://files/readme.txt?lines=4",
                 "{\"path\":\"readme.txt\",\"lines\":\"4\"}", NULL, NULL, HEXMCP_E_NOT_FOUND,
                 "there is no resource everything://files/readme.txt?lines=4");
    assert_fails(RESOURCE, "everything://files/readme.txt?lines=12",
                 "{\"path\":\"readme.txt\",\"lines\":\"12\"}", NULL, NULL, HEXMCP_E_NOT_FOUND,
                 "there is no resource everything://files/readme.txt?lines=12");
    memset(uri + strlen(uri), 'x', 200);
    memset(variables + strlen(variables), 'x', 200);
    strcat(variables, "\"}");
    assert_fails(RESOURCE, uri, variables, NULL, NULL, HEXMCP_E_INVALID,
                 "`name` must be a text of at most 199 bytes without NUL");
}

static void completes_variables(void **state)
{
    const char *city = "everything://city/{country}/{city}";
    const char *files = "everything://files/{+path}{?lines}";
    (void)state;
    assert_completes(RESOURCE, "everything://greeting/{name}", "name", "A", "{}",
                     "{\"values\":[\"Ada\",\"Alan\"],\"total\":2,\"hasMore\":false}");
    assert_completes(RESOURCE, files, "path", "docs/", "{}",
                     "{\"values\":[\"docs/one.txt\",\"docs/two.txt\"],\"total\":2,\"hasMore\":false}");
    assert_completes(RESOURCE, files, "lines", "", "{}",
                     "{\"values\":[\"1\",\"2\",\"3\"],\"total\":3,\"hasMore\":false}");
    assert_completes(RESOURCE, city, "country", "x", "{}",
                     "{\"values\":[],\"total\":0,\"hasMore\":false}");
    assert_completes(RESOURCE, city, "city", "", "{\"country\":\"Norway\"}",
                     "{\"values\":[\"Bergen\",\"Oslo\",\"Troms\xc3\xb8\"],\"total\":3,"
                     "\"hasMore\":false}");
    assert_completes(RESOURCE, city, "city", "P", "{\"country\":\"France\"}",
                     "{\"values\":[\"Paris\",\"Pau\"],\"total\":2,\"hasMore\":false}");
    assert_completes(RESOURCE, city, "city", "P", "{\"country\":\"Norway\"}",
                     "{\"values\":[],\"total\":0,\"hasMore\":false}");
}

static void takes_its_setting(void **state)
{
    hexmcp_fake_plugin polite;
    hexmcp_fake_answer answer;
    (void)state;
    open_with(&polite, "{\"greeting\":\"Good day\"}");
    run_round(&polite, RESOURCE, "everything://greeting/A", "{\"name\":\"A\"}", NULL, NULL, &answer);
    assert_string_equal(answer.json, CONTENT("everything://greeting/A", "Good day, A!"));
    hexmcp_fake_answer_free(&answer);
    hexmcp_fake_unload(&polite);
    assert_config_refused("{\"greeting\":5}",
                          "the setting `greeting` must be a text of at most 63 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_listed),
        cmocka_unit_test(counts_touches),
        cmocka_unit_test(asks_before_the_secret),
        cmocka_unit_test(fills_templates),
        cmocka_unit_test(refuses_what_a_template_does_not_hold),
        cmocka_unit_test(completes_variables),
        cmocka_unit_test(takes_its_setting),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_resources", tests, open_everything,
                                       close_everything);
}
