/* What diff-calculator answers, to the letter. Whether its diffs are right, test_oracle.py asks other
 * programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "diff-calculator"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.diff-calculator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* Arguments and what they give: members of objects, in which ' stands for ". */
static void assert_gives(const char *args, const char *result)
{
    char request[2000], expected[4000];
    snprintf(request, sizeof(request), "{%s}", args);
    snprintf(expected, sizeof(expected), "{\"structuredContent\":{%s}}", result);
    for (char *c = request; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    for (char *c = expected; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_result(&plugin, TOOL, request, expected);
}

static void assert_fails(const char *args, int32_t code, const char *text)
{
    char request[2000];
    snprintf(request, sizeof(request), "{%s}", args);
    for (char *c = request; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_error(&plugin, TOOL, request, code, text);
}

#define STATS(added, removed, modified, unchanged) \
    "'stats':{'added':" #added ",'removed':" #removed ",'modified':" #modified \
    ",'unchanged':" #unchanged "}"

static void test_formats(void **state)
{
    (void)state;
    assert_gives("'old_text':'a\\nb\\nc\\n','new_text':'a\\nB\\nc\\nd\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(1, 0, 1, 2) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1,3 +1,4 @@\\n a\\n-b\\n+B\\n c\\n+d\\n'");
    assert_gives("'old_text':'a\\nb\\nc\\n','new_text':'a\\nB\\nc\\nd\\n','format':'context'",
                 "'type':'text','format':'context','identical':false," STATS(1, 0, 1, 2) ","
                 "'diff':'*** old\\n--- new\\n***************\\n*** 1,3 ****\\n  a\\n! b\\n  c\\n"
                 "--- 1,4 ----\\n  a\\n! B\\n  c\\n+ d\\n'");
    assert_gives("'old_text':'a\\nb\\nc\\n','new_text':'a\\nB\\nc\\nd\\n','format':'simple'",
                 "'type':'text','format':'simple','identical':false," STATS(1, 0, 1, 2) ","
                 "'diff':'-2: b\\n+2: B\\n+4: d\\n'");
    assert_gives("'old_text':'the quick fox\\n','new_text':'the slow fox\\nend\\n',"
                 "'format':'inline'",
                 "'type':'text','format':'inline','identical':false," STATS(1, 0, 1, 0) ","
                 "'diff':'the [-quick-]{+slow+} fox\\n{+end\\n+}'");
}

static void test_no_difference(void **state)
{
    (void)state;
    static const char *const formats[] = {"unified", "context", "inline", "simple"};
    for (size_t i = 0; i < 4; i++) {
        char args[200], result[300];
        snprintf(args, sizeof(args), "'format':'%s','old_text':'a\\nb','new_text':'a\\nb'",
                 formats[i]);
        snprintf(result, sizeof(result),
                 "'type':'text','format':'%s','identical':true," STATS(0, 0, 0, 2) ",'diff':''",
                 formats[i]);
        assert_gives(args, result);
    }
    assert_gives("'old_text':'','new_text':''",
                 "'type':'text','format':'unified','identical':true," STATS(0, 0, 0, 0)
                 ",'diff':''");
}

static void test_ends_without_line_feed(void **state)
{
    (void)state;
    assert_gives("'old_text':'a','new_text':'a\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 0, 1, 0) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1 +1 @@\\n-a\\n\\\\ No newline at end of file\\n"
                 "+a\\n'");
    assert_gives("'old_text':'','new_text':'a'",
                 "'type':'text','format':'unified','identical':false," STATS(1, 0, 0, 0) ","
                 "'diff':'--- old\\n+++ new\\n@@ -0,0 +1 @@\\n+a\\n"
                 "\\\\ No newline at end of file\\n'");
    assert_gives("'old_text':'a\\nb','new_text':'A\\nb'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 0, 1, 1) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1,2 +1,2 @@\\n-a\\n+A\\n b\\n"
                 "\\\\ No newline at end of file\\n'");
}

static void test_context_lines(void **state)
{
    (void)state;
    assert_gives("'context_lines':0,'old_text':'a\\nb\\nc\\n','new_text':'a\\nc\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 1, 0, 2) ","
                 "'diff':'--- old\\n+++ new\\n@@ -2 +1,0 @@\\n-b\\n'");
    /* two changes with two lines between them: one hunk from a context of 1 on */
    assert_gives("'context_lines':1,'old_text':'a\\nb\\nc\\nd\\n','new_text':'b\\nc\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 2, 0, 2) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1,4 +1,2 @@\\n-a\\n b\\n c\\n-d\\n'");
    assert_gives("'context_lines':1,'old_text':'a\\nb\\nc\\nd\\ne\\n','new_text':'b\\nc\\nd\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 2, 0, 3) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1,2 +1 @@\\n-a\\n b\\n@@ -4,2 +3 @@\\n d\\n-e\\n'");
}

static void test_patience_holds_on_to_what_is_unique(void **state)
{
    (void)state;
#define MOVED "'context_lines':0,'old_text':'u\\nx\\nx\\nx\\n','new_text':'x\\nx\\nx\\nu\\n'"
    assert_gives(MOVED, "'type':'text','format':'unified','identical':false," STATS(1, 1, 0, 3) ","
                        "'diff':'--- old\\n+++ new\\n@@ -1 +0,0 @@\\n-u\\n@@ -4,0 +4 @@\\n+u\\n'");
    assert_gives("'algorithm':'patience'," MOVED,
                 "'type':'text','format':'unified','identical':false," STATS(3, 3, 0, 1) ","
                 "'diff':'--- old\\n+++ new\\n@@ -0,0 +1,3 @@\\n+x\\n+x\\n+x\\n@@ -2,3 +4,0 @@\\n"
                 "-x\\n-x\\n-x\\n'");
#undef MOVED
}

/* What is unchanged but for white space is shown as it was. */
static void test_ignored_white_space(void **state)
{
    (void)state;
    assert_gives("'ignore_whitespace':'at_end','old_text':'a\\r\\nb\\r\\n','new_text':'a\\nc\\n'",
                 "'type':'text','format':'unified','identical':false," STATS(0, 0, 1, 1) ","
                 "'diff':'--- old\\n+++ new\\n@@ -1,2 +1,2 @@\\n a\\r\\n-b\\r\\n+c\\n'");
    assert_gives("'ignore_whitespace':'amount','old_text':'a  b\\n','new_text':'a\\tb\\n'",
                 "'type':'text','format':'unified','identical':true," STATS(0, 0, 0, 1)
                 ",'diff':''");
    assert_gives("'ignore_whitespace':'all','old_text':'a  b\\n','new_text':'ab'",
                 "'type':'text','format':'unified','identical':true," STATS(0, 0, 0, 1)
                 ",'diff':''");
}

static void test_words(void **state)
{
    (void)state;
#define INLINE(stats) "'type':'text','format':'inline','identical':false," stats ",'diff':"
    assert_gives("'format':'inline','old_text':'x = f(a, b);','new_text':'x = f(a, c);\\n'",
                 INLINE(STATS(0, 0, 1, 0)) "'x = f(a, [-b-]{+c+});{+\\n+}'");
    assert_gives("'format':'inline','old_text':'gr\\u00fcn x\\n','new_text':'gr\\u00fc x\\n'",
                 INLINE(STATS(0, 0, 1, 0)) "'[-grün-]{+grü+} x\\n'");
    assert_gives("'format':'inline','old_text':'a\\nb\\n','new_text':'b\\n'",
                 INLINE(STATS(0, 1, 0, 1)) "'[-a\\n-]b\\n'");
#undef INLINE
}

static void test_json_lists(void **state)
{
    (void)state;
    assert_gives("'old_json':{'a':1,'gone':[ 1 , {'x': 's p'} ],'t':'x'},"
                 "'new_json':{'new':null,'t':{},'a':1}",
                 "'type':'json','format':'changes','identical':false," STATS(1, 1, 1, 1) ","
                 "'added':[{'path':'/new','value':null}],"
                 "'removed':[{'path':'/gone','value':[1,{'x':'s p'}]}],"
                 "'modified':[{'path':'/t','old_value':'x','new_value':{}}]");
    assert_gives("'old_json':{'b':[1,2],'a':'\\u0041'},'new_json':{'a':'A','b':[1,2]}",
                 "'type':'json','format':'changes','identical':true," STATS(0, 0, 0, 3) ","
                 "'added':[],'removed':[],'modified':[]");
    assert_gives("'old_json':1,'new_json':[]",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 0) ","
                 "'added':[],'removed':[],"
                 "'modified':[{'path':'','old_value':1,'new_value':[]}]");
    assert_gives("'old_json':null,'new_json':[null]",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 0) ","
                 "'added':[],'removed':[],"
                 "'modified':[{'path':'','old_value':null,'new_value':[null]}]");
    assert_gives("'old_json':{'~/':{'':1}},'new_json':{'~/':{'':2}}",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 0) ","
                 "'added':[],'removed':[],"
                 "'modified':[{'path':'/~0~1/','old_value':1,'new_value':2}]");
}

/* Elements that stand elsewhere are found; a change inside of one says where it was. */
static void test_json_arrays(void **state)
{
    (void)state;
    assert_gives("'old_json':[1,2,3,{'x':1,'y':0}],'new_json':[0,1,3,{'x':2,'y':0}]",
                 "'type':'json','format':'changes','identical':false," STATS(1, 1, 1, 3) ","
                 "'added':[{'path':'/0','value':0}],'removed':[{'path':'/1','value':2}],"
                 "'modified':[{'path':'/3/x','old_value':1,'new_value':2}]");
    assert_gives("'old_json':['a',{'x':1}],'new_json':['new','a',{'x':2}]",
                 "'type':'json','format':'changes','identical':false," STATS(1, 0, 1, 1) ","
                 "'added':[{'path':'/0','value':'new'}],'removed':[],"
                 "'modified':[{'path':'/2/x','old_path':'/1/x','old_value':1,'new_value':2}]");
}

static void test_json_patch(void **state)
{
    (void)state;
    assert_gives("'format':'json-patch','old_json':[1,2,3],'new_json':[0,1,3,4]",
                 "'type':'json','format':'json-patch','identical':false," STATS(2, 1, 0, 2) ","
                 "'patch':[{'op':'add','path':'/3','value':4},{'op':'remove','path':'/1'},"
                 "{'op':'add','path':'/0','value':0}]");
    assert_gives("'format':'json-patch','old_json':{'a':1},'new_json':{'a':2}",
                 "'type':'json','format':'json-patch','identical':false," STATS(0, 0, 1, 0) ","
                 "'patch':[{'op':'replace','path':'/a','value':2}]");
    assert_gives("'format':'json-patch','old_json':{},'new_json':{}",
                 "'type':'json','format':'json-patch','identical':true," STATS(0, 0, 0, 1) ","
                 "'patch':[]");
}

/* Numbers are shown as they were written, and compared beyond what a double holds. */
static void test_json_numbers(void **state)
{
    (void)state;
    assert_gives("'old_json':[1.0,1e400,12345678901234567890],"
                 "'new_json':[1,10e399,12345678901234567891]",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 2) ","
                 "'added':[],'removed':[],'modified':[{'path':'/2',"
                 "'old_value':12345678901234567890,'new_value':12345678901234567891}]");
    assert_gives("'exact_numbers':true,'old_json':1.0,'new_json':1",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 0) ","
                 "'added':[],'removed':[],"
                 "'modified':[{'path':'','old_value':1.0,'new_value':1}]");
    assert_gives("'old_json':1e99999999999999999999,'new_json':1e99999999999999999998",
                 "'type':'json','format':'changes','identical':false," STATS(0, 0, 1, 0) ","
                 "'added':[],'removed':[],'modified':[{'path':'',"
                 "'old_value':1e99999999999999999999,'new_value':1e99999999999999999998}]");
}

static void test_json_in_text_form(void **state)
{
    (void)state;
    assert_gives("'type':'json','old_text':'{ \\\"a\\\" : [ 1 ,\\n 2 ] }','new_json':{'a':[1,2]}",
                 "'type':'json','format':'changes','identical':true," STATS(0, 0, 0, 2) ","
                 "'added':[],'removed':[],'modified':[]");
    /* without the type it is text */
    assert_gives("'old_text':'1','new_text':'1.0','format':'simple'",
                 "'type':'text','format':'simple','identical':false," STATS(0, 0, 1, 0) ","
                 "'diff':'-1: 1\\n\\\\ No newline at end of file\\n"
                 "+1: 1.0\\n\\\\ No newline at end of file\\n'");
}

static const struct {
    const char *text;
    const char *why;
} not_json[] = {
    {"", "line 1, column 1: a value is expected"},
    {" \\n [1,\\n  ]", "line 3, column 3: a value is expected"},
    {"[1 2]", "line 1, column 4: a comma or ] is expected"},
    {"[1", "line 1, column 3: a comma or ] is expected"},
    {"{\\\"a\\\":1", "line 1, column 7: a comma or } is expected"},
    {"{1:2}", "line 1, column 2: a name in quotes is expected"},
    {"{\\\"a\\\" 1}", "line 1, column 6: a colon is expected"},
    {"{\\\"a\\\":1,}", "line 1, column 8: a name in quotes is expected"},
    {"\\\"a", "line 1, column 3: a string has no end"},
    {"\\\"\\\\x\\\"", "line 1, column 2: the escape is none of JSON's"},
    {"\\\"\\\\ud800\\\"", "line 1, column 2: the escape is none of JSON's"},
    {"\\\"\\\\udc00\\\"", "line 1, column 2: the escape is none of JSON's"},
    {"\\\"\\\\ud800\\\\u0041\\\"", "line 1, column 2: the escape is none of JSON's"},
    {"\\\"\\\\u12", "line 1, column 2: the escape is none of JSON's"},
    {"\\\"a\\nb\\\"", "line 1, column 3: a control character stands in a string"},
    {"01", "line 1, column 2: something follows after the value"},
    {"1 2", "line 1, column 3: something follows after the value"},
    {"-", "line 1, column 2: a number has a wrong form"},
    {"1.", "line 1, column 3: a number has a wrong form"},
    {"1e+", "line 1, column 4: a number has a wrong form"},
    {"nul", "line 1, column 1: a value is expected"},
    {"NaN", "line 1, column 1: a value is expected"},
    {"{\\\"a\\\":1,\\\"\\\\u0061\\\":2}",
     "line 1, column 1: two members of this object have the same name"},
};

static void test_what_is_not_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(not_json) / sizeof(not_json[0]); i++) {
        char args[200], text[300];
        snprintf(args, sizeof(args), "{\"old_json\":1,\"new_text\":\"%s\"}", not_json[i].text);
        snprintf(text, sizeof(text),
                 "new_text is not JSON: %s; correct it, or compare as text with type text",
                 not_json[i].why);
        assert_error(&plugin, TOOL, args, HEXMCP_E_INVALID, text);
    }
}

static void test_arguments_that_do_not_fit(void **state)
{
    (void)state;
    assert_fails("'old_text':'a'", HEXMCP_E_INVALID,
                 "one side is missing; give new_text, new_json or new_path");
    assert_fails("'old_text':'a','old_path':'b','new_text':''", HEXMCP_E_INVALID,
                 "old_text and old_path are both given; give one of them, because there is one "
                 "document to a side");
    assert_fails("'old_text':5,'new_text':''", HEXMCP_E_INVALID,
                 "old_text is not a text; give a string");
    assert_fails("'type':'xml','old_text':'','new_text':''", HEXMCP_E_INVALID,
                 "type is unknown; give one of text, json");
    assert_fails("'type':'text','old_text':'','new_json':1", HEXMCP_E_INVALID,
                 "type text compares lines of text, but new_json is a JSON value; leave type out, "
                 "or give old_text and new_text");
    assert_fails("'format':'html','old_text':'','new_text':''", HEXMCP_E_INVALID,
                 "format is unknown; give one of unified, context, inline, simple, changes, json-patch");
    assert_fails("'format':'unified','old_json':1,'new_json':1", HEXMCP_E_INVALID,
                 "format unified is for texts; for type json give changes or json-patch, or leave "
                 "it out");
    assert_fails("'format':'json-patch','old_text':'1','new_text':'1'", HEXMCP_E_INVALID,
                 "format json-patch is for JSON; add type json, or give unified, context, inline "
                 "or simple");
    assert_fails("'ignore_whitespace':true,'old_text':'','new_text':''", HEXMCP_E_INVALID,
                 "ignore_whitespace is unknown; give one of none, at_end, amount, all");
    assert_fails("'algorithm':'minimal','old_text':'','new_text':''", HEXMCP_E_INVALID,
                 "algorithm is unknown; give one of myers, patience");
    assert_fails("'context_lines':1001,'old_text':'','new_text':''", HEXMCP_E_INVALID,
                 "context_lines is not a whole number from 0 to 1000; correct it");
    assert_fails("'exact_numbers':'yes','old_json':1,'new_json':1", HEXMCP_E_INVALID,
                 "exact_numbers is neither true nor false; correct it");
    assert_fails("'old_text':'a\\u0000b','new_text':''", HEXMCP_E_INVALID,
                 "old_text is not UTF-8 text: byte 2 of 3 is 0x00; convert it to UTF-8 first, or, "
                 "if it is binary, compare hashes with hash-calculator");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_ends_without_line_feed),
        cmocka_unit_test(test_context_lines),
        cmocka_unit_test(test_patience_holds_on_to_what_is_unique),
        cmocka_unit_test(test_ignored_white_space),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_json_lists),
        cmocka_unit_test(test_json_arrays),
        cmocka_unit_test(test_json_patch),
        cmocka_unit_test(test_json_numbers),
        cmocka_unit_test(test_json_in_text_form),
        cmocka_unit_test(test_what_is_not_json),
        cmocka_unit_test(test_arguments_that_do_not_fit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
