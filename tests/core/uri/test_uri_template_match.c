/* Matching: the values that come out, and what does not match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/uri/uri_template.h"

static int match(struct str text, struct str uri, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    return uri_template_match(text, uri, &w);
}

static void assert_match(const char *text, const char *uri, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    if (uri_template_check(str_from(text), &err) != ST_OK)
        fail_msg("%s: %s", text, err.text);
    if (match(str_from(text), str_from(uri), &out) != ST_OK)
        fail_msg("%s does not match %s", text, uri);
    if (!str_eq(buffer_str(&out), str_from(expected)))
        fail_msg("%s, %s: %.*s", text, uri, STR_ARG(buffer_str(&out)));
    buffer_clear(&out);
}

static void assert_no_match_str(struct str text, struct str uri)
{
    struct buffer out = BUFFER_INIT;
    int status = match(text, uri, &out);
    if (status != ST_NOT_FOUND)
        fail_msg("%.*s, %.*s: %d", STR_ARG(text), STR_ARG(uri), status);
    assert_int_equal(out.len, 0);
    buffer_clear(&out);
}

static void assert_no_match(const char *text, const char *uri)
{
    struct error err;
    if (uri_template_check(str_from(text), &err) != ST_OK)
        fail_msg("%s: %s", text, err.text);
    assert_no_match_str(str_from(text), str_from(uri));
}

static void test_literals(void **state)
{
    (void)state;
    assert_match("", "", "{}");
    assert_match("a:b", "a:b", "{}");
    assert_no_match("a:b", "a:bc");
    assert_no_match("a:b", "a:");
    assert_no_match("a:b", "A:b");
    assert_match("a%2Fb", "a%2fb", "{}");
    assert_no_match("a%2Fb", "a/b");
    assert_match("\xC3\xA9{x}", "%c3%A9z", "{\"x\":\"z\"}");
    assert_no_match("\xC3\xA9", "\xC3\xA9");
}

static void test_simple(void **state)
{
    (void)state;
    assert_match("db://{table}/rows/{id}", "db://users/rows/7",
                 "{\"table\":\"users\",\"id\":\"7\"}");
    assert_match("{a}", "Hello%20World!", "{\"a\":\"Hello World!\"}");
    assert_match("{a}", "a:b@c+(d)*$'~_-.", "{\"a\":\"a:b@c+(d)*$'~_-.\"}");
    assert_match("{a}", "%E2%82%AC%22", "{\"a\":\"\xE2\x82\xAC\\\"\"}");
    assert_match("{a}", "1,2", "{\"a\":\"1,2\"}");
    assert_match("{a,b}", "1,2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("{a,b}", "1%2C2,3", "{\"a\":\"1,2\",\"b\":\"3\"}");
    assert_no_match("{a,b}", "1");
    assert_no_match("{a,b}", "1,2,3");
    assert_no_match("{a,b}", "1,");
    assert_match("{a*}", "1,2,3", "{\"a\":[\"1\",\"2\",\"3\"]}");
    assert_match("{a*,b}", "1,2,3", "{\"a\":[\"1\",\"2\"],\"b\":\"3\"}");
    assert_no_match("{a*}", "1,,3");
    assert_no_match("{a*}", "1,");
    assert_no_match("{a}", "");
    assert_no_match("x{a}y", "xy");
    static const char *const separators[] = {"a/b", "a?b", "a#b", "a[b", "a]b", "a;b", "a=b", "a&b"};
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
        assert_no_match("{x}", separators[i]);
}

static void test_the_first_is_longest(void **state)
{
    (void)state;
    assert_match("{a}-{b}", "1-2-3", "{\"a\":\"1-2\",\"b\":\"3\"}");
    assert_match("{a}.{b}.{c}", "1.2.3.4", "{\"a\":\"1.2\",\"b\":\"3\",\"c\":\"4\"}");
    assert_match("{a}x{b}", "xxx", "{\"a\":\"x\",\"b\":\"x\"}");
    assert_match("{+a}/{b}", "1/2/3", "{\"a\":\"1/2\",\"b\":\"3\"}");
    assert_no_match("{a}x{b}", "xx");
}

static void test_prefixes(void **state)
{
    (void)state;
    assert_match("{a:3}", "val", "{\"a\":\"val\"}");
    assert_match("{a:3}", "v", "{\"a\":\"v\"}");
    assert_no_match("{a:3}", "valu");
    assert_match("{a:1}-{b}", "1-2-3", "{\"a\":\"1\",\"b\":\"2-3\"}");
    assert_match("{a:1}", "%E2%82%AC", "{\"a\":\"\xE2\x82\xAC\"}");
    assert_no_match("{a:1}", "%E2%82%ACx");
    assert_match("{?a:2}", "?a=12", "{\"a\":\"12\"}");
    assert_no_match("{?a:2}", "?a=123");
}

static void test_reserved_and_fragments(void **state)
{
    (void)state;
    assert_match("file:///{+path}", "file:///home/a%20b/c?d#e",
                 "{\"path\":\"home/a b/c?d#e\"}");
    assert_no_match("file:///{+path}", "file:///");
    assert_match("{+path}{?q}", "a/b?q=1", "{\"path\":\"a/b\",\"q\":\"1\"}");
    assert_match("{+path}{?q}", "a/b", "{\"path\":\"a/b\"}");
    assert_no_match("{+path}{?q}", "a/b?r=1");
    assert_match("{+a}{#b}", "x/y#1/2?3", "{\"a\":\"x/y\",\"b\":\"1/2?3\"}");
    assert_match("{+a,b}", "1/2,3", "{\"a\":\"1/2\",\"b\":\"3\"}");
    assert_match("{+a*}", "1/2,3", "{\"a\":[\"1/2\",\"3\"]}");
    assert_match("x{#a}", "x", "{}");
    assert_match("x{#a,b}", "x#1", "{\"a\":\"1\"}");
    assert_match("x{#a,b}", "x#1,2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_no_match("x{#a,b}", "x,2");
    assert_no_match("x{#a}", "x#1#2");
    assert_no_match("x{#a}", "x#");
    assert_match("{#a}/here", "#/foo/here/here", "{\"a\":\"/foo/here\"}");
}

static void test_segments_and_labels(void **state)
{
    (void)state;
    assert_match("x{/a,b}", "x/1/2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{/a,b}", "x/1", "{\"a\":\"1\"}");
    assert_match("x{/a,b}", "x", "{}");
    assert_no_match("x{/a,b}", "x/1/2/3");
    assert_no_match("x{/a}", "x/");
    assert_match("x{/a*}", "x/1/2/3", "{\"a\":[\"1\",\"2\",\"3\"]}");
    assert_match("x{/a*}/y", "x/y/y", "{\"a\":[\"y\"]}");
    assert_match("x{/a*}/y", "x/y", "{}");
    assert_no_match("x{/a*}", "x/1//2");
    assert_match("{a}{/b}{/c}", "1/2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("www{.a*}", "www.example.com", "{\"a\":[\"example\",\"com\"]}");
    assert_match("www{.a}", "www.example.com", "{\"a\":\"example.com\"}");
    assert_match("www{.a,b}", "www.example.com", "{\"a\":\"example\",\"b\":\"com\"}");
}

static void test_pairs(void **state)
{
    (void)state;
    assert_match("x{?a,b}", "x?a=1&b=2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{?a,b}", "x?b=2&a=1", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{?a,b}", "x?b=2", "{\"b\":\"2\"}");
    assert_match("x{?a,b}", "x", "{}");
    assert_match("x{?a,b}", "x?a=&b", "{\"a\":\"\",\"b\":\"\"}");
    assert_match("x{?a}", "x?a=/b?c=d;e,f:g@h+i%26", "{\"a\":\"/b?c=d;e,f:g@h+i&\"}");
    assert_match("x{?a,ab}", "x?ab=1&a=2", "{\"a\":\"2\",\"ab\":\"1\"}");
    assert_match("x{?a*}", "x?a=1&a=2", "{\"a\":[\"1\",\"2\"]}");
    assert_match("x{?a*,b}", "x?a=1&b=3&a=2", "{\"a\":[\"1\",\"2\"],\"b\":\"3\"}");
    assert_match("x?f=y{&a}", "x?f=y&a=1", "{\"a\":\"1\"}");
    assert_match("x{?a}{&b}", "x?a=1&b=2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{?a}&z={b}", "x?a=1&z=2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{?a}#{b}", "x?a=1#2", "{\"a\":\"1\",\"b\":\"2\"}");
    assert_match("x{;a,b}/y", "x;b=2;a/y", "{\"a\":\"\",\"b\":\"2\"}");
    assert_match("x{;a*}", "x;a=1;a=2", "{\"a\":[\"1\",\"2\"]}");
    static const char *const bad[] = {
        "x?", "x?a", "x?b=1&", "x?b=1&b=2", "x?c=1", "x?b=1&c=2", "x&b=1", "x?B=1", "x?bb=1",
        "x?b=1#", "x?b=%", "x?%62=1", "x?b=1?b=2#", "xy?b=1", "xb=1",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_no_match("x{?b}", bad[i]);
}

static void test_texts_that_values_may_not_be(void **state)
{
    (void)state;
    assert_no_match("{a}", "x%00y");
    assert_no_match("{a}", "%C3");
    assert_no_match("{a}", "%C0%AF");
    assert_no_match("{a}", "%ED%A0%80");
    assert_no_match("{a}", "%F4%90%80%80");
    assert_no_match("{a*}", "x,%FF");
    assert_no_match("{?a}", "?a=%00");
    assert_no_match("{?a*}", "?a=1&a=%80");
    assert_no_match("{a}", "%");
    assert_no_match("{a}", "%4");
    assert_no_match("{a}", "a%zz");
    assert_no_match("{+a}", "a b");
    assert_no_match("{+a}", "a\\b");
    assert_no_match("{+a}", "\xC3\xA9");
    assert_no_match_str(STR("{+a}"), STR("a\0b"));
    assert_no_match_str(STR("{+a}"), STR("\n"));
    assert_no_match_str(STR("{a"), STR("{a"));
    assert_no_match_str(STR("{a}{b}"), STR("ab"));
}

/* The header warns of these. */
static void test_paths_are_for_the_caller_to_refuse(void **state)
{
    (void)state;
    assert_match("x://{a}", "x://..%2F..%2Fetc", "{\"a\":\"../../etc\"}");
    assert_match("x://{+a}", "x://../%2e%2e/etc", "{\"a\":\"../../etc\"}");
    assert_no_match("x://{a}", "x://../etc");
}

static void test_nothing_is_written_without_a_match(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_array(&w);
    assert_int_equal(uri_template_match(STR("{a}/{b}"), STR("1/%FF"), &w), ST_NOT_FOUND);
    assert_int_equal(uri_template_match(STR("{a}"), STR("1"), &w), ST_OK);
    assert_int_equal(uri_template_match(STR("{?a}"), STR("?a=1&a=2"), &w), ST_NOT_FOUND);
    assert_int_equal(uri_template_match(STR("{a}"), STR("2"), &w), ST_OK);
    json_end_array(&w);
    assert_true(str_eq(buffer_str(&out), STR("[{\"a\":\"1\"},{\"a\":\"2\"}]")));
    buffer_clear(&out);
}

/* With backtracking these would not end. */
static void test_hostile_sizes(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT, uri = BUFFER_INIT, out = BUFFER_INIT;
    for (unsigned i = 0; i < URI_TEMPLATE_MAX_VARIABLES; i++) {
        buffer_add_str(&text, STR("a{+v"));
        buffer_add_u64(&text, i);
        buffer_add_str(&text, STR("*}"));
    }
    buffer_add_char(&text, 'b');
    while (uri.len < URI_MAX_BYTES)
        buffer_add_char(&uri, uri.len % 4 == 3 ? ',' : 'a');
    assert_no_match_str(buffer_str(&text), buffer_str(&uri));
    uri.data[uri.len - 1] = 'b';
    assert_int_equal(match(buffer_str(&text), buffer_str(&uri), &out), ST_OK);
    buffer_add_char(&uri, 'b');
    assert_no_match_str(buffer_str(&text), buffer_str(&uri));
    buffer_reset(&uri, SIZE_MAX);
    buffer_add_char(&uri, 'x');
    while (uri.len + 4 <= URI_MAX_BYTES)
        buffer_add_str(&uri, uri.len == 1 ? STR("?a=1") : STR("&a=1"));
    assert_int_equal(match(STR("x{?a*}"), buffer_str(&uri), &out), ST_OK);
    assert_no_match_str(STR("x{?a}"), buffer_str(&uri));
    buffer_clear(&text);
    buffer_clear(&uri);
    buffer_clear(&out);
}

/* What an expansion gives, matches with the same values. */
static void assert_round_trip(const char *text, const char *variables)
{
    struct json_doc *doc;
    struct buffer uri = BUFFER_INIT;
    struct error err;
    assert_int_equal(json_parse(str_from(variables), &doc, &err), ST_OK);
    assert_int_equal(uri_template_expand(str_from(text), json_root(doc), &uri, &err), ST_OK);
    buffer_add_char(&uri, '\0');
    assert_match(text, uri.data, variables);
    buffer_clear(&uri);
    json_free(doc);
}

static void test_round_trips(void **state)
{
    (void)state;
    assert_round_trip("x://{a}/{b}", "{\"a\":\"50% / 2?#\",\"b\":\"\xC3\xA9\xF0\x9F\x98\x80\"}");
    assert_round_trip("x:{a*}", "{\"a\":[\"1,2\",\"3\"]}");
    assert_round_trip("x:{+a}", "{\"a\":\"/foo bar/../?q#f\"}");
    assert_round_trip("x:{a}{/b*}{;c}{?d,e*}{#f}",
                      "{\"a\":\"a,b\",\"b\":[\"/\",\";\"],\"c\":\"\",\"d\":\"&=?\",\"e\":[\"\",\"#\"],"
                      "\"f\":\"a/b?c\"}");
    assert_round_trip("x:{a}{/b*}{;c}{?d,e*}{#f}", "{\"a\":\"1\",\"d\":\"\"}");
    assert_round_trip("x{.a,b}", "{\"a\":\"1\",\"b\":\"2\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_the_first_is_longest),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_reserved_and_fragments),
        cmocka_unit_test(test_segments_and_labels),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_texts_that_values_may_not_be),
        cmocka_unit_test(test_paths_are_for_the_caller_to_refuse),
        cmocka_unit_test(test_nothing_is_written_without_a_match),
        cmocka_unit_test(test_hostile_sizes),
        cmocka_unit_test(test_round_trips),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
