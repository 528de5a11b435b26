/* What a plugin is granted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/plugin_grants.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(text), &doc, NULL), ST_OK);
    return doc;
}

static void test_read(void **state)
{
    (void)state;
    struct json_doc *doc = parse(
        "{\"paths\":[\"write\",\"direct\"],\"hosts\":[\"a.example\",\"*:443\"],\"env\":[\"LANG\"],"
        "\"programs\":[\"git\",\"\\u002fbin/ls\"],\"secrets\":[\"s\",{\"name\":\"t\",\"reveal\":true},"
        "{\"name\":\"u\",\"reveal\":false}],\"system\":[\"fonts\"],\"memoryMiB\":65536,"
        "\"cpuSeconds\":7,\"processes\":3}");
    struct kept_grants kept;
    assert_int_equal(plugin_grants_read(json_root(doc), &kept, NULL), ST_OK);
    json_free(doc);
    const struct plugin_grants *g = &kept.grants;
    assert_int_equal(g->host_count, 2);
    assert_true(str_eq(g->hosts[0], STR("a.example")));
    assert_true(str_eq(g->hosts[1], STR("*:443")));
    assert_int_equal(g->env_count, 1);
    assert_true(str_eq(g->env[0], STR("LANG")));
    assert_int_equal(g->program_count, 2);
    assert_true(str_eq(g->programs[1], STR("/bin/ls")));
    assert_int_equal(g->secret_count, 3);
    assert_true(str_eq(g->secrets[2], STR("u")));
    assert_int_equal(g->revealed_count, 1);
    assert_true(str_eq(g->revealed[0], STR("t")));
    assert_int_equal(g->system_count, 1);
    assert_true(str_eq(g->system[0], STR("fonts")));
    assert_true(g->reads_paths && g->writes_paths && g->direct_paths);
    assert_true(g->memory_bytes == 68719476736u);
    assert_int_equal(g->cpu_seconds, 7);
    assert_int_equal(g->processes, 3);
    kept_grants_clear(&kept);
}

static void test_nothing(void **state)
{
    (void)state;
    struct json_doc *doc = parse("{}");
    struct kept_grants kept;
    assert_int_equal(plugin_grants_read(json_root(doc), &kept, NULL), ST_OK);
    json_free(doc);
    const struct plugin_grants *g = &kept.grants;
    assert_int_equal(g->host_count + g->env_count + g->program_count + g->secret_count +
                         g->revealed_count + g->system_count,
                     0);
    assert_false(g->reads_paths || g->writes_paths || g->direct_paths);
    assert_true(g->memory_bytes == 0 && g->cpu_seconds == 0 && g->processes == 0);
    kept_grants_clear(&kept);
    kept_grants_clear(&kept);
}

#define ASKED                                                                                  \
    "{\"paths\":[\"read\",\"direct\"],\"hosts\":[\"a.example\",\"*\"],\"env\":[\"LANG\",\"HOME\"],"    \
    "\"programs\":[\"git\"],\"secrets\":[{\"name\":\"t\",\"reveal\":true}],\"system\":[\"fonts\"],"     \
    "\"memoryMiB\":64,\"cpuSeconds\":7,\"processes\":3}"

/* `allowed` is what stands in the operator's configuration. */
static void assert_cut(const char *allowed, bool paths, bool direct, bool limits,
                       const char *expected)
{
    struct json_doc *a = parse(ASKED), *b = parse(allowed);
    struct buffer out = BUFFER_INIT;
    struct allowed_grants what = {.paths = paths, .direct = direct, .limits = limits};
    for (int i = 0; i < GRANT_LISTS; i++)
        what.lists[i] = json_get(json_root(b), str_from(grant_list_name((enum grant_list)i)));
    plugin_grants_cut(json_root(a), &what, &out);
    assert_false(buffer_failed(&out));
    buffer_add_char(&out, 0);
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(a);
    json_free(b);
}

static void test_cut(void **state)
{
    (void)state;
    assert_cut("{}", false, false, false,
               "{\"paths\":[],\"hosts\":[],\"env\":[],\"programs\":[],\"secrets\":[],"
               "\"system\":[\"fonts\"]}");
    assert_cut("{}", true, false, false,
               "{\"paths\":[\"read\"],\"hosts\":[],\"env\":[],\"programs\":[],\"secrets\":[],"
               "\"system\":[\"fonts\"]}");
    assert_cut("{\"hosts\":[\"localhost:3000\"],\"env\":[\"*\"],\"programs\":[\"git\",\"ls\"],"
               "\"secrets\":[\"t\"]}",
               true, true, true,
               "{\"paths\":[\"read\",\"direct\"],\"hosts\":[\"localhost:3000\"],"
               "\"env\":[\"LANG\",\"HOME\"],\"programs\":[\"git\"],"
               "\"secrets\":[{\"name\":\"t\",\"reveal\":true}],\"system\":[\"fonts\"],"
               "\"memoryMiB\":64,\"cpuSeconds\":7,\"processes\":3}");
}

/* What a person said yes to, of which "*" is what the operator grants. */
static void test_confirmed(void **state)
{
    (void)state;
    struct json_doc *a = parse("{\"hosts\":[\"*\"],\"env\":[\"*\"],"
                               "\"secrets\":[\"*\",{\"name\":\"t\",\"reveal\":true}]}");
    struct json_doc *b = parse("[\"localhost:3000\"]"), *c = parse("[\"u\",\"*\"]");
    struct buffer out = BUFFER_INIT;
    struct allowed_grants what = {.confirmed = true};
    what.lists[GRANT_HOSTS] = json_root(b);
    what.lists[GRANT_SECRETS] = json_root(c);
    plugin_grants_cut(json_root(a), &what, &out);
    buffer_add_char(&out, 0);
    assert_string_equal(out.data, "{\"hosts\":[\"*\"],\"env\":[],"
                                  "\"secrets\":[\"u\",{\"name\":\"t\",\"reveal\":true}]}");
    buffer_clear(&out);
    json_free(a);
    json_free(b);
    json_free(c);
}

/* Without `message` it works and gives `expected`. */
static void assert_deny(const char *grants, const char *key, const char *entry,
                        const char *expected, const char *message)
{
    struct json_doc *doc = parse(grants);
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    int rc = plugin_grants_deny(json_root(doc), str_from(key), str_from(entry), &out, &err);
    buffer_add_char(&out, 0);
    assert_int_equal(rc, message ? ST_INVALID : ST_OK);
    assert_string_equal(message ? err.text : out.data, message ? message : expected);
    buffer_clear(&out);
    json_free(doc);
}

static void test_deny(void **state)
{
    (void)state;
    assert_deny("{\"hosts\":[\"a.example\",\"b.example\"]}", "hosts", "a.example",
                "{\"hosts\":[\"b.example\"]}", NULL);
    assert_deny("{\"hosts\":[\"a.example\"],\"env\":[\"A\"]}", "hosts", "",
                "{\"hosts\":[],\"env\":[\"A\"]}", NULL);
    assert_deny("{\"secrets\":[\"a\",{\"name\":\"b\"}]}", "secrets", "b", "{\"secrets\":[\"a\"]}", NULL);
    assert_deny("{\"memoryMiB\":64,\"env\":[]}", "memoryMiB", "", "{\"env\":[]}", NULL);
    assert_deny("{\"memoryMiB\":64}", "memoryMiB", "64", "{}", NULL);
    assert_deny("{\"paths\":[\"read\",\"write\"]}", "paths", "write", "{\"paths\":[\"read\"]}", NULL);
    assert_deny("{\"paths\":[\"write\",\"direct\"]}", "paths", "read", "{\"paths\":[]}", NULL);
    assert_deny("{\"hosts\":[\"a.example\"]}", "hosts", "b.example", NULL,
                "the plugin does not ask for hosts=b.example");
    assert_deny("{}", "programs", "", NULL, "the plugin does not ask for programs");
    assert_deny("{\"memoryMiB\":64}", "memoryMiB", "65", NULL,
                "the plugin does not ask for memoryMiB=65");
}

static void assert_check(const char *grants, const char *message)
{
    struct json_doc *doc = parse(grants);
    struct error err = {0};
    int rc = plugin_grants_check(json_root(doc), &err);
    assert_int_equal(rc, message ? ST_INVALID : ST_OK);
    assert_string_equal(err.text, message ? message : "");
    json_free(doc);
}

static void test_check(void **state)
{
    (void)state;
    assert_check("{}", NULL);
    assert_check(ASKED, NULL);
    assert_check("[]", "grants: they are no object");
    assert_check("{\"hosts\":\"*\"}", "grants: a member is no array, or has no meaning");
    assert_check("{\"hots\":[]}", "grants: a key has no meaning");
    assert_check("{\"hosts\":[1]}", "hosts: an entry is no string");
    assert_check("{\"env\":[{\"name\":\"A\"}]}", "env: an entry is no string");
    assert_check("{\"hosts\":[\"::1\"]}",
                 "hosts: \"::1\" is no rule for hosts; write an IPv6 address in brackets: [::1]");
    assert_check("{\"secrets\":[{}]}",
                 "secrets: \"\" is no name of a secret: letters, digits, \".\", \"_\" and \"-\", at "
                 "most 64");
    assert_check("{\"paths\":[\"execute\"]}", "paths: an entry has no meaning");
    assert_check("{\"system\":[\"x\"]}", "system: an entry has no meaning");
    assert_check("{\"memoryMiB\":8}", "memoryMiB: the number is out of range");
    assert_check("{\"cpuSeconds\":-1}", "cpuSeconds: the number is out of range");
    assert_check("{\"processes\":[]}", "processes: the number is out of range");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_confirmed),
        cmocka_unit_test(test_deny),
        cmocka_unit_test(test_check),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
