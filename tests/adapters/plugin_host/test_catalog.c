/* "hexmcp.catalog/1": items that a plugin publishes and withdraws while it runs. */
#include <stdio.h>
#include <stdlib.h>

#include "hexmcp/host/catalog.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"
#define LOG "1 " ITEMS ": "
#define TOOL "{\"name\":\"x\",\"inputSchema\":{\"type\":\"object\"}}"
#define TOLD "0 publish 0 x  30000 " TOOL "\n"
#define STATUS(n) "completed 1 0 {\"structuredContent\":{\"status\":" #n "}}\n"

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

/* Writes the plugin's manifest anew, with `from` replaced. */
static void change_manifest(struct fixture *f, const char *from, const char *to)
{
    char text[8192], changed[8192];
    FILE *file = fopen(fixture_path(f, ITEMS "/plugin.json"), "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    char *at = strstr(text, from);
    assert_non_null(at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fixture_write(f, ITEMS "/plugin.json", changed);
}

static void run(struct fixture *f, const char *tool, const char *args)
{
    struct error err = {0};
    int rc = fixture_run(f, 1, ITEMS, tool, args, true, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
}

/* What was published must be answered with `log`, and told on as `told`. */
static void publish(struct fixture *f, const char *args, const char *log, const char *told)
{
    buffer_clear(&f->logs);
    run(f, "publish", args);
    fixture_saw(f, STATUS(0));
    if (!fixture_logged(f, log))
        fail_msg("%s\nnot: %s\nbut: %.*s", args, log, (int)f->logs.len, f->logs.data);
    fixture_told(f, told);
}

#define PUBLISHED LOG "replied 0 {\"name\":\"as-clients-know-it\"}"

static void each_kind_is_published(void **state)
{
    struct fixture *f = opened(state);
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}", PUBLISHED, TOLD);
    publish(f,
            "{\"kind\":1,\"definition\":{\"uri\":\"x:r\",\"name\":\"r\","
            "\"run\":{\"timeoutMs\":5}}}",
            PUBLISHED,
            "0 publish 1 x:r  5 {\"uri\":\"x:r\",\"name\":\"r\",\"run\":{\"timeoutMs\":5}}\n");
    publish(f, "{\"kind\":2,\"definition\":{\"uriTemplate\":\"x:{a}\",\"name\":\"t\"}}", PUBLISHED,
            "0 publish 2 x:{a}  30000 {\"uriTemplate\":\"x:{a}\",\"name\":\"t\"}\n");
    publish(f, "{\"kind\":3,\"definition\":{\"name\":\"p\"}}", PUBLISHED,
            "0 publish 3 p  30000 {\"name\":\"p\"}\n");
}

static void callers_can_be_named(void **state)
{
    struct fixture *f = opened(state);
    publish(f,
            "{\"kind\":3,\"definition\":{\"name\":\"p\"},\"options\":{\"callers\":[\"a\", \"b\"]}}",
            PUBLISHED, "0 publish 3 p [\"a\", \"b\"] 30000 {\"name\":\"p\"}\n");
    publish(f, "{\"kind\":3,\"definition\":{\"name\":\"q\"},\"options\":{}}", PUBLISHED,
            "0 publish 3 q  30000 {\"name\":\"q\"}\n");
}

static int no_schema(void *ctx, struct str schema, struct error *err)
{
    (void)ctx;
    if (str_eq(schema, STR("{\"type\":\"object\",\"pattern\":\"(\"}")))
        return error_set(err, ST_INVALID, "/pattern: unbalanced");
    return ST_OK;
}

static void definitions_keep_the_rules_of_the_manifest(void **state)
{
    static const char *const cases[][3] = {
        {"0", "\"[\"", "replied -3 {\"message\":\"definition: unexpected end at byte 1\"}"},
        {"0", "[]", "replied -3 {\"message\":\"definition: must be an object, is an array\"}"},
        {"0", "{\"name\":\"x\"}",
         "replied -3 {\"message\":\"definition: the key \\\"inputSchema\\\" is missing\"}"},
        {"0", "{\"name\":\"a b\"}",
         "replied -3 {\"message\":\"definition: /name: must be 1 to 64 of A-Z a-z 0-9 _ . -\"}"},
        {"0", "{\"name\":\"x\",\"inputSchema\":{\"type\":\"object\",\"pattern\":\"(\"}}",
         "replied -3 {\"message\":\"definition: /inputSchema: /pattern: unbalanced\"}"},
        {"1", "{\"uri\":\"no uri\",\"name\":\"r\"}",
         "replied -3 {\"message\":\"definition: /uri: "},
        {"1", "{\"uri\":\"x:r\",\"name\":\"r\",\"run\":{\"mode\":\"inline\"}}",
         "replied -3 {\"message\":\"definition: /run/mode: unknown key\"}"},
        {"2", "{\"uriTemplate\":\"x:{\",\"name\":\"t\"}",
         "replied -3 {\"message\":\"definition: /uriTemplate: "},
        {"3", "{\"name\":\"a/b\"}",
         "replied -3 {\"message\":\"definition: /name: must be 1 to 64 of A-Z a-z 0-9 _ . -\"}"},
        {"3", "{\"name\":\"p\"},\"options\":{\"callers\":[1]}",
         "replied -3 {\"message\":\"options: /callers/0: must be a string, is a number\"}"},
        {"3", "{\"name\":\"p\"},\"options\":{\"caller\":[]}",
         "replied -3 {\"message\":\"options: /caller: unknown key; did you mean "
         "\\\"callers\\\"?\"}"},
        {"3", "{\"name\":\"p\"},\"options\":\"{\"",
         "replied -3 {\"message\":\"options: expected a key in quotes at byte 1\"}"},
    };
    struct fixture *f = *state;
    f->config.checks.check_schema = no_schema;
    opened(state);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char args[400], want[400];
        buffer_clear(&f->logs);
        snprintf(args, sizeof(args), "{\"kind\":%s,\"definition\":%s}", cases[i][0], cases[i][1]);
        snprintf(want, sizeof(want), LOG "%s", cases[i][2]);
        run(f, "publish", args);
        fixture_hear(f, 20);
        buffer_add_char(&f->logs, '\0');
        if (!strstr(f->logs.data, want))
            fail_msg("%s\nnot: %s\nbut: %s", args, want, f->logs.data);
        fixture_saw(f, STATUS(0));
        fixture_told(f, "");
    }
}

static void only_what_is_served_is_published(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, ITEMS);
    change_manifest(f, "\"hexmcp.tool/1\", \"hexmcp.resource/1\", \"hexmcp.prompt/1\"",
                    "\"hexmcp.tool/1\"");
    change_manifest(f, "\"resources\": [", "\"x-resources\": [");
    change_manifest(f, "\"resourceTemplates\": [", "\"x-templates\": [");
    change_manifest(f, "\"prompts\": [", "\"x-prompts\": [");
    fixture_open(f);
    for (int kind = 1; kind < 4; kind++) {
        char args[80];
        snprintf(args, sizeof(args), "{\"kind\":%d,\"definition\":{}}", kind);
        publish(f, args,
                LOG "replied -3 {\"message\":\"plugin.json provides no interface that serves what "
                    "is published\"}",
                "");
    }
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}", PUBLISHED, TOLD);
}

static void limits_are_told_at_once(void **state)
{
    struct fixture *f = opened(state);
    run(f, "publish", "{\"kind\":4,\"definition\":{}}");
    fixture_saw(f, STATUS(-3));
    run(f, "withdraw", "{\"kind\":4,\"name\":\"x\"}");
    fixture_saw(f, STATUS(-3));
    char args[200];
    snprintf(args, sizeof(args), "{\"kind\":3,\"pad\":%d,\"definition\":{\"name\":\"p\"}}",
             256 * 1024 - 12);
    run(f, "publish", args);
    fixture_saw(f, STATUS(0));
    assert_true(fixture_logged(f, PUBLISHED));
    snprintf(args, sizeof(args), "{\"kind\":3,\"pad\":%d,\"definition\":{\"name\":\"p\"}}",
             256 * 1024 - 11);
    run(f, "publish", args);
    fixture_saw(f, STATUS(-11));
    fixture_told(f, "0 publish 3 p  30000 {\"name\":\"p\"}\n");
}

static void so_many_replies_are_outstanding(void **state)
{
    struct fixture *f = opened(state);
    /* the call holds the loop, so nothing is answered meanwhile; then again */
    for (int i = 0; i < 2; i++) {
        run(f, "publish-many", "{\"count\":2000}");
        fixture_saw(f, "completed 1 0 {\"structuredContent\":{\"status\":-9,\"taken\":1024}}\n");
        size_t lines = 0;
        fixture_hear(f, 300);
        for (size_t at = 0; at < f->told.len; at++)
            lines += f->told.data[at] == '\n';
        assert_int_equal(lines, 1024);
        buffer_clear(&f->told);
    }
}

static void nobody_has_to_listen_to_the_reply(void **state)
{
    struct fixture *f = opened(state);
    run(f, "publish", "{\"kind\":0,\"quiet\":true,\"definition\":" TOOL "}");
    fixture_saw(f, STATUS(0));
    fixture_told(f, TOLD);
    run(f, "publish", "{\"kind\":0,\"quiet\":true,\"definition\":[]}");
    assert_true(fixture_logged(f, "3 " ITEMS ": definition: must be an object, is an array"));
    fixture_told(f, "");
}

static void what_the_core_refuses_is_passed_on(void **state)
{
    struct fixture *f = opened(state);
    f->refusal = "it is there already";
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}",
            LOG "replied -3 {\"message\":\"it is there already\"}", "");
    /* so there is nothing to take away */
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    fixture_told(f, "");
}

static void items_are_withdrawn(void **state)
{
    struct fixture *f = opened(state);
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}", PUBLISHED, TOLD);
    buffer_clear(&f->logs);
    run(f, "withdraw", "{\"kind\":0,\"name\":\"x\"}");
    fixture_told(f, "0 withdraw 0 x\n");
    assert_true(fixture_logged(f, LOG "replied 0 {}"));
    run(f, "withdraw", "{\"kind\":1,\"name\":\"absent\"}");
    assert_true(fixture_logged(f, LOG "replied -4 {\"message\":\"there is none\"}"));
    /* not a second time at the end */
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    fixture_told(f, "");
}

static void the_end_takes_what_was_published(void **state)
{
    struct fixture *f = opened(state);
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}", PUBLISHED, TOLD);
    publish(f, "{\"kind\":3,\"definition\":{\"name\":\"p\"}}", PUBLISHED,
            "0 publish 3 p  30000 {\"name\":\"p\"}\n");
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    fixture_told(f, "0 withdraw 3 p\n0 withdraw 0 x\n");
}

static void quarantine_takes_what_was_published(void **state)
{
    if (fixture_passes(*state, "a helper with lost workers is replaced"))
        return;
    struct fixture *f = *state;
    char args[600];
    struct error err;
    f->config.max_lost = 1;
    opened(state);
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}", PUBLISHED, TOLD);
    snprintf(args, sizeof(args), "{\"until\":\"%s\"}", fixture_path(f, "go"));
    assert_int_equal(fixture_run(f, 2, ITEMS, "hang", args, false, &err), ST_OK);
    fixture_wait_for(f, "progress 2 ");
    f->runtime->abandon(f->runtime->ctx, 2);
    fixture_advance(f, 2000);
    assert_int_equal(fixture_plugin(f, ITEMS).state, PLUGIN_QUARANTINED);
    fixture_told(f, "0 withdraw 0 x\n");
    fixture_write(f, "go", "");
    fixture_wait(f, "released 2");
}

static void what_is_published_in_init_is_shown_after_start(void **state)
{
    struct fixture *f = opened_with(state, "{\"early\":true}");
    plugin_host_start_dynamic(f->host);
    fixture_settle(f, ITEMS);
    assert_int_equal(fixture_plugin(f, ITEMS).state, PLUGIN_ACTIVE);
    fixture_told(f, "");
    assert_true(fixture_turn(f));
    fixture_told(f, "0 publish 0 early  30000 {\"name\":\"early\",\"inputSchema\":{\"type\":"
                    "\"object\"}}\n");
    assert_true(fixture_logged(f, PUBLISHED));
}

static void a_plugin_that_fails_gets_its_reply_before_it_is_destroyed(void **state)
{
    static const char *const cases[][2] = {
        {"{\"early\":true,\"fails\":\"init\"}", "init failed: it was told to fail"},
        {"{\"early\":true,\"fails\":\"start\"}", "start failed: it was told to fail"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < 2; i++) {
        char want[400];
        settings = cases[i][0];
        if (i)
            fixture_open(f); /* the library stays mapped, so its file is not written again */
        else
            opened_with(state, settings);
        plugin_host_start_dynamic(f->host);
        fixture_settle(f, ITEMS);
        snprintf(want, sizeof(want),
                 LOG "replied -10 {\"message\":\"plugin " ITEMS " is not running\"}\n" LOG
                     "destroyed\n4 " ITEMS ": cannot be used: %s\n",
                 cases[i][1]);
        buffer_add_char(&f->logs, '\0');
        assert_string_equal(f->logs.data, want);
        buffer_clear(&f->logs);
        while (f->tasks)
            fixture_turn(f);
        fixture_told(f, "");
        fixture_close(f);
    }
}

static void dynamic_plugins_alone_are_started(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, "hexmcp.test.slow");
    opened(state);
    plugin_host_start_dynamic(f->host);
    fixture_settle(f, ITEMS);
    assert_int_equal(fixture_plugin(f, ITEMS).state, PLUGIN_ACTIVE);
    assert_int_equal(fixture_plugin(f, "hexmcp.test.slow").state, PLUGIN_VERIFIED);
    plugin_host_start_dynamic(f->host); /* once is enough */
    fixture_close(f);
    f->place.enable_all = false;
    fixture_open(f);
    plugin_host_start_dynamic(f->host);
    assert_int_equal(fixture_plugin(f, ITEMS).state, PLUGIN_DISCOVERED);
}

static void others_get_no_catalogue(void **state)
{
    struct fixture *f = *state;
    struct error err;
    fixture_bundle(f, ITEMS);
    change_manifest(f, "\"dynamic\": true", "\"dynamic\": false");
    settings = "{\"early\":true}";
    f->config.settings = given_settings;
    fixture_open(f);
    assert_int_equal(fixture_run(f, 1, ITEMS, "plain", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "plugin " ITEMS " cannot be used: init failed: the catalogue "
                                  "takes nothing in init");
    assert_true(fixture_logged(f, "3 " ITEMS ": asked for hexmcp.catalog/1, but plugin.json does "
                                  "not say \"dynamic\": true"));
}

static void without_a_publisher_nothing_is_published(void **state)
{
    struct fixture *f = opened(state);
    plugin_host_set_publisher(f->host, NULL);
    publish(f, "{\"kind\":0,\"definition\":" TOOL "}",
            LOG "replied -10 {\"message\":\"plugin " ITEMS " is not running\"}", "");
}

static void every_thread_may_publish(void **state)
{
    struct fixture *f = opened(state);
    struct error err;
    assert_int_equal(fixture_run(f, 1, ITEMS, "threads", "{\"threads\":4,\"count\":120}", false,
                                 &err),
                     ST_OK);
    fixture_wait(f, "completed 1 0 {\"structuredContent\":{\"status\":0}}");
    size_t published = 0, withdrawn = 0;
    fixture_hear(f, 300);
    buffer_add_char(&f->told, '\0');
    for (const char *at = f->told.data; (at = strstr(at, "0 publish 0 by-")); at++)
        published++;
    for (const char *at = f->told.data; (at = strstr(at, "0 withdraw 0 by-")); at++)
        withdrawn++;
    assert_int_equal(published, 480);
    assert_int_equal(withdrawn, 480);
    buffer_clear(&f->told);
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    fixture_told(f, "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_kind_is_published),
        T(callers_can_be_named),
        T(definitions_keep_the_rules_of_the_manifest),
        T(only_what_is_served_is_published),
        T(limits_are_told_at_once),
        T(so_many_replies_are_outstanding),
        T(nobody_has_to_listen_to_the_reply),
        T(what_the_core_refuses_is_passed_on),
        T(items_are_withdrawn),
        T(the_end_takes_what_was_published),
        T(quarantine_takes_what_was_published),
        T(what_is_published_in_init_is_shown_after_start),
        T(a_plugin_that_fails_gets_its_reply_before_it_is_destroyed),
        T(dynamic_plugins_alone_are_started),
        T(others_get_no_catalogue),
        T(without_a_publisher_nothing_is_published),
        T(every_thread_may_publish),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
