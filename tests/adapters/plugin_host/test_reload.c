/* Reloading: a new version beside the old one. */
#include <stdio.h>

#include "adapters/driven/plugin_host/host.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ID "hexmcp.test.versions"

static char said[600];

static void told(void *ctx, struct str id, const struct error *err)
{
    (void)ctx;
    snprintf(said, sizeof(said), "%.*s: %s", STR_ARG(id), err ? err->text : "reloaded");
}

static struct fixture *opened(void **state, const char *version)
{
    struct fixture *f = *state;
    fixture_version(f, version, ID);
    fixture_open(f);
    return f;
}

static int ask(struct fixture *f, uint64_t call, const char *tool)
{
    struct error err = {0};
    return fixture_run(f, call, ID, tool, "{}", true, &err);
}

static void answers(struct fixture *f, uint64_t call, const char *version, unsigned count)
{
    char want[120];
    assert_int_equal(ask(f, call, "version"), ST_OK);
    snprintf(want, sizeof(want),
             "completed %d 0 {\"structuredContent\":{\"version\":\"%s\",\"count\":%u}}\n", (int)call,
             version, count);
    fixture_saw(f, want);
}

static void turn_until_said(struct fixture *f)
{
    while (!said[0])
        assert_true(fixture_turn(f));
}

static void reload(struct fixture *f, const char *want)
{
    struct error err = {0};
    said[0] = '\0';
    if (plugin_host_reload(f->host, STR(ID), told, NULL, &err))
        snprintf(said, sizeof(said), "%s", err.text);
    turn_until_said(f);
    assert_string_equal(said, want);
}

static void the_new_version_takes_over_with_its_state(void **state)
{
    struct fixture *f = opened(state, "one");
    answers(f, 1, "1.0.0", 1);
    answers(f, 2, "1.0.0", 2);
    assert_false(plugin_host_has_changed(f->host, 0));
    fixture_version(f, "two", ID);
    assert_true(plugin_host_has_changed(f->host, 0));
    reload(f, ID ": reloaded");
    assert_false(plugin_host_has_changed(f->host, 0));
    answers(f, 3, "2.0.0", 3);
    assert_true(str_eq(fixture_plugin(f, ID).version, STR("2.0.0")));
}

static void only_items_that_differ_are_told(void **state)
{
    struct fixture *f = opened(state, "one");
    answers(f, 1, "1.0.0", 1);
    fixture_version(f, "two", ID);
    reload(f, ID ": reloaded");
    fixture_told(f, "0 withdraw 0 version\n"
                    "0 withdraw 0 removed\n"
                    "0 publish 0 version  30000 {\n   \"name\": \"version\",\n"
                    "   \"description\": \"Says two.\",\n   \"inputSchema\": {\n"
                    "    \"type\": \"object\"\n   },\n   \"run\": {\n    \"mode\": \"inline\"\n   }\n  }\n"
                    "0 publish 0 added  30000 {\n   \"name\": \"added\",\n"
                    "   \"description\": \"New.\",\n   \"inputSchema\": {\n"
                    "    \"type\": \"object\"\n   },\n   \"run\": {\n    \"mode\": \"inline\"\n   }\n  }\n");
    reload(f, ID ": reloaded"); /* the same again */
    fixture_told(f, "");
}

static void calls_of_the_old_version_end_there(void **state)
{
    struct fixture *f = opened(state, "one");
    assert_int_equal(ask(f, 1, "hold"), ST_OK);
    const struct plugin *old = f->host->plugins[0];
    fixture_version(f, "two", ID);
    reload(f, ID ": reloaded");
    assert_ptr_equal(f->host->draining, old);
    answers(f, 2, "2.0.0", 1);
    f->runtime->cancel(f->runtime->ctx, 1);
    fixture_wait(f, "completed 1 3 ");
    fixture_saw(f, "completed 1 3 \n");
    while (f->host->draining)
        assert_true(fixture_turn(f));
    answers(f, 3, "2.0.0", 2);
}

static void a_plugin_that_was_not_loaded_is_exchanged_at_once(void **state)
{
    struct fixture *f = opened(state, "one");
    fixture_version(f, "two", ID);
    reload(f, ID ": reloaded");
    answers(f, 1, "2.0.0", 1);
}

static void keeps_the_old_one(void **state, const char *version, const char *why)
{
    struct fixture *f = opened(state, "one");
    char want[500];
    answers(f, 1, "1.0.0", 1);
    fixture_version(f, version, ID);
    snprintf(want, sizeof(want), ID ": kept " ID " 1.0.0: %s", why);
    reload(f, want);
    answers(f, 2, "1.0.0", 2);
    fixture_told(f, "");
    fixture_version(f, "two", ID);
    reload(f, ID ": reloaded");
    answers(f, 3, "2.0.0", 3);
}

static void a_version_that_does_not_start_is_not_taken(void **state)
{
    keeps_the_old_one(state, "no-start",
                      "the new version cannot be used: start failed: nothing works today");
}

static void a_version_that_refuses_the_state_is_not_taken(void **state)
{
    keeps_the_old_one(state, "no-load",
                      "the new version cannot be used: load failed: the state is of another kind");
}

static void a_version_that_fails_its_self_test_is_not_taken(void **state)
{
    keeps_the_old_one(state, "bad-test",
                      "the self-test of the new version failed: it answered "
                      "{\"message\":\"one and one is three\"}");
}

static void state_that_cannot_be_saved_is_not_lost(void **state)
{
    struct fixture *f = opened(state, "no-save");
    answers(f, 1, "1.0.1", 1);
    fixture_version(f, "two", ID);
    reload(f, ID ": kept " ID " 1.0.1: its state could not be saved: not now");
    answers(f, 2, "1.0.1", 2);
}

static void a_broken_bundle_is_not_taken(void **state)
{
    struct fixture *f = opened(state, "one");
    answers(f, 1, "1.0.0", 1);
    fixture_write(f, ID "/plugin.json", "{}");
    reload(f, "the new version of " ID " is not taken: plugin.json: the key \"manifest\" is "
              "missing");
    answers(f, 2, "1.0.0", 2);
}

static void an_unknown_plugin_is_named(void **state)
{
    struct fixture *f = opened(state, "one");
    struct error err = {0};
    assert_int_equal(plugin_host_reload(f->host, STR("org.example.none"), told, NULL, &err),
                     ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no plugin org.example.none");
}

static void the_host_stops_while_the_old_version_drains(void **state)
{
    struct fixture *f = opened(state, "one");
    assert_int_equal(ask(f, 1, "hold"), ST_OK);
    fixture_version(f, "two", ID);
    reload(f, ID ": reloaded");
    assert_int_equal(plugin_host_stop(f->host, 1000), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_new_version_takes_over_with_its_state),
        TEST(only_items_that_differ_are_told),
        TEST(calls_of_the_old_version_end_there),
        TEST(a_plugin_that_was_not_loaded_is_exchanged_at_once),
        TEST(a_version_that_does_not_start_is_not_taken),
        TEST(a_version_that_refuses_the_state_is_not_taken),
        TEST(a_version_that_fails_its_self_test_is_not_taken),
        TEST(state_that_cannot_be_saved_is_not_lost),
        TEST(a_broken_bundle_is_not_taken),
        TEST(an_unknown_plugin_is_named),
        TEST(the_host_stops_while_the_old_version_drains),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
