/* What the roots of a client leave of the granted folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "core/policy/path_grants.h"
#include "core/uri/file_uri.h"

static const struct path_grant granted[] = {
    {STR_INIT("/home/u/proj"), STR_INIT("/home/u/proj"), STR_INIT(""), true},
    {STR_INIT("/tmp"), STR_INIT("/private/tmp"), STR_INIT(""), false},
};
static const struct path_grants all = {granted, 2, false, false, 0};

/* "folder|beneath|access" of each entry, joined by a space. */
static void leaves(const char *roots, const char *want)
{
    struct narrowed_grants out;
    struct json_doc *doc;
    char text[500] = "";
    assert_int_equal(json_parse(str_from(roots), &doc, NULL), ST_OK);
    assert_int_equal(path_grants_narrow(&all, json_root(doc), &out, NULL), ST_OK);
    json_free(doc);
    assert_true(out.grants.narrowed);
    for (size_t i = 0; i < out.grants.count; i++) {
        const struct path_grant *g = &out.grants.at[i];
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s|%.*s|%s", i ? " " : "",
                 STR_ARG(g->folder), STR_ARG(g->beneath), g->write ? "write" : "read");
    }
    assert_string_equal(text, want);
    narrowed_grants_clear(&out);
}

static void test_narrowed(void **state)
{
    (void)state;
    leaves("[]", "");
    leaves("[{\"uri\":\"file:///home/u/proj\"}]", "/home/u/proj||write");
    leaves("[{\"uri\":\"file:///home/u/proj/\"}]", "/home/u/proj||write");
    leaves("[{\"uri\":\"file:///home/u/proj/a/b\"}]", "/home/u/proj|a/b|write");
    leaves("[{\"uri\":\"FILE://localhost/home/u/proj/a%20b\"}]", "/home/u/proj|a b|write");
    leaves("[{\"uri\":\"file:///home/u\"}]", "/home/u/proj||write");
    leaves("[{\"uri\":\"file:///\"}]", "/home/u/proj||write /tmp||read");
    leaves("[{\"uri\":\"file:///tmp/x\"},{\"uri\":\"file:///private/tmp/y\"}]",
           "/tmp|x|read /tmp|y|read");
    leaves("[{\"uri\":\"file:///home/u/projer\"},{\"uri\":\"file:///etc\"}]", "");
}

static void test_what_is_no_file_leaves_nothing(void **state)
{
    (void)state;
    leaves("[{\"uri\":\"https://example.org/tmp\"},{\"uri\":\"file://host/tmp\"},"
           "{\"uri\":\"file:///home/u/proj/..\"},{\"uri\":\"file:///home/u/proj/%2e%2e/x\"},"
           "{\"uri\":\"file:///tmp/a%2Fb\"},{\"uri\":\"file:///tmp/%00\"},{\"uri\":7},{},7]",
           "");
}

static void test_too_many(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT;
    struct narrowed_grants out;
    struct json_doc *doc;
    struct error err;
    for (int i = 0; i <= CLIENT_ROOTS_MAX; i++)
        buffer_add_str(&text, i ? STR(",1") : STR("[1"));
    buffer_add_char(&text, ']');
    assert_int_equal(json_parse(buffer_str(&text), &doc, NULL), ST_OK);
    assert_int_equal(path_grants_narrow(&all, json_root(doc), &out, &err), ST_TOO_LARGE);
    assert_string_equal(err.text, "the client has 1001 roots; the limit is 1000");
    json_free(doc);
    buffer_clear(&text);
}

static void test_path_of_a_uri(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_true(file_uri_path(STR("file:///a/b%C3%BC/"), &out));
    assert_true(str_eq(buffer_str(&out), STR("/a/b\xc3\xbc")));
    assert_false(file_uri_path(STR("files:///a"), &out));
    assert_false(file_uri_path(STR("/a"), &out));
    assert_int_equal(out.len, 6);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrowed),
        cmocka_unit_test(test_what_is_no_file_leaves_nothing),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_path_of_a_uri),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
