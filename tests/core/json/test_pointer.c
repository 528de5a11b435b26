/* JSON Pointer: the examples of RFC 6901, and changes at a place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/json/pointer.h"

static const char rfc[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
                          "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";

static void reads(const char *document, const char *pointer, const char *value)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(document), &doc, NULL), ST_OK);
    struct str text = json_text(json_pointer_get(json_root(doc), str_from(pointer)));
    char *own = strndup(text.ptr ? text.ptr : "", text.len);
    assert_string_equal(own, value);
    free(own);
    json_free(doc);
}

static void test_get(void **state)
{
    (void)state;
    reads(rfc, "", rfc);
    reads(rfc, "/foo", "[\"bar\",\"baz\"]");
    reads(rfc, "/foo/0", "\"bar\"");
    reads(rfc, "/", "0");
    reads(rfc, "/a~1b", "1");
    reads(rfc, "/c%d", "2");
    reads(rfc, "/e^f", "3");
    reads(rfc, "/g|h", "4");
    reads(rfc, "/i\\j", "5");
    reads(rfc, "/k\"l", "6");
    reads(rfc, "/ ", "7");
    reads(rfc, "/m~0n", "8");
    reads(rfc, "/foo/2", "");
    reads(rfc, "/foo/00", "");
    reads(rfc, "/foo/-", "");
    reads(rfc, "/foo/99999999999", "");
    reads(rfc, "/foo/bar", "");
    reads(rfc, "/a~1b/x", "");
}

/* `expected` NULL: there is no such place. */
static void sets(const char *document, const char *pointer, const char *value, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(document), &doc, NULL), ST_OK);
    assert_true(json_pointer_set(json_root(doc), str_from(pointer), str_from(value), &out) ==
                (expected != NULL));
    if (expected)
        assert_true(str_eq(buffer_str(&out), str_from(expected)));
    buffer_clear(&out);
    json_free(doc);
}

static void test_set(void **state)
{
    (void)state;
    sets("{\"a\":1}", "", "[2]", "[2]");
    sets("{\"a\":1,\"b\":{\"c\":3}}", "/b/c", "4", "{\"a\":1,\"b\":{\"c\":4}}");
    sets("{\"a\":1}", "/b", "2", "{\"a\":1,\"b\":2}");
    sets("{}", "/a~1~0", "2", "{\"a/~\":2}");
    sets("[1,[2,3]]", "/1/0", "9", "[1,[9,3]]");
    sets("[1]", "/-", "2", "[1,2]");
    sets("[1]", "/1", "2", NULL);
    sets("[1]", "/-/x", "2", NULL);
    sets("{}", "/a/b", "2", NULL);
    sets("{\"a\":1}", "/a/b", "2", NULL);
    sets("7", "/a", "2", NULL);
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(json_pointer_valid(STR("")));
    assert_true(json_pointer_valid(STR("/~0~1")));
    assert_false(json_pointer_valid(STR("a")));
    assert_false(json_pointer_valid(STR("/~")));
    assert_false(json_pointer_valid(STR("/~2")));
    assert_true(json_pointer_within(STR("/a/b"), STR("/a")));
    assert_true(json_pointer_within(STR("/a"), STR("/a")));
    assert_true(json_pointer_within(STR("/a"), STR("")));
    assert_false(json_pointer_within(STR("/ab"), STR("/a")));
    assert_false(json_pointer_within(STR("/a"), STR("/a/b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_valid),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
