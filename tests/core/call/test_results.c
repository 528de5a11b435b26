/* What plugins may give: contents, messages and blocks, each broken rule with its message. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

#define BROKEN "plugin org.example.test broke its contract: "

static int set_up(void **state)
{
    set_up_empty(state);
    add(*state, item_of(ITEM_TOOL, "t", "{\"inputSchema\":{\"type\":\"object\"}}"));
    add(*state, item_of(ITEM_RESOURCE, "x:1", "{}"));
    add(*state, item_of(ITEM_PROMPT, "p", "{}"));
    return 0;
}

static const struct wanted tool = {.action = ACTION_CALL, .target = "t"};
static const struct wanted reading = {.action = ACTION_READ, .target = "x:1"};
static const struct wanted prompt = {.action = ACTION_RENDER, .target = "p"};

/* `why` is NULL if the result is good. */
static void ends(struct world *w, struct wanted what, enum run_outcome outcome, const char *json,
                 const char *why)
{
    struct record r = {0};
    struct error err;
    assert_int_equal(start_call(w, &r, what, &err), ST_OK);
    complete_as(w, r.id, outcome, json);
    assert_string_equal(r.text, why ? why : json);
    assert_int_equal(r.end, why ? CALL_FAILED : CALL_RESULT);
    assert_int_equal(r.code, why ? ST_PROTOCOL : ST_OK);
    assert_int_equal(r.released, 1);
}

struct rule {
    const char *json;
    const char *why; /* NULL: it is good */
};

/* Each text put into `frame`, each reason behind `of`. */
static void check(struct world *w, struct wanted what, const char *frame, const char *of,
                  const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char json[400], why[400];
        const char *hole = strchr(frame, '%');
        snprintf(json, sizeof(json), "%.*s%s%s", (int)(hole - frame), frame, rules[i].json,
                 hole + 1);
        snprintf(why, sizeof(why), BROKEN "the result of %s %s", of,
                 rules[i].why ? rules[i].why : "");
        ends(w, what, RUN_RESULT, json, rules[i].why ? why : NULL);
    }
}

#define CHECK(w, what, frame, of, rules)                                                           \
    check(w, what, frame, of, rules, sizeof(rules) / sizeof((rules)[0]))

#define EITHER "has a resource that needs either \"text\" or \"blob\""

static const struct rule resources[] = {
    {"{\"uri\":\"x:1\",\"text\":\"\"}", NULL},
    {"{\"uri\":\"x:1\",\"blob\":\"aGk=\",\"mimeType\":\"a/b\"}", NULL},
    {"{\"uri\":\"x:1\",\"blob\":\"a\\u0047k=\"}", NULL},
    {"{\"text\":\"\"}", "has a resource without a \"uri\""},
    {"{\"uri\":1,\"text\":\"\"}", "has a resource without a \"uri\""},
    {"null", "has a resource without a \"uri\""},
    {"{\"uri\":\"x:1\"}", EITHER},
    {"{\"uri\":\"x:1\",\"text\":1}", EITHER},
    {"{\"uri\":\"x:1\",\"text\":\"\",\"blob\":\"\"}", EITHER},
    {"{\"uri\":\"x:1\",\"text\":1,\"blob\":\"\"}", EITHER},
    {"{\"uri\":\"x:1\",\"text\":null,\"blob\":\"\"}", EITHER},
    {"{\"uri\":\"x:1\",\"blob\":\"aGk\"}", "has a resource whose \"blob\" is not base64"},
    {"{\"uri\":\"x:1\",\"blob\":7}", "has a resource whose \"blob\" is not base64"},
};

static const struct rule blocks[] = {
    {"{\"type\":\"text\",\"text\":\"\"}", NULL},
    {"{\"type\":\"image\",\"data\":\"\",\"mimeType\":\"image/png\"}", NULL},
    {"{\"type\":\"audio\",\"data\":\"aGk=\",\"mimeType\":\"audio/wav\"}", NULL},
    {"{\"type\":\"resource_link\",\"uri\":\"x:1\",\"name\":\"one\"}", NULL},
    {"{\"type\":\"resource\",\"resource\":{\"uri\":\"x:1\",\"text\":\"\"}}", NULL},
    {"{\"text\":\"x\"}", "has a content block without a \"type\""},
    {"{\"type\":1}", "has a content block without a \"type\""},
    {"{\"type\":\"text\"}", "has a text block without a \"text\""},
    {"{\"type\":\"video\"}", "has a content block of an unknown \"type\""},
    {"{\"type\":\"image\",\"mimeType\":\"image/png\"}",
     "has an image or audio block whose \"data\" is not base64"},
    {"{\"type\":\"audio\",\"data\":\"a\",\"mimeType\":\"a/b\"}",
     "has an image or audio block whose \"data\" is not base64"},
    {"{\"type\":\"image\",\"data\":\"aGk=\"}", "has an image or audio block without a \"mimeType\""},
    {"{\"type\":\"resource_link\",\"uri\":\"x:1\"}",
     "has a resource link without \"uri\" and \"name\""},
    {"{\"type\":\"resource_link\",\"name\":\"one\"}",
     "has a resource link without \"uri\" and \"name\""},
    {"{\"type\":\"resource\"}", "has a resource without a \"uri\""},
};

static void test_contents(void **state)
{
    CHECK(*state, reading, "{\"contents\":[%]}", "resource \"x:1\"", resources);
}

static void test_every_content_is_checked(void **state)
{
    CHECK(*state, reading, "{\"contents\":[{\"uri\":\"x:0\",\"text\":\"\"},%]}", "resource \"x:1\"",
          resources);
}

static void test_contents_that_are_not_there(void **state)
{
    static const char *const results[] = {"{}", "[]", "{\"contents\":[]}", "{\"contents\":{}}"};
    for (size_t i = 0; i < 4; i++)
        ends(*state, reading, RUN_RESULT, results[i],
             BROKEN "the result of resource \"x:1\" has no \"contents\"; a resource that is not "
                    "there is HEXMCP_E_NOT_FOUND");
}

static void test_blocks_of_tools(void **state)
{
    CHECK(*state, tool, "{\"content\":[{\"type\":\"text\",\"text\":\"\"},%]}", "tool \"t\"",
          blocks);
}

static void test_resources_in_blocks(void **state)
{
    CHECK(*state, tool, "{\"content\":[{\"type\":\"resource\",\"resource\":%}]}", "tool \"t\"",
          resources);
}

static void test_blocks_of_messages(void **state)
{
    CHECK(*state, prompt, "{\"messages\":[{\"role\":\"assistant\",\"content\":%}]}", "prompt \"p\"",
          blocks);
}

static void test_messages(void **state)
{
#define NO_ROLE "has a message whose \"role\" is neither \"user\" nor \"assistant\""
#define NO_BLOCK "has a message whose \"content\" is not one content block"
    static const struct rule rules[] = {
        {"{\"messages\":[]}", NULL},
        {"{\"messages\":[],\"description\":\"d\"}", NULL},
        {"{}", "has no \"messages\""},
        {"[]", "has no \"messages\""},
        {"{\"messages\":{}}", "has no \"messages\""},
        {"{\"messages\":[],\"description\":1}", "has a \"description\" that is not a string"},
        {"{\"messages\":[1]}", NO_ROLE},
        {"{\"messages\":[{\"role\":\"system\"}]}", NO_ROLE},
        {"{\"messages\":[{\"content\":{\"type\":\"text\",\"text\":\"\"}}]}", NO_ROLE},
        {"{\"messages\":[{\"role\":\"user\"}]}", NO_BLOCK},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", NO_BLOCK},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"}]}]}",
         NO_BLOCK},
    };
    CHECK(*state, prompt, "%", "prompt \"p\"", rules);
}

static void test_tool_errors_are_for_tools(void **state)
{
    ends(*state, reading, RUN_TOOL_ERROR, "{\"contents\":[{\"uri\":\"x:1\",\"text\":\"\"}]}",
         BROKEN "the result of resource \"x:1\" is a tool error; only tools have those");
    ends(*state, prompt, RUN_TOOL_ERROR, "{\"messages\":[]}",
         BROKEN "the result of prompt \"p\" is a tool error; only tools have those");
}

static void test_broken_json_names_the_subject(void **state)
{
#define AT_END "returned broken JSON: expected a key in quotes at byte 1"
    ends(*state, tool, RUN_RESULT, "{", BROKEN "tool \"t\" " AT_END);
    ends(*state, reading, RUN_RESULT, "{", BROKEN "resource \"x:1\" " AT_END);
    ends(*state, prompt, RUN_RESULT, "{", BROKEN "prompt \"p\" " AT_END);
}

static void test_a_large_read_is_checked_off_the_loop(void **state)
{
    struct world *w = *state;
    struct record r = {0};
    struct error err;
    char *text = large_object();
    assert_int_equal(start_call(w, &r, reading, &err), ST_OK);
    complete(w, r.id, text);
    free(text);
    assert_int_equal(r.done, 0);
    run_jobs(w);
    assert_string_equal(r.text, BROKEN "the result of resource \"x:1\" has no \"contents\"; a "
                                       "resource that is not there is HEXMCP_E_NOT_FOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_contents),
        TEST(test_every_content_is_checked),
        TEST(test_contents_that_are_not_there),
        TEST(test_blocks_of_tools),
        TEST(test_resources_in_blocks),
        TEST(test_blocks_of_messages),
        TEST(test_messages),
        TEST(test_tool_errors_are_for_tools),
        TEST(test_broken_json_names_the_subject),
        TEST(test_a_large_read_is_checked_off_the_loop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
