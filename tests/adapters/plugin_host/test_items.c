/* Tools, resources, templates and prompts of one plugin: listed, loaded, asked. */
#include <stdio.h>

#include "hexmcp/abi.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"

static const char *settings = "";

static struct str given_settings(void *ctx, struct str id)
{
    (void)ctx;
    (void)id;
    return str_from(settings);
}

static struct fixture *opened_with(void **state, const char *text)
{
    struct fixture *f = *state;
    settings = text;
    f->config.settings = given_settings;
    fixture_bundle(f, ITEMS);
    fixture_open(f);
    return f;
}

static struct fixture *opened(void **state)
{
    return opened_with(state, "");
}

static void ask(struct fixture *f, struct run_request request)
{
    struct error err = {0};
    int rc = fixture_ask(f, ITEMS, &request, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
}

/* On the loop and on a worker: the same. */
static void asked(struct fixture *f, struct run_request request, const char *answer)
{
    char want[600];
    snprintf(want, sizeof(want), "%s\n", answer);
    request.call = 1;
    request.on_loop = true;
    ask(f, request);
    fixture_saw(f, want);
    request.on_loop = false;
    ask(f, request);
    fixture_wait(f, answer);
    fixture_saw(f, want);
}

static void each_question_reaches_its_function(void **state)
{
    struct fixture *f = opened(state);
    asked(f,
          (struct run_request){.action = ACTION_CALL, .kind = ITEM_TOOL, .name = STR("plain"),
                               .arguments = STR("{\"a\":1}")},
          "completed 1 0 {\"of\":\"tool\",\"name\":\"plain\",\"args\":{\"a\":1}}");
    asked(f,
          (struct run_request){.action = ACTION_READ, .kind = ITEM_RESOURCE,
                               .name = STR("items:one"), .arguments = STR("{}")},
          "completed 1 0 {\"of\":\"resource\",\"name\":\"items:one\",\"args\":{}}");
    asked(f,
          (struct run_request){.action = ACTION_READ, .kind = ITEM_TEMPLATE,
                               .name = STR("items:t/x"), .arguments = STR("{\"name\":\"x\"}")},
          "completed 1 0 {\"of\":\"resource\",\"name\":\"items:t/x\",\"args\":{\"name\":\"x\"}}");
    asked(f,
          (struct run_request){.action = ACTION_RENDER, .kind = ITEM_PROMPT, .name = STR("greet"),
                               .arguments = STR("{\"who\":\"me\"}")},
          "completed 1 0 {\"of\":\"prompt\",\"name\":\"greet\",\"args\":{\"who\":\"me\"}}");
}

static void arguments_are_completed_by_their_owner(void **state)
{
    struct fixture *f = opened(state);
    struct run_request request = {.action = ACTION_COMPLETE,
                                  .kind = ITEM_TEMPLATE,
                                  .name = STR("items:t/{name}"),
                                  .arguments = STR("{\"k\":\"v\"}"),
                                  .argument = STR("name"),
                                  .value = STR("be")};
    asked(f, request,
          "completed 1 0 {\"of\":\"resource\",\"name\":\"items:t/{name}\",\"argument\":\"name\","
          "\"value\":\"be\",\"known\":{\"k\":\"v\"}}");
    request.kind = ITEM_PROMPT;
    request.name = STR("greet");
    request.argument = STR("who");
    asked(f, request,
          "completed 1 0 {\"of\":\"prompt\",\"name\":\"greet\",\"argument\":\"who\","
          "\"value\":\"be\",\"known\":{\"k\":\"v\"}}");
}

struct subject {
    enum action action;
    enum item_kind kind;
    struct str prefix;     /* of names, as the plugin tells behaviour by their end */
    const char *table;     /* as the plugin calls it                               */
    const char *in_errors; /* as the host calls it                                 */
};

static const struct subject subjects[] = {
    {ACTION_CALL, ITEM_TOOL, STR_INIT(""), "tool", "tool"},
    {ACTION_READ, ITEM_RESOURCE, STR_INIT("items:"), "resource", "resource"},
    {ACTION_READ, ITEM_TEMPLATE, STR_INIT("items:t/"), "resource", "resource"},
    {ACTION_RENDER, ITEM_PROMPT, STR_INIT(""), "prompt", "prompt"},
};
#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static struct run_request about(const struct subject *s, const char *end, char name[64])
{
    snprintf(name, 64, "%.*s%s", STR_ARG(s->prefix), end);
    return (struct run_request){
        .action = s->action, .kind = s->kind, .name = str_from(name), .arguments = STR("{}")};
}

static void rounds_go_on_where_they_began(void **state)
{
    struct fixture *f = opened(state);
    for (size_t i = 0; i < SUBJECTS; i++) {
        char name[64], want[300];
        struct run_request request = about(&subjects[i], "asks", name);
        asked(f, request, "completed 1 4 {\"requests\":{},\"state\":7}");
        request.resume = true;
        request.state = STR("7");
        request.answers = STR("{\"q\":{}}");
        snprintf(want, sizeof(want),
                 "completed 1 0 {\"of\":\"%s\",\"name\":\"%s\",\"args\":{},\"state\":7,"
                 "\"answers\":{\"q\":{}}}",
                 subjects[i].table, name);
        asked(f, request, want);
    }
}

static void errors_say_what_it_was(void **state)
{
    struct fixture *f = opened(state);
    for (size_t i = 0; i < SUBJECTS; i++) {
        char name[64], want[300];
        if (i > 0)
            asked(f, about(&subjects[i], "fails", name), "failed 1 -4 nobody knows it");
        struct run_request request = about(&subjects[i], "nothing", name);
        snprintf(want, sizeof(want),
                 "failed 1 -12 plugin " ITEMS " broke its contract: %s \"%s\" returned HEXMCP_OK "
                 "without completing the call",
                 subjects[i].in_errors, name);
        asked(f, request, want);
    }
}

/* Longer than an error has room for, with the cut inside of a character. */
static void long_names_are_cut_at_a_character(void **state)
{
    struct fixture *f = opened(state);
    char name[400], want[400];
    memset(name, 'a', 143);
    for (size_t i = 143; i < 399 - 7; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    snprintf(name + 391, sizeof(name) - 391, "nothing");
    snprintf(want, sizeof(want),
             "failed 1 -12 plugin " ITEMS " broke its contract: prompt \"%.143s\" returned "
             "HEXMCP_OK without completing the call",
             name);
    asked(f,
          (struct run_request){.action = ACTION_RENDER, .kind = ITEM_PROMPT,
                               .name = str_from(name), .arguments = STR("{}")},
          want);
}

static void what_is_cancelled_is_told_to_its_table(void **state)
{
    struct fixture *f = opened(state);
    for (size_t i = 0; i < SUBJECTS; i++) {
        char name[64], log[64];
        struct run_request request = about(&subjects[i], "waits", name);
        request.call = i + 1;
        request.on_loop = true;
        ask(f, request);
        fixture_saw(f, "");
        buffer_clear(&f->logs);
        f->runtime->cancel(f->runtime->ctx, request.call);
        snprintf(log, sizeof(log), "1 " ITEMS ": %s cancels", subjects[i].table);
        assert_true(fixture_logged(f, log));
        snprintf(log, sizeof(log), "completed %zu 3 ", i + 1);
        fixture_wait(f, log);
        buffer_clear(&f->seen);
    }
}

static void short_tables_do_what_they_can(void **state)
{
    struct fixture *f = opened_with(state, "{\"short\":true}");
    for (size_t i = 0; i < SUBJECTS; i++) {
        char name[64], want[200];
        struct run_request request = about(&subjects[i], "plain", name);
        snprintf(want, sizeof(want), "completed 1 0 {\"of\":\"%s\",\"name\":\"%s\",\"args\":{}}",
                 subjects[i].table, name);
        asked(f, request, want);
        request.resume = true;
        asked(f, request, "failed 1 -5 the plugin takes no answers");
        request.resume = false;
        request.action = ACTION_COMPLETE;
        if (i >= 2)
            asked(f, request, "failed 1 -5 the plugin completes nothing");
    }
}

static void cannot_use(void **state, const char *text, enum item_kind kind, const char *reason)
{
    struct fixture *f = opened_with(state, text);
    struct error err;
    struct run_request request = {.call = 1, .kind = kind, .name = STR("x"), .on_loop = true};
    assert_int_equal(fixture_ask(f, ITEMS, &request, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, reason);
    assert_int_equal(fixture_plugin(f, ITEMS).state, PLUGIN_FAILED);
}

static void a_missing_resource_table(void **state)
{
    cannot_use(state, "{\"without\":\"resource\"}", ITEM_TOOL,
               "plugin " ITEMS " cannot be used: plugin " ITEMS " broke its contract: plugin.json "
               "provides \"hexmcp.resource/1\", but there is none with read");
}

static void a_missing_prompt_table(void **state)
{
    cannot_use(state, "{\"without\":\"prompt\"}", ITEM_PROMPT,
               "plugin " ITEMS " cannot be used: plugin " ITEMS " broke its contract: plugin.json "
               "provides \"hexmcp.prompt/1\", but there is none with render");
}

static struct item listed(const struct fixture *f, enum item_kind kind, size_t index)
{
    struct plugin_item_cursor cursor = {0};
    struct item item;
    while (plugin_host_next_item(f->host, &cursor, &item))
        if (item.kind == kind && index-- == 0)
            return item;
    fail_msg("no such item");
    return (struct item){0};
}

static void items_are_listed_with_how_they_run(void **state)
{
    struct fixture *f = opened(state);
    struct item one = listed(f, ITEM_RESOURCE, 0), fails = listed(f, ITEM_RESOURCE, 1);
    assert_true(str_eq(one.name, STR("items:one")));
    assert_true(str_eq(one.local_name, STR("items:one")));
    assert_true(str_eq(one.plugin_id, STR(ITEMS)));
    assert_int_equal(one.callers.len, 0);
    assert_int_equal(one.timeout_ms, 1000);
    assert_int_equal(one.slots, 2);
    assert_int_equal(one.queue, 5);
    assert_int_equal(one.level, TOOL_RESTRICTED);
    assert_false(one.run_inline);
    assert_true(str_starts(one.json, STR("{\"uri\": \"items:one\", \"name\": \"one\"")));
    assert_int_equal(fails.timeout_ms, 30000);
    assert_int_equal(fails.slots, 8);
    assert_int_equal(fails.queue, 1024);
    assert_int_equal(fails.level, TOOL_SAFE);
    struct item t = listed(f, ITEM_TEMPLATE, 0);
    assert_true(str_eq(t.name, STR("items:t/{name}")));
    assert_int_equal(t.timeout_ms, 2000);
    struct item greet = listed(f, ITEM_PROMPT, 0);
    assert_true(str_eq(greet.name, STR("greet")));
    assert_int_equal(greet.slots, 3);
    struct item third;
    assert_true(plugin_host_item_of(f->host, 0, ITEM_PROMPT, 2, &third));
    assert_true(str_eq(third.name, STR("nothing")));
    assert_false(plugin_host_item_of(f->host, 0, ITEM_TEMPLATE, 1, &third));
    assert_false(plugin_host_item_of(f->host, 1, ITEM_TOOL, 0, &third));
    struct plugin_facts facts = fixture_plugin(f, ITEMS);
    assert_int_equal(facts.tool_count, 11);
    assert_true(facts.dynamic);
    assert_true(str_starts(facts.resources, STR("[\n    {\"uri\": \"items:one\"")));
    assert_true(str_starts(facts.templates, STR("[\n    {\"uriTemplate\": \"items:t/{name}\"")));
    assert_true(str_starts(facts.prompts, STR("[\n    {\"name\": \"greet\"")));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_question_reaches_its_function),
        T(arguments_are_completed_by_their_owner),
        T(rounds_go_on_where_they_began),
        T(errors_say_what_it_was),
        T(long_names_are_cut_at_a_character),
        T(what_is_cancelled_is_told_to_its_table),
        T(short_tables_do_what_they_can),
        T(a_missing_resource_table),
        T(a_missing_prompt_table),
        T(items_are_listed_with_how_they_run),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
