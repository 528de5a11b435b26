#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/adapters/plugin_host/fixture.h"

#define BAD "hexmcp.test.bad"

static void refused(struct fixture *f, const char *id, enum refusal why, const char *reason)
{
    char text[600];
    struct plugin_facts facts = fixture_plugin(f, id);
    snprintf(text, sizeof(text), "%.*s", STR_ARG(facts.reason));
    assert_string_equal(text, reason);
    assert_int_equal(facts.state, PLUGIN_REJECTED);
    assert_int_equal(facts.refusal, why);
    assert_false(facts.enabled);
}

/* One bad bundle, and a good one that it must not hinder. */
static void alone_refused(struct fixture *f, const char *id, enum refusal why, const char *reason)
{
    fixture_bundle(f, "hexmcp.test.slow");
    fixture_open(f);
    refused(f, id, why, reason);
    struct plugin_facts good = fixture_plugin(f, "hexmcp.test.slow");
    assert_int_equal(good.state, PLUGIN_VERIFIED);
    assert_true(good.enabled);
}

static void a_newer_abi(void **state)
{
    fixture_bundle(*state, BAD "-abi");
    alone_refused(*state, BAD "-abi", REFUSED_ABI,
                  "plugin.so: made for plugin ABI 2.0, this hexmcp serves 1.0; use a newer hexmcp");
}

static void an_older_abi_in_the_manifest(void **state)
{
    fixture_bundle(*state, BAD);
    fixture_write(*state, BAD "/plugin.json",
                  "{\"manifest\":1,\"id\":\"" BAD "\",\"version\":\"1.0.0\",\"description\":\"d\","
                  "\"license\":\"MIT\",\"abi\":{\"major\":0,\"minor\":9},\"provides\":[]}");
    alone_refused(*state, BAD, REFUSED_ABI,
                  "plugin.json: made for plugin ABI 0.9, this hexmcp serves 1.0; build the plugin "
                  "anew");
}

static void a_newer_host_needed(void **state)
{
    fixture_bundle(*state, BAD "-min-host");
    alone_refused(*state, BAD "-min-host", REFUSED_ABI,
                  "plugin.so: needs a host with plugin ABI 1.99, this hexmcp serves 1.0; use a "
                  "newer hexmcp");
}

static void a_missing_symbol(void **state)
{
    fixture_bundle(*state, BAD "-no-create");
    alone_refused(*state, BAD "-no-create", REFUSED_SYMBOL,
                  "plugin.so: exports no function hexmcp_plugin_create; use HEXMCP_PLUGIN_DEFINE");
}

static void another_id_in_the_binary(void **state)
{
    fixture_bundle(*state, BAD "-other-id");
    alone_refused(*state, BAD "-other-id", REFUSED_MISMATCH,
                  "plugin.json has the id \"hexmcp.test.bad-other-id\", plugin.so "
                  "\"hexmcp.test.somebody-else\"; build the plugin anew");
}

static void another_version_in_the_binary(void **state)
{
    fixture_bundle(*state, BAD "-version");
    alone_refused(*state, BAD "-version", REFUSED_MISMATCH,
                  "plugin.json has the version 1.0.0, plugin.so 2.0.0; build the plugin anew");
}

static void an_invalid_manifest(void **state)
{
    fixture_bundle(*state, BAD);
    fixture_write(*state, BAD "/plugin.json", "{\"manifest\":1,\"id\":\"" BAD "\",\"ver\":1}");
    alone_refused(*state, BAD, REFUSED_MANIFEST, "plugin.json: /ver: unknown key");
}

static void another_folder_name(void **state)
{
    struct fixture *f = *state;
    char from[512];
    fixture_bundle(f, BAD);
    snprintf(from, sizeof(from), "%s", fixture_path(f, BAD));
    assert_int_equal(rename(from, fixture_path(f, "renamed")), 0);
    alone_refused(f, BAD, REFUSED_FOLDER_NAME,
                  "the folder is named \"renamed\", the plugin \"hexmcp.test.bad\"; rename the "
                  "folder");
}

static void a_missing_binary(void **state)
{
    fixture_bundle(*state, BAD);
    unlink(fixture_path(*state, BAD "/plugin.so"));
    alone_refused(*state, BAD, REFUSED_FILE, "plugin.so: No such file or directory");
}

static void a_binary_that_is_none(void **state)
{
    fixture_bundle(*state, BAD);
    fixture_write(*state, BAD "/plugin.so", "#!/bin/sh\nexit 0\n");
    alone_refused(*state, BAD, REFUSED_ELF, "plugin.so: no ELF file");
}

static void a_fifo(void **state)
{
    fixture_bundle(*state, BAD);
    unlink(fixture_path(*state, BAD "/plugin.json"));
    assert_int_equal(mkfifo(fixture_path(*state, BAD "/plugin.json"), 0644), 0);
    alone_refused(*state, BAD, REFUSED_FILE, "plugin.json: no regular file");
}

static void a_link_out_of_the_bundle(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, BAD);
    fixture_bundle(f, "hexmcp.test.slow");
    unlink(fixture_path(f, BAD "/plugin.so"));
    assert_int_equal(
        symlink("../hexmcp.test.slow/plugin.so", fixture_path(f, BAD "/plugin.so")), 0);
    alone_refused(f, BAD, REFUSED_SYMLINK,
                  "plugin.so is a symbolic link that leads out of its folder");
}

static void a_link_to_a_bundle_elsewhere(void **state)
{
    struct fixture *f = *state;
    char target[512];
    fixture_bundle(f, "hexmcp.test.slow");
    const char *bundles = getenv("TEST_PLUGINS");
    snprintf(target, sizeof(target), "%s/hexmcp.test.bad", bundles ? bundles : "");
    assert_int_equal(symlink(target, fixture_path(f, BAD)), 0);
    fixture_open(f);
    refused(f, BAD, REFUSED_SYMLINK,
            "hexmcp.test.bad is a symbolic link that leads out of its folder");
}

static void files_and_folders_that_others_can_write(void **state)
{
    static const struct {
        const char *path;
        mode_t mode;
        const char *reason;
    } cases[] = {
        {BAD "/plugin.so", 0666,
         "plugin.so can be written by everybody; run: chmod go-w plugin.so"},
        {BAD "/plugin.so", 0664,
         "plugin.so can be written by its group; run: chmod go-w plugin.so"},
        {BAD "/plugin.json", 0646,
         "plugin.json can be written by everybody; run: chmod go-w plugin.json"},
        {BAD, 0775, "hexmcp.test.bad can be written by its group; run: chmod go-w hexmcp.test.bad"},
        /* sticky does not help a bundle: a new plugin.json could be made */
        {BAD, 01777,
         "hexmcp.test.bad can be written by everybody; run: chmod go-w hexmcp.test.bad"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_bundle(f, BAD);
        assert_int_equal(chmod(fixture_path(f, cases[i].path), cases[i].mode), 0);
        alone_refused(f, BAD, REFUSED_PERMISSION, cases[i].reason);
        fixture_close(f);
        assert_int_equal(chmod(fixture_path(f, BAD), 0755), 0);
        unlink(fixture_path(f, BAD "/plugin.so"));
        unlink(fixture_path(f, BAD "/plugin.json"));
    }
}

static void a_place_that_others_can_write(void **state)
{
    struct fixture *f = *state;
    char reason[256];
    fixture_bundle(f, BAD);
    chmod(f->dir, 0777);
    fixture_open(f);
    const char *dir = fixture_dir(f);
    snprintf(reason, sizeof(reason), "%s can be written by everybody; run: chmod go-w %s", dir,
             dir);
    refused(f, BAD, REFUSED_PERMISSION, reason);
    fixture_close(f);
    /* sticky: nobody can replace what is ours in it */
    chmod(f->dir, 01777);
    fixture_open(f);
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_VERIFIED);
}

static void a_file_of_another_user(void **state)
{
    struct fixture *f = *state;
    char reason[256];
    if (geteuid() != 0) {
        print_message("# skipped: only root can give files away\n");
        skip();
    }
    fixture_bundle(f, BAD);
    assert_int_equal(chown(fixture_path(f, BAD "/plugin.so"), 12345, 0), 0);
    snprintf(reason, sizeof(reason),
             "plugin.so belongs to user 12345; it must belong to root or to user %u, who runs "
             "hexmcp",
             (unsigned)geteuid());
    alone_refused(f, BAD, REFUSED_PERMISSION, reason);
}

/* Adds a digest to the manifest of the bundle BAD. */
static void set_digest(struct fixture *f, const char *digest)
{
    char json[512];
    snprintf(json, sizeof(json),
             "{\"manifest\":1,\"id\":\"" BAD "\",\"version\":\"1.0.0\",\"description\":\"d\","
             "\"license\":\"MIT\",\"abi\":{\"major\":1,\"minor\":0},\"provides\":[],"
             "\"digest\":\"sha256:%s\"}",
             digest);
    fixture_write(f, BAD "/plugin.json", json);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void a_digest_that_does_not_fit(void **state)
{
    struct fixture *f = *state;
    char text[ERROR_TEXT_SIZE];
    unsigned is[1];
    fixture_bundle(f, BAD);
    set_digest(f, ZEROS);
    fixture_open(f);
    struct plugin_facts facts = fixture_plugin(f, BAD);
    assert_int_equal(facts.refusal, REFUSED_DIGEST);
    snprintf(text, sizeof(text), "%.*s", STR_ARG(facts.reason));
    assert_int_equal(sscanf(text, "plugin.so: its sha256 is %8x", is), 1);
    assert_non_null(strstr(text, ", plugin.json names " ZEROS
                                 "; the file was changed or the digest is old"));
    fixture_close(f);

    /* and with the right one it is fine */
    char right[65];
    snprintf(right, sizeof(right), "%.64s", text + strlen("plugin.so: its sha256 is "));
    set_digest(f, right);
    fixture_open(f);
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_VERIFIED);
    fixture_close(f);

    f->config.crypto = NULL;
    fixture_open(f);
    refused(f, BAD, REFUSED_DIGEST,
            "plugin.so: the digest in plugin.json cannot be checked here");
}

static void isolation_that_is_not_there(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, BAD);
    fixture_write(f, BAD "/plugin.json",
                  "{\"manifest\":1,\"id\":\"" BAD "\",\"version\":\"1.0.0\",\"description\":\"d\","
                  "\"license\":\"MIT\",\"abi\":{\"major\":1,\"minor\":0},\"provides\":[],"
                  "\"isolation\":\"required\"}");
    alone_refused(f, BAD, REFUSED_ISOLATION,
                  "its manifest demands isolation, which this hexmcp does not have");
}

static void the_second_of_one_id(void **state)
{
    struct fixture *f = *state;
    char reason[256];
    fixture_bundle(f, BAD);
    struct plugin_place places[] = {
        {f->dir, PLUGIN_SYSTEM, false, true},
        {f->dir, PLUGIN_USER, false, true},
    };
    f->config.places = places;
    f->config.place_count = 2;
    fixture_open(f);
    struct plugin_facts facts;
    assert_int_equal(plugin_host_count(f->host), 2);
    assert_true(plugin_host_at(f->host, 0, &facts));
    assert_true(facts.enabled);
    assert_true(plugin_host_at(f->host, 1, &facts));
    assert_int_equal(facts.refusal, REFUSED_DUPLICATE);
    snprintf(reason, sizeof(reason), "another plugin has this id: %s/hexmcp.test.bad (system)",
             f->dir);
    assert_true(str_eq(facts.reason, str_from(reason)));
}

static void an_enabled_one_goes_before_an_earlier_one(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, BAD);
    char bundle[512];
    snprintf(bundle, sizeof(bundle), "%s/", fixture_path(f, BAD));
    struct plugin_place places[] = {
        {f->dir, PLUGIN_USER, false, false},
        {bundle, PLUGIN_COMMAND_LINE, true, true},
    };
    f->config.places = places;
    f->config.place_count = 2;
    fixture_open(f);
    struct plugin_facts facts;
    assert_true(plugin_host_at(f->host, 0, &facts));
    assert_int_equal(facts.refusal, REFUSED_DUPLICATE);
    assert_true(plugin_host_at(f->host, 1, &facts));
    assert_true(facts.enabled);
    assert_int_equal(facts.origin, PLUGIN_COMMAND_LINE);
}

static void finding_is_not_enabling(void **state)
{
    static const char *const names[] = {BAD, "org.example.absent"};
    static const char *const off[] = {BAD};
    struct fixture *f = *state;
    struct item tool;
    struct plugin_item_cursor cursor = {0};
    fixture_bundle(f, BAD);
    f->place.enable_all = false;
    fixture_open(f);
    struct plugin_facts facts = fixture_plugin(f, BAD);
    assert_int_equal(facts.state, PLUGIN_DISCOVERED);
    assert_int_equal(facts.refusal, REFUSED_NOT);
    assert_true(str_eq(facts.reason, STR("not enabled; look at it and enable it with \"hexmcp plugin "
                                         "trust hexmcp.test.bad\", or for one run with --plugin "
                                         "hexmcp.test.bad")));
    assert_false(plugin_host_next_item(f->host, &cursor, &tool));
    struct error err;
    assert_int_equal(fixture_run(f, 1, BAD, "good", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "plugin hexmcp.test.bad is not enabled");
    fixture_close(f);

    f->config.enable = names;
    f->config.enable_count = 2;
    fixture_open(f);
    assert_true(fixture_plugin(f, BAD).enabled);
    refused(f, "org.example.absent", REFUSED_ABSENT, "no plugin of this id was found");
    fixture_close(f);

    f->config.disable = off;
    f->config.disable_count = 1;
    fixture_open(f);
    assert_true(str_eq(fixture_plugin(f, BAD).reason,
                       STR("not enabled: \"plugins.disable\" of the configuration names it")));
}

static void places_that_are_not_there(void **state)
{
    struct fixture *f = *state;
    struct plugin_place places[] = {
        {"/nonexistent/a", PLUGIN_SYSTEM, false, true},
        {"/nonexistent/b", PLUGIN_CONFIG, false, true},
        {"/nonexistent/org.example.c", PLUGIN_COMMAND_LINE, true, true},
    };
    f->config.places = places;
    f->config.place_count = 3;
    fixture_open(f);
    assert_int_equal(plugin_host_count(f->host), 2);
    refused(f, "/nonexistent/b", REFUSED_ABSENT, "/nonexistent/b: No such file or directory");
    refused(f, "org.example.c", REFUSED_ABSENT, "/nonexistent: No such file or directory");
}

static void folders_without_a_manifest_are_passed_over(void **state)
{
    struct fixture *f = *state;
    fixture_write(f, "something/else.txt", "x");
    fixture_open(f);
    assert_int_equal(plugin_host_count(f->host), 0);
}

static void facts_for_the_command_line(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, "hexmcp.test.slow");
    fixture_open(f);
    struct plugin_facts facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_true(str_eq(facts.version, STR("1.0.0")));
    assert_true(str_eq(facts.title, STR("Slow")));
    assert_true(str_eq(facts.license, STR("MIT")));
    assert_true(str_eq(facts.provides, STR("[\"hexmcp.tool/1\"]")));
    assert_int_equal(facts.abi_major, 1);
    assert_int_equal(facts.tool_count, 2);
    assert_false(facts.from_index);
    assert_true(facts.needed.len > 2 && facts.needed.ptr[0] == '[');
    struct item tool;
    struct plugin_item_cursor cursor = {0};
    assert_true(plugin_host_next_item(f->host, &cursor, &tool));
    assert_true(str_eq(tool.local_name, STR("slow")));
    assert_true(str_eq(tool.plugin_id, STR("hexmcp.test.slow")));
    assert_false(tool.run_inline);
    assert_int_equal(tool.plugin_slots, 0);
    assert_true(plugin_host_next_item(f->host, &cursor, &tool));
    assert_true(str_eq(tool.local_name, STR("slow_async")));
    assert_true(tool.run_inline);
    assert_true(tool.json.ptr[0] == '{' && tool.json.ptr[tool.json.len - 1] == '}');
    assert_false(plugin_host_next_item(f->host, &cursor, &tool));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_newer_abi),
        T(an_older_abi_in_the_manifest),
        T(a_newer_host_needed),
        T(a_missing_symbol),
        T(another_id_in_the_binary),
        T(another_version_in_the_binary),
        T(an_invalid_manifest),
        T(another_folder_name),
        T(a_missing_binary),
        T(a_binary_that_is_none),
        T(a_fifo),
        T(a_link_out_of_the_bundle),
        T(a_link_to_a_bundle_elsewhere),
        T(files_and_folders_that_others_can_write),
        T(a_place_that_others_can_write),
        T(a_file_of_another_user),
        T(a_digest_that_does_not_fit),
        T(isolation_that_is_not_there),
        T(the_second_of_one_id),
        T(an_enabled_one_goes_before_an_earlier_one),
        T(finding_is_not_enabling),
        T(places_that_are_not_there),
        T(folders_without_a_manifest_are_passed_over),
        T(facts_for_the_command_line),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
