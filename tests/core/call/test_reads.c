/* Reads of resources and templates. */
#include <string.h>

#include "core/uri/uri.h"
#include "tests/core/call/fixture.h"

#define GOOD "{\"contents\":[{\"uri\":\"x:1\",\"text\":\"one\"}]}"

static const struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("local")};

static int read_as(struct world *w, struct record *r, const struct caller *caller, const char *uri,
                   struct error *err)
{
    *r = (struct record){0};
    return start_call(w, r, (struct wanted){.action = ACTION_READ, .target = uri, .caller = caller},
                      err);
}

static void refused(struct world *w, const char *uri, int code, const char *text)
{
    struct record r;
    struct error err;
    assert_int_equal(read_as(w, &r, NULL, uri, &err), code);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    assert_int_equal(w->run_count, 0);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

/* The read runs as this kind with these variables, and its result comes back as it is. */
static void runs(struct world *w, const char *uri, enum item_kind kind, const char *arguments)
{
    struct record r;
    struct error err;
    int index = w->run_count;
    assert_int_equal(read_as(w, &r, NULL, uri, &err), ST_OK);
    assert_int_equal(w->run_count, index + 1);
    assert_int_equal(w->runs[index].action, ACTION_READ);
    assert_int_equal(w->runs[index].kind, kind);
    expect_text(w->runs[index].name, uri);
    expect_text(w->runs[index].arguments, arguments);
    complete(w, r.id, GOOD);
    assert_int_equal(r.end, CALL_RESULT);
    assert_string_equal(r.text, GOOD);
    assert_int_equal(r.released, 1);
}

static void test_a_listed_uri(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_RESOURCE, "x:1", "{}"));
    runs(w, "x:1", ITEM_RESOURCE, "{}");
    refused(&(struct world){.service = w->service, .dispatcher = w->dispatcher}, "x:2",
            ST_NOT_FOUND, "there is no resource \"x:2\"");
}

static void test_a_listed_uri_wins_over_a_template(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_TEMPLATE, "x:{id}", "{}"));
    add(w, item_of(ITEM_RESOURCE, "x:1", "{}"));
    runs(w, "x:1", ITEM_RESOURCE, "{}");
    runs(w, "x:2", ITEM_TEMPLATE, "{\"id\":\"2\"}");
}

static void test_the_first_template_that_fits(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_TEMPLATE, "x:a/{first}", "{}"));
    add(w, item_of(ITEM_TEMPLATE, "x:{+second}", "{}"));
    add(w, item_of(ITEM_TEMPLATE, "x:b/{third}", "{}"));
    runs(w, "x:a/1", ITEM_TEMPLATE, "{\"first\":\"1\"}");
    runs(w, "x:b/1", ITEM_TEMPLATE, "{\"second\":\"b/1\"}");
    withdraw(w, ITEM_TEMPLATE, "x:{+second}");
    runs(w, "x:b/1", ITEM_TEMPLATE, "{\"third\":\"1\"}");
}

static void test_variables_are_decoded(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_TEMPLATE, "x:{a}/{b}{?q,r}", "{}"));
    runs(w, "x:%22%C3%A9/2?r=%0A&q=", ITEM_TEMPLATE,
         "{\"a\":\"\\\"\xC3\xA9\",\"b\":\"2\",\"q\":\"\",\"r\":\"\\n\"}");
    runs(w, "x:1/2", ITEM_TEMPLATE, "{\"a\":\"1\",\"b\":\"2\"}");
}

static void test_a_template_without_variables(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_TEMPLATE, "x:all", "{}"));
    runs(w, "x:all", ITEM_TEMPLATE, "{}");
}

static void test_bad_uris(void **state)
{
    struct world *w = *state;
    add(w, item_of(ITEM_TEMPLATE, "file://{+path}", "{}"));
    add(w, item_of(ITEM_RESOURCE, "no uri", "{}"));
    refused(w, "no uri", ST_INVALID,
            "the URI has a character at byte 2 that must be escaped; write it as %20");
    refused(w, "relative/path", ST_INVALID,
            "the URI does not begin with a scheme like file: or https:; relative references are "
            "not allowed");
    refused(w, "file:///a/../etc/passwd", ST_INVALID,
            "the path of the file URI has a segment \"..\"; name the file without \".\" and \"..\"");
}

static void test_a_uri_that_is_too_long_is_a_bad_uri(void **state)
{
    char uri[URI_MAX_BYTES + 2];
    struct world *w = *state;
    memset(uri, 'x', sizeof(uri));
    memcpy(uri, "x:", 2);
    uri[URI_MAX_BYTES + 1] = '\0';
    refused(w, uri, ST_INVALID, "the URI has 8193 bytes; at most 8192 are allowed");
}

static void test_what_the_caller_may_not_see_is_not_there(void **state)
{
    struct world *w = *state;
    struct item listed = item_of(ITEM_RESOURCE, "x:1", "{}");
    struct item template = item_of(ITEM_TEMPLATE, "x:{+any}", "{}");
    struct item level = item_of(ITEM_RESOURCE, "x:secret/2", "{}");
    listed.callers = template.callers = STR("[\"alice\"]");
    level.level = TOOL_RESTRICTED;
    add(w, listed);
    add(w, template);
    add(w, level);
    refused(w, "x:1", ST_NOT_FOUND, "there is no resource \"x:1\"");
    refused(w, "x:3", ST_NOT_FOUND, "there is no resource \"x:3\"");
    refused(w, "x:secret/2", ST_NOT_FOUND, "there is no resource \"x:secret/2\"");
    struct record r;
    struct error err;
    assert_int_equal(read_as(w, &r, &alice, "x:1", &err), ST_OK);
    assert_int_equal(w->runs[0].kind, ITEM_RESOURCE);
    complete(w, r.id, GOOD);
}

static void test_a_hidden_template_gives_way_to_the_next(void **state)
{
    struct world *w = *state;
    struct item hidden = item_of(ITEM_TEMPLATE, "x:{hidden}", "{}");
    hidden.callers = STR("[\"alice\"]");
    add(w, hidden);
    add(w, item_of(ITEM_TEMPLATE, "x:{open}", "{}"));
    runs(w, "x:1", ITEM_TEMPLATE, "{\"open\":\"1\"}");
}

static void test_a_resource_that_is_published_later(void **state)
{
    struct world *w = *state;
    refused(w, "x:1", ST_NOT_FOUND, "there is no resource \"x:1\"");
    publish(w, item_of(ITEM_RESOURCE, "x:1", "{}"));
    runs(w, "x:1", ITEM_RESOURCE, "{}");
}

static void test_the_plugin_finds_nothing(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    add(w, item_of(ITEM_TEMPLATE, "x:{id}", "{}"));
    assert_int_equal(read_as(w, &r, NULL, "x:9", &err), ST_OK);
    complete_as(w, r.id, RUN_FAIL, "{\"code\":-4,\"message\":\"no record 9\"}");
    assert_int_equal(r.end, CALL_FAILED);
    assert_int_equal(r.code, ST_NOT_FOUND);
    assert_string_equal(r.text, "no record 9");
    assert_int_equal(read_as(w, &r, NULL, "x:9", &err), ST_OK);
    complete_as(w, r.id, RUN_FAIL, "{\"code\":-4}");
    assert_string_equal(r.text, "resource \"x:9\" failed (not_found) and gave no reason");
}

static void test_a_busy_resource_is_a_failure(void **state)
{
    struct world *w = *state;
    struct record r[5];
    struct error err;
    add(w, item_of(ITEM_RESOURCE, "x:1", "{}"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(read_as(w, &r[i], NULL, "x:1", &err), ST_OK);
    assert_int_equal(r[4].end, CALL_FAILED);
    assert_int_equal(r[4].code, ST_BUSY);
    assert_string_equal(r[4].text,
                        "resource \"x:1\" is busy: 2 calls run and 2 wait; try again later");
    for (int i = 0; i < 4; i++)
        complete(w, r[i].id, GOOD);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

#define READS(name) cmocka_unit_test_setup_teardown(name, set_up_empty, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS(test_a_listed_uri),
        READS(test_a_listed_uri_wins_over_a_template),
        READS(test_the_first_template_that_fits),
        READS(test_variables_are_decoded),
        READS(test_a_template_without_variables),
        READS(test_bad_uris),
        READS(test_a_uri_that_is_too_long_is_a_bad_uri),
        READS(test_what_the_caller_may_not_see_is_not_there),
        READS(test_a_hidden_template_gives_way_to_the_next),
        READS(test_a_resource_that_is_published_later),
        READS(test_the_plugin_finds_nothing),
        READS(test_a_busy_resource_is_a_failure),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
