#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/everything/opened.h"

#define NAME_QUESTION                                                                              \
    JSON({"requests": {"who": {"method": "elicitation/create", "params": {                         \
        "message": "Who are you?", "requestedSchema": { "type": "object", "properties": {          \
        "name": {"type": "string", "title": "Name", "minLength": 1, "maxLength": 100},             \
        "age": {"type": "integer", "title": "Age", "minimum": 0, "maximum": 150},                  \
        "colour": {"type": "string", "title": "Favourite colour",                                  \
        "oneOf": [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"},                \
        {"const": "b", "title": "Blue"}]} }, "required": ["name"] }}}}})

#define CITY_QUESTION                                                                              \
    JSON({"requests": {"city": {"method": "elicitation/create", "params": {                        \
        "message": "Where to?", "requestedSchema": { "type": "object",                             \
        "properties": {"city": {"type": "string", "title": "City", "minLength": 1}},               \
        "required": ["city"] }}}}, "state": {"round": 1}})

#define SURE_QUESTION                                                                              \
    "{\"requests\":" JSON({"sure": {"method": "elicitation/create", "params": {                    \
        "message": "Are you sure?", "requestedSchema": { "type": "object",                         \
        "properties": {"sure": {"type": "boolean", "title": "Sure", "default": true}},             \
        "required": ["sure"] }}}}) ",\"state\":{\"round\":2,\"city\":\"\\u00c5s\"}}"

static void asks_for_a_name(void **state)
{
    static const struct {
        const char *answers, *text;
    } cases[] = {
        {"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\",\"age\":36,\"colour\":\"b\"}}}",
         TEXT_RESULT("Ada is 36 years old and likes blue")},
        {"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\",\"colour\":\"r\"}}}",
         TEXT_RESULT("Ada is of unknown age and likes red")},
        {"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"A\",\"age\":0,\"colour\":\"g\"}}}",
         TEXT_RESULT("A is 0 years old and likes green")},
        {"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"A\"}}}",
         TEXT_RESULT("A is of unknown age and likes no colour")},
        {"{\"who\":{\"action\":\"decline\"}}", TEXT_RESULT("declined")},
        {"{\"who\":{\"action\":\"cancel\"}}", TEXT_RESULT("cancelled")},
    };
    (void)state;
    assert_first(TOOL, "ask-name", "{}", HEXMCP_INPUT_REQUIRED, NAME_QUESTION);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_next(TOOL, "ask-name", "{}", "null", cases[i].answers, HEXMCP_RESULT, cases[i].text);
}

static void asks_again_for_what_is_missing(void **state)
{
    static const char *const answers[] = {
        "{}", "{\"other\":{\"action\":\"accept\"}}", "{\"who\":{\"action\":\"maybe\"}}",
        "{\"who\":{\"action\":\"accept\"}}", "{\"who\":{\"action\":\"accept\",\"content\":{}}}",
        "{\"who\":{\"action\":\"accept\",\"content\":{\"name\":7}}}"};
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        assert_next(TOOL, "ask-name", "{}", "null", answers[i], HEXMCP_INPUT_REQUIRED,
                    NAME_QUESTION);
    assert_next(TOOL, "ask-twice", "{}", "{\"round\":1}", "{}", HEXMCP_INPUT_REQUIRED,
                CITY_QUESTION);
    assert_next(TOOL, "ask-twice", "{}", "{\"round\":2,\"city\":\"\\u00c5s\"}", "{}",
                HEXMCP_INPUT_REQUIRED, SURE_QUESTION);
}

static void asks_twice(void **state)
{
    const char *round_2 = "{\"round\":2,\"city\":\"\\u00c5s\"}";
    (void)state;
    assert_first(TOOL, "ask-twice", "{}", HEXMCP_INPUT_REQUIRED, CITY_QUESTION);
    assert_next(TOOL, "ask-twice", "{}", "{\"round\":1}",
                "{\"city\":{\"action\":\"accept\",\"content\":{\"city\":\"\\u00c5s\"}}}",
                HEXMCP_INPUT_REQUIRED, SURE_QUESTION);
    assert_next(TOOL, "ask-twice", "{}", round_2,
                "{\"sure\":{\"action\":\"accept\",\"content\":{\"sure\":true}}}", HEXMCP_RESULT,
                "{\"content\":[{\"type\":\"text\",\"text\":\"booked\"}],"
                "\"structuredContent\":{\"city\":\"\xc3\x85s\",\"booked\":true}}");
    assert_next(TOOL, "ask-twice", "{}", round_2, "{\"sure\":{\"action\":\"decline\"}}",
                HEXMCP_RESULT,
                "{\"content\":[{\"type\":\"text\",\"text\":\"not booked\"}],"
                "\"structuredContent\":{\"city\":\"\xc3\x85s\",\"booked\":false}}");
    assert_next(TOOL, "ask-twice", "{}", "{\"round\":1}", "{\"city\":{\"action\":\"decline\"}}",
                HEXMCP_RESULT, TEXT_RESULT("declined"));
    assert_next(TOOL, "ask-twice", "{}", "{\"round\":1}", "{\"city\":{\"action\":\"cancel\"}}",
                HEXMCP_RESULT, TEXT_RESULT("cancelled"));
}

static void asks_to_open_a_page(void **state)
{
    const char *question =
        JSON({"requests": {"page": {"method": "elicitation/create", "params": {
            "mode": "url", "message": "Please open the example page.",
            "url": "https://example.org/everything" }}}});
    (void)state;
    assert_first(TOOL, "open-page", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(TOOL, "open-page", "{}", "null", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(TOOL, "open-page", "{}", "null", "{\"page\":{\"action\":\"accept\"}}",
                HEXMCP_RESULT, TEXT_RESULT("the user agreed to open the page"));
    assert_next(TOOL, "open-page", "{}", "null", "{\"page\":{\"action\":\"decline\"}}",
                HEXMCP_RESULT, TEXT_RESULT("declined"));
}

static void asks_the_model(void **state)
{
    const char *args = "{\"prompt\":\"2+2?\",\"maxTokens\":5}";
    const char *question =
        "{\"requests\":{\"model\":{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":"
        "[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"2+2?\"}}],"
        "\"maxTokens\":5}}}}";
    const char *result = "{\"structuredContent\":{\"model\":\"m\",\"text\":\"4\"}}";
    (void)state;
    assert_first(TOOL, "ask-model", args, HEXMCP_INPUT_REQUIRED, question);
    assert_next(TOOL, "ask-model", args, "null", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(TOOL, "ask-model", args, "null",
                "{\"model\":{\"role\":\"assistant\",\"model\":\"m\","
                "\"content\":{\"type\":\"text\",\"text\":\"4\"}}}",
                HEXMCP_RESULT, result);
    assert_next(TOOL, "ask-model", args, "null",
                "{\"model\":{\"role\":\"assistant\",\"model\":\"m\","
                "\"content\":[{\"type\":\"text\",\"text\":\"4\"},{\"type\":\"text\"}]}}",
                HEXMCP_RESULT, result);
    assert_fails(TOOL, "ask-model", args, "null",
                 "{\"model\":{\"model\":\"m\",\"content\":{\"type\":\"image\"}}}", HEXMCP_E_INVALID,
                 "the model answered without text");
    assert_fails(TOOL, "ask-model", "{}", NULL, NULL, HEXMCP_E_INVALID, "`prompt` must be a text");
}

static void lists_roots(void **state)
{
    const char *question = JSON({"requests": {"roots": {"method": "roots/list"}}});
    (void)state;
    assert_first(TOOL, "list-roots", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(TOOL, "list-roots", "{}", "null", "{\"roots\":{}}", HEXMCP_INPUT_REQUIRED,
                question);
    assert_next(TOOL, "list-roots", "{}", "null",
                "{\"roots\":{\"roots\":[{\"uri\":\"file:///a\",\"name\":\"A\"}]}}", HEXMCP_RESULT,
                "{\"structuredContent\":{\"roots\":[{\"uri\":\"file:///a\",\"name\":\"A\"}]}}");
}

static void goes_on_without_an_answer(void **state)
{
    (void)state;
    assert_first(TOOL, "ask-optional", "{}", HEXMCP_INPUT_REQUIRED,
                 JSON({"requests": {"mood": {"optional": true, "method": "elicitation/create",
                     "params": { "message": "How are you?", "requestedSchema": { "type": "object",
                     "properties": {"mood": {"type": "string", "enum": ["good", "bad"]}},
                     "required": ["mood"] }}}}}));
    assert_next(TOOL, "ask-optional", "{}", "null", "{}", HEXMCP_RESULT,
                TEXT_RESULT("nobody could be asked"));
    assert_next(TOOL, "ask-optional", "{}", "null",
                "{\"mood\":{\"action\":\"accept\",\"content\":{\"mood\":\"good\"}}}", HEXMCP_RESULT,
                TEXT_RESULT("glad to hear"));
    assert_next(TOOL, "ask-optional", "{}", "null",
                "{\"mood\":{\"action\":\"accept\",\"content\":{\"mood\":\"bad\"}}}", HEXMCP_RESULT,
                TEXT_RESULT("sorry to hear"));
    assert_next(TOOL, "ask-optional", "{}", "null", "{\"mood\":{\"action\":\"decline\"}}",
                HEXMCP_RESULT, TEXT_RESULT("declined"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_a_name),
        cmocka_unit_test(asks_again_for_what_is_missing),
        cmocka_unit_test(asks_twice),
        cmocka_unit_test(asks_to_open_a_page),
        cmocka_unit_test(asks_the_model),
        cmocka_unit_test(lists_roots),
        cmocka_unit_test(goes_on_without_an_answer),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_input", tests, open_everything,
                                       close_everything);
}
