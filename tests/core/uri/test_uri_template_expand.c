/* Expansion: the examples of RFC 6570, sections 3.2.1 to 3.2.9, and what is refused. Left out are the
 * examples that name a variable twice or put {+path}{var} side by side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/uri/uri_template.h"

static const char rfc_variables[] =
    "{\"count\":[\"one\",\"two\",\"three\"],\"dom\":[\"example\",\"com\"],\"dub\":\"me/too\","
    "\"hello\":\"Hello World!\",\"half\":\"50%\",\"var\":\"value\",\"who\":\"fred\","
    "\"base\":\"http://example.com/home/\",\"path\":\"/foo/bar\","
    "\"list\":[\"red\",\"green\",\"blue\"],"
    "\"keys\":{\"semi\":\";\",\"dot\":\".\",\"comma\":\",\"},\"v\":\"6\",\"x\":\"1024\","
    "\"y\":\"768\",\"empty\":\"\",\"empty_keys\":{},\"empty_list\":[],\"undef\":null}";

static int expand(struct str text, const char *variables, struct buffer *out, struct error *err)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(variables), &doc, err), ST_OK);
    int status = uri_template_expand(text, json_root(doc), out, err);
    json_free(doc);
    return status;
}

static void assert_expansion(const char *text, const char *variables, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    int status = expand(str_from(text), variables, &out, &err);
    if (status != ST_OK)
        fail_msg("%s: %s", text, err.text);
    if (!str_eq(buffer_str(&out), str_from(expected)))
        fail_msg("%s: %.*s", text, STR_ARG(buffer_str(&out)));
    buffer_clear(&out);
}

struct example {
    const char *text;
    const char *uri;
};

static void assert_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_expansion(examples[i].text, rfc_variables, examples[i].uri);
}

#define ASSERT_EXAMPLES(...)                                                                       \
    do {                                                                                           \
        static const struct example examples[] = {__VA_ARGS__};                                    \
        assert_examples(examples, sizeof(examples) / sizeof(examples[0]));                         \
    } while (0)

static void test_lists_and_literals(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{count}", "one,two,three"}, {"{count*}", "one,two,three"},
                    {"{/count}", "/one,two,three"}, {"{/count*}", "/one/two/three"},
                    {"{;count}", ";count=one,two,three"},
                    {"{;count*}", ";count=one;count=two;count=three"},
                    {"{?count}", "?count=one,two,three"},
                    {"{?count*}", "?count=one&count=two&count=three"},
                    {"{&count*}", "&count=one&count=two&count=three"}, {"", ""},
                    {"a%2fb'\xC3\xA9", "a%2fb'%C3%A9"});
}

static void test_simple(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{var}", "value"}, {"{hello}", "Hello%20World%21"}, {"{half}", "50%25"},
                    {"O{empty}X", "OX"}, {"O{undef}X", "OX"}, {"{x,y}", "1024,768"},
                    {"{x,hello,y}", "1024,Hello%20World%21,768"}, {"?{x,empty}", "?1024,"},
                    {"?{x,undef}", "?1024"}, {"?{undef,y}", "?768"}, {"{var:3}", "val"},
                    {"{var:30}", "value"}, {"{list}", "red,green,blue"},
                    {"{list*}", "red,green,blue"}, {"{keys}", "semi,%3B,dot,.,comma,%2C"},
                    {"{keys*}", "semi=%3B,dot=.,comma=%2C"});
}

static void test_reserved(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{+var}", "value"}, {"{+hello}", "Hello%20World!"}, {"{+half}", "50%25"},
                    {"{base}index", "http%3A%2F%2Fexample.com%2Fhome%2Findex"},
                    {"{+base}index", "http://example.com/home/index"}, {"O{+empty}X", "OX"},
                    {"O{+undef}X", "OX"}, {"{+path}/here", "/foo/bar/here"},
                    {"here?ref={+path}", "here?ref=/foo/bar"},
                    {"{+x,hello,y}", "1024,Hello%20World!,768"},
                    {"{+path,x}/here", "/foo/bar,1024/here"}, {"{+path:6}/here", "/foo/b/here"},
                    {"{+list}", "red,green,blue"}, {"{+list*}", "red,green,blue"},
                    {"{+keys}", "semi,;,dot,.,comma,,"}, {"{+keys*}", "semi=;,dot=.,comma=,"});
}

static void test_fragment(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{#var}", "#value"}, {"{#hello}", "#Hello%20World!"}, {"{#half}", "#50%25"},
                    {"foo{#empty}", "foo#"}, {"foo{#undef}", "foo"},
                    {"{#x,hello,y}", "#1024,Hello%20World!,768"},
                    {"{#path,x}/here", "#/foo/bar,1024/here"}, {"{#path:6}/here", "#/foo/b/here"},
                    {"{#list}", "#red,green,blue"}, {"{#list*}", "#red,green,blue"},
                    {"{#keys}", "#semi,;,dot,.,comma,,"}, {"{#keys*}", "#semi=;,dot=.,comma=,"});
}

static void test_labels_and_segments(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{.who}", ".fred"}, {"{.half,who}", ".50%25.fred"},
                    {"www{.dom*}", "www.example.com"}, {"X{.var}", "X.value"},
                    {"X{.empty}", "X."}, {"X{.undef}", "X"}, {"X{.var:3}", "X.val"},
                    {"X{.list}", "X.red,green,blue"}, {"X{.list*}", "X.red.green.blue"},
                    {"X{.keys}", "X.semi,%3B,dot,.,comma,%2C"},
                    {"X{.keys*}", "X.semi=%3B.dot=..comma=%2C"}, {"X{.empty_keys}", "X"},
                    {"X{.empty_keys*}", "X"}, {"X{.empty_list*}", "X"}, {"{/who}", "/fred"},
                    {"{/half,who}", "/50%25/fred"}, {"{/who,dub}", "/fred/me%2Ftoo"},
                    {"{/var}", "/value"}, {"{/var,empty}", "/value/"}, {"{/var,undef}", "/value"},
                    {"{/var,x}/here", "/value/1024/here"}, {"{/list}", "/red,green,blue"},
                    {"{/list*}", "/red/green/blue"}, {"{/keys}", "/semi,%3B,dot,.,comma,%2C"},
                    {"{/keys*}", "/semi=%3B/dot=./comma=%2C"});
}

static void test_pairs(void **state)
{
    (void)state;
    ASSERT_EXAMPLES({"{;who}", ";who=fred"}, {"{;half}", ";half=50%25"}, {"{;empty}", ";empty"},
                    {"{;v,empty,who}", ";v=6;empty;who=fred"}, {"{;v,undef,who}", ";v=6;who=fred"},
                    {"{;x,y}", ";x=1024;y=768"}, {"{;x,y,empty}", ";x=1024;y=768;empty"},
                    {"{;hello:5}", ";hello=Hello"}, {"{;list}", ";list=red,green,blue"},
                    {"{;list*}", ";list=red;list=green;list=blue"},
                    {"{;keys}", ";keys=semi,%3B,dot,.,comma,%2C"},
                    {"{;keys*}", ";semi=%3B;dot=.;comma=%2C"}, {"{?who}", "?who=fred"},
                    {"{?half}", "?half=50%25"}, {"{?x,y}", "?x=1024&y=768"},
                    {"{?x,y,empty}", "?x=1024&y=768&empty="}, {"{?x,y,undef}", "?x=1024&y=768"},
                    {"{?var:3}", "?var=val"}, {"{?list}", "?list=red,green,blue"},
                    {"{?list*}", "?list=red&list=green&list=blue"},
                    {"{?keys}", "?keys=semi,%3B,dot,.,comma,%2C"},
                    {"{?keys*}", "?semi=%3B&dot=.&comma=%2C"}, {"{&who}", "&who=fred"},
                    {"{&half}", "&half=50%25"}, {"?fixed=yes{&x}", "?fixed=yes&x=1024"},
                    {"{&x,y,empty}", "&x=1024&y=768&empty="}, {"{&var:3}", "&var=val"},
                    {"{&list*}", "&list=red&list=green&list=blue"},
                    {"{&keys*}", "&semi=%3B&dot=.&comma=%2C"});
}

static void test_a_prefix_counts_characters(void **state)
{
    (void)state;
    const char *variables = "{\"a\":\"\xC3\xA9\xE2\x82\xACz\",\"b\":\"%C3%A9%2Fz\"}";
    assert_expansion("{a:1}", variables, "%C3%A9");
    assert_expansion("{+a:2}", variables, "%C3%A9%E2%82%AC");
    assert_expansion("{+b:1}", variables, "%C3%A9");
    assert_expansion("{+b:2}", variables, "%C3%A9%2F");
    assert_expansion("{b:1}", variables, "%25");
    assert_expansion("{a:9999}", variables, "%C3%A9%E2%82%ACz");
}

static void assert_refused(struct str text, const char *variables, int code, const char *message)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    buffer_add_str(&out, STR("kept"));
    assert_int_equal(expand(text, variables, &out, &err), code);
    assert_string_equal(err.text, message);
    assert_true(str_eq(buffer_str(&out), STR("kept")));
    buffer_clear(&out);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    const char *type = "the variable \"a\" of the URI template must be a string, a list of strings "
                       "or an object of strings";
    assert_refused(STR("x{a}"), "{\"a\":1}", ST_INVALID, type);
    assert_refused(STR("x{a}"), "{\"a\":[\"b\",null]}", ST_INVALID, type);
    assert_refused(STR("x{a*}"), "{\"a\":{\"b\":[]}}", ST_INVALID, type);
    const char *prefix = "the variable \"a\" of the URI template has a prefix length and must be a "
                         "string";
    assert_refused(STR("{a:1}"), "{\"a\":[\"b\"]}", ST_INVALID, prefix);
    assert_refused(STR("{?a:1}"), "{\"a\":{\"b\":\"c\"}}", ST_INVALID, prefix);
    const char *nul = "the variable \"a\" of the URI template holds U+0000, which may not stand in "
                      "a URI";
    assert_refused(STR("x{a}"), "{\"a\":\"b\\u0000\"}", ST_INVALID, nul);
    assert_refused(STR("x{a*}"), "{\"a\":{\"\\u0000\":\"\"}}", ST_INVALID, nul);
    assert_refused(STR("x{a}"), "[]", ST_INVALID, "the variables of a URI template must be an "
                                                  "object");
    assert_refused(STR("{a"), "{}", ST_INVALID,
                   "the URI template is malformed at byte 2: '{' is not closed");
}

static void test_a_long_result_is_refused(void **state)
{
    (void)state;
    static char variables[2 * URI_MAX_BYTES];
    int len = snprintf(variables, sizeof(variables), "{\"a\":\"%0*d\"}", URI_MAX_BYTES, 0);
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(expand(STR("{a}"), variables, &out, &err), ST_OK);
    assert_int_equal(out.len, URI_MAX_BYTES);
    buffer_clear(&out);
    assert_refused(STR("b{a}"), variables, ST_TOO_LARGE,
                   "the URI template expands to more than 8192 bytes");
    for (int i = 6; i < len - 2; i++)
        variables[i] = ' ';
    assert_refused(STR("{a}"), variables, ST_TOO_LARGE,
                   "the URI template expands to more than 8192 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_and_literals),
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_fragment),
        cmocka_unit_test(test_labels_and_segments),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_a_prefix_counts_characters),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_a_long_result_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
