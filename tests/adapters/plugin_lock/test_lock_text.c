/* The text of the lock file, and what is told of a plugin that changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/plugin_lock/lock_compare.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define HEAD "\"version\":\"1.0.0\",\"place\":\"/p\","
#define MIDDLE "\"binary\":\"sha256:" ZEROS "\",\"manifest\":\"sha256:" ONES "\",\"seen\":\"s\",\"confirmed\":\"c\","
#define TAIL "\"asked\":{},\"granted\":{},\"definitions\":{}"
#define FILE_OF(plugins) "{\"lock\":1,\"plugins\":{" plugins "}}"

static int take(const char *text, struct json_doc **out, struct error *err)
{
    return lock_text_take(strdup(text), strlen(text), out, err);
}

static void test_faults(void **state)
{
    static const char *const cases[][2] = {
        {"", "unexpected end at byte 0"},
        {"[]", "\"lock\" must be 1 or 2"},
        {"{\"lock\":3,\"plugins\":{}}", "\"lock\" must be 1 or 2"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE "\"asked\":{},\"granted\":{},\"definitions\":\"sha256:0\"}"),
         "the entry of a.b: a digest is no digest"},
        {"{\"lock\":1}", "it must have the members \"lock\" and \"plugins\" alone"},
        {"{\"lock\":1,\"plugins\":[]}", "it must have the members \"lock\" and \"plugins\" alone"},
        {"{\"lock\":1,\"plugins\":{},\"x\":1}",
         "it must have the members \"lock\" and \"plugins\" alone"},
        {FILE_OF("\"\":{}"), "an id is no plain text"},
        {FILE_OF("\"a.b\":{}"), "the entry of a.b: it does not have the members of an entry"},
        {FILE_OF("\"a.b\":1"), "the entry of a.b: it does not have the members of an entry"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE TAIL ",\"x\":1}"),
         "the entry of a.b: it does not have the members of an entry"},
        {FILE_OF("\"a.b\":{\"version\":1,\"place\":\"/p\"," MIDDLE TAIL "}"),
         "the entry of a.b: it does not have the members of an entry"},
        {FILE_OF("\"a.b\":{" HEAD "\"binary\":\"sha256:00\",\"manifest\":\"sha256:" ONES
                 "\",\"seen\":\"s\",\"confirmed\":\"c\"," TAIL "}"),
         "the entry of a.b: a digest is no digest"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE "\"asked\":{},\"granted\":{},\"definitions\":[]}"),
         "the entry of a.b: its definitions are no lists of objects"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE "\"asked\":{},\"granted\":{},\"definitions\":{\"tools\":[1]}}"),
         "the entry of a.b: its definitions are no lists of objects"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE "\"asked\":{},\"granted\":{\"hosts\":[\"::1\"]},\"definitions\":{}}"),
         "the entry of a.b: hosts: \"::1\" is no rule for hosts; write an IPv6 address in brackets: "
         "[::1]"},
        {FILE_OF("\"a.b\":{" HEAD MIDDLE "\"asked\":1,\"granted\":{},\"definitions\":{}}"),
         "the entry of a.b: grants: they are no object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_doc *doc;
        struct error err = {0};
        assert_true(take(cases[i][0], &doc, &err) < 0);
        assert_string_equal(err.text, cases[i][1]);
    }
}

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(text), &doc, NULL), ST_OK);
    return doc;
}

static struct json_doc *put(struct json_doc *doc, const char *id, const char *version)
{
    struct json_doc *empty = parse("{}"), *fresh;
    struct lock_entry entry = {
        .id = str_from(id), .version = str_from(version), .place = STR("\"/p\\n\""),
        .binary = STR("sha256:" ZEROS), .manifest = STR("sha256:" ONES), .seen = STR("s"),
        .confirmed = STR("c"), .asked = json_root(empty), .granted = json_root(empty),
        .definitions = json_root(empty)};
    struct buffer text = BUFFER_INIT;
    size_t len;
    assert_int_equal(lock_text_put(doc, &entry, &text, NULL), ST_OK);
    char *data = buffer_take(&text, &len);
    assert_int_equal(lock_text_take(data, len, &fresh, NULL), ST_OK);
    json_free(doc);
    json_free(empty);
    return fresh;
}

static void assert_ids(const struct json_doc *doc, const char *expected)
{
    char ids[200] = "";
    struct lock_entry e;
    for (uint32_t i = 0; lock_text_at(doc, i, &e); i++)
        snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%.*s %.*s;", STR_ARG(e.id),
                 STR_ARG(e.version));
    assert_string_equal(ids, expected);
}

static void test_put_and_remove(void **state)
{
    (void)state;
    struct json_doc *doc = put(NULL, "b.b", "1.0.0"), *other;
    struct lock_entry e;
    struct buffer text = BUFFER_INIT, again = BUFFER_INIT;
    doc = put(doc, "c.c", "1.0.0");
    doc = put(doc, "a.a", "1.0.0");
    doc = put(doc, "b.b", "2.0.0");
    assert_ids(doc, "a.a 1.0.0;b.b 2.0.0;c.c 1.0.0;");
    assert_true(lock_text_find(doc, STR("b.b"), &e));
    assert_true(str_eq(e.place, STR("\"/p\\n\"")));
    assert_false(lock_text_find(doc, STR("b"), &e));
    assert_false(lock_text_find(NULL, STR("b.b"), &e));

    other = put(NULL, "a.a", "1.0.0");
    other = put(put(other, "c.c", "1.0.0"), "b.b", "2.0.0");
    assert_int_equal(lock_text_remove(doc, STR("none"), &text, NULL), ST_OK);
    assert_int_equal(lock_text_remove(other, STR("none"), &again, NULL), ST_OK);
    assert_true(str_eq(buffer_str(&text), buffer_str(&again)));
    buffer_reset(&text, SIZE_MAX);
    assert_int_equal(lock_text_remove(doc, STR("a.a"), &text, NULL), ST_OK);
    json_free(doc);
    buffer_add_char(&text, 0);
    assert_int_equal(take(text.data, &doc, NULL), ST_OK);
    assert_ids(doc, "b.b 2.0.0;c.c 1.0.0;");
    json_free(doc);
    json_free(other);
    buffer_clear(&text);
    buffer_clear(&again);
}

static void test_there_is_a_limit(void **state)
{
    (void)state;
    struct json_doc *doc;
    struct lock_entry e;
    struct buffer text = BUFFER_INIT;
    struct error err = {0};
    buffer_add_str(&text, STR("{\"lock\":1,\"plugins\":{"));
    for (int i = 0; i < 1024; i++) {
        char entry[600];
        snprintf(entry, sizeof(entry), "%s\"p.p%04d\":{" HEAD MIDDLE TAIL "}", i ? "," : "", i);
        buffer_add_str(&text, str_from(entry));
    }
    buffer_add_str(&text, STR("}}"));
    buffer_add_char(&text, 0);
    assert_int_equal(take(text.data, &doc, &err), ST_OK);
    buffer_reset(&text, SIZE_MAX);
    assert_true(lock_text_find(doc, STR("p.p0001"), &e));
    assert_int_equal(lock_text_put(doc, &e, &text, &err), ST_OK);
    e.id = STR("p.q");
    assert_int_equal(lock_text_put(doc, &e, &text, &err), ST_TOO_LARGE);
    assert_string_equal(err.text, "1024 plugins are trusted already; that is the limit");
    buffer_clear(&text);
    json_free(doc);
}

struct version {
    const char *version, *binary, *manifest, *asked, *definitions;
};

static const struct version first = {
    "1.0.0", "sha256:" ZEROS, "sha256:" ZEROS, "{\"hosts\":[\"a\"],\"programs\":[\"git\"]}",
    "{\"tools\":[{\"name\":\"t\",\"description\":\"says\",\"inputSchema\":{\"a\":1}},{\"name\":\"old\"}],"
    "\"prompts\":[]}"};

static void assert_difference(const struct version *now, const char *names, const char *expected)
{
    struct json_doc *a[2] = {parse(first.asked), parse(now->asked)};
    struct json_doc *d[2] = {parse(first.definitions), parse(now->definitions)};
    const struct lock_entry entry = {.version = str_from(first.version),
                                     .binary = str_from(first.binary),
                                     .manifest = str_from(first.manifest),
                                     .asked = json_root(a[0]),
                                     .definitions = json_root(d[0])};
    const struct lock_subject subject = {.version = str_from(now->version),
                                         .binary = str_from(now->binary),
                                         .manifest = str_from(now->manifest),
                                         .asked = json_root(a[1]),
                                         .definitions = json_root(d[1])};
    struct lock_changes changes;
    struct buffer text = BUFFER_INIT, words = BUFFER_INIT;
    assert_int_equal(lock_compare(&entry, &subject, &changes), names[0] != '\0');
    lock_difference(&entry, &subject, &text);
    lock_name_changes(&changes, &words);
    buffer_add_char(&text, 0);
    buffer_add_char(&words, 0);
    assert_string_equal(text.data, expected);
    assert_string_equal(words.data, names);
    buffer_clear(&text);
    buffer_clear(&words);
    for (int i = 0; i < 2; i++) {
        json_free(a[i]);
        json_free(d[i]);
    }
}

static void test_difference(void **state)
{
    (void)state;
    struct version now = first;
    assert_difference(&now, "", "");
    now.binary = "sha256:" ONES;
    assert_difference(&now, "its program", "only the program text changed\n");
    now.manifest = "sha256:" ONES;
    assert_difference(&now, "its program and its plugin.json",
                      "only the program text and other parts of plugin.json changed\n");
    now.binary = first.binary;
    assert_difference(&now, "its plugin.json", "only other parts of plugin.json changed\n");
    now.version = "1.1.0";
    assert_difference(&now, "its version", "- version: 1.0.0\n+ version: 1.1.0\n");
    now.version = first.version;
    now.asked = "{\"hosts\":[\"a\",\"api.example.org\"]}";
    assert_difference(&now, "what it asks for", "+ hosts: api.example.org\n- programs: git\n");
    now.binary = "sha256:" ONES;
    now.version = "2.0.0";
    now.definitions = "{\"prompts\":[{\"name\":\"p\"}],\"tools\":[{\"name\":\"\\u0074\",\"inputSchema\":{\"a\": 1.0},"
                      "\"description\":\"obeys\",\"title\":\"T\"},{\"name\":\"new\"}]}";
    assert_difference(&now, "its version, its program, what it asks for and its tools",
                      "- version: 1.0.0\n+ version: 2.0.0\n+ hosts: api.example.org\n- programs: git\n"
                      "~ tools t: description\n    was: says\n    now: obeys\n"
                      "~ tools t: title\n    was: (nothing)\n    now: T\n"
                      "- tools old\n+ tools new\n+ prompts p\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_put_and_remove),
        cmocka_unit_test(test_there_is_a_limit),
        cmocka_unit_test(test_difference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
