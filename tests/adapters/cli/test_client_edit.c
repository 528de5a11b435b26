/* Edits of clients' files, word for word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/driving/cli/client/diff.h"
#include "adapters/driving/cli/client/entry.h"

static const struct str serve[] = {STR_INIT("serve")};
static const struct str grants[] = {STR_INIT("serve"), STR_INIT("--allow-read"), STR_INIT("/a b")};
static const struct client_entry plain = {.name = STR_INIT("hexmcp"), .command = STR_INIT("/h"),
                                          .args = serve, .arg_count = 1, .keep_args = true};
static const struct client_entry typed = {.name = STR_INIT("hexmcp"), .command = STR_INIT("/h"),
                                          .args = serve, .arg_count = 1, .typed = true};
static const struct client_entry granted = {.name = STR_INIT("hexmcp"), .command = STR_INIT("/h"),
                                            .args = grants, .arg_count = 3};

static void expect_text(const struct buffer *got, const char *want)
{
    if (!str_eq(buffer_str(got), str_from(want)))
        fail_msg("got:\n%.*s\nexpected:\n%s", STR_ARG(buffer_str(got)), want);
}

/* Puts, compares, puts again without a change. */
static void expect_put(const struct client_format *format, const struct client_entry *entry,
                       const char *text, const char *want)
{
    struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;
    struct error err;
    if (format->put(str_from(text), STR("s"), entry, &once, &err))
        fail_msg("%s: %s", text, err.text);
    expect_text(&once, want);
    assert_int_equal(format->put(buffer_str(&once), STR("s"), entry, &twice, &err), ST_OK);
    expect_text(&twice, want);
    buffer_clear(&once);
    buffer_clear(&twice);
}

static void expect_removed(const struct client_format *format, const char *text, const char *want)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    if (format->remove(str_from(text), STR("s"), STR("hexmcp"), &out, &err))
        fail_msg("%s: %s", text, err.text);
    expect_text(&out, want);
    buffer_clear(&out);
}

static void expect_both(const struct client_format *format, const char *without, const char *with)
{
    expect_put(format, &plain, without, with);
    expect_removed(format, with, without);
}

static void expect_refused(const struct client_format *format, const char *text, const char *why)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    assert_int_equal(format->put(str_from(text), STR("s"), &plain, &out, &err), ST_CONFIG);
    assert_string_equal(err.text, why);
    assert_int_equal(err.code, ST_CONFIG);
    buffer_clear(&out);
}

#define ENTRY "\"hexmcp\": {\"command\": \"/h\", \"args\": [\"serve\"]}"
#define LINES(indent)                                                                              \
    "\"hexmcp\": {\n" indent "  \"command\": \"/h\",\n" indent "  \"args\": [\"serve\"]\n" indent "}"

static void test_json_section_is_made(void **state)
{
    (void)state;
    expect_both(&client_jsonc, "{}", "{\n  \"s\": {\n    " LINES("    ") "\n  }\n}");
    expect_both(&client_jsonc, "{ }\n", "{\n  \"s\": {\n    " LINES("    ") "\n  }\n }\n");
    expect_both(&client_jsonc, "{\n}", "{\n  \"s\": {\n    " LINES("    ") "\n  }\n\n}");
    expect_both(&client_jsonc, "{\n  \"a\": 1\n}\n",
                "{\n  \"a\": 1,\n  \"s\": {\n    " LINES("    ") "\n  }\n}\n");
    expect_both(&client_jsonc, "{\"a\":1}", "{\"a\":1, \"s\": {\n    " LINES("    ") "\n  }}");
    expect_put(&client_jsonc, &plain, "", "{\n  \"s\": {\n    " LINES("    ") "\n  }\n}\n");
    expect_put(&client_jsonc, &plain, "// c", "// c\n{\n  \"s\": {\n    " LINES("    ") "\n  }\n}\n");
}

static void test_json_section_is_kept(void **state)
{
    (void)state;
    expect_both(&client_jsonc, "{\"s\":{}}", "{\"s\":{" ENTRY "}}");
    expect_both(&client_jsonc, "{\n  \"s\": {}\n}", "{\n  \"s\": {" ENTRY "}\n}");
    expect_both(&client_jsonc, "{\"s\":{ /* none */ }}", "{\"s\":{" ENTRY " /* none */ }}");
    expect_both(&client_jsonc, "{\n  \"s\": { // none\n  }\n}",
                "{\n  \"s\": { // none\n    " LINES("    ") "\n  \n  }\n}");
    expect_both(&client_jsonc, "{\"s\":{\"x\":{}}}", "{\"s\":{\"x\":{}, " ENTRY "}}");
}

static void test_json_comments_and_commas(void **state)
{
    (void)state;
    expect_both(&client_jsonc, "{\n  \"s\": {\n    \"x\": {} // last\n    // end\n  }\n}",
                "{\n  \"s\": {\n    \"x\": {}, // last\n    " LINES("    ") "\n    // end\n  }\n}");
    expect_both(&client_jsonc, "{\n  \"s\": {\n    \"x\": {}, // last\n  },\n}",
                "{\n  \"s\": {\n    \"x\": {}, // last\n    " LINES("    ") ",\n  },\n}");
    expect_both(&client_jsonc, "{\"s\":{\"x\":\"// }\" /* , */ }}",
                "{\"s\":{\"x\":\"// }\", /* , */ " ENTRY " }}");
    expect_both(&client_jsonc, "{\"s\":{\"x\":1 /*a*/,/*b*/}}",
                "{\"s\":{\"x\":1 /*a*/,/*b*/ " ENTRY ",}}");
}

static void test_json_layouts(void **state)
{
    (void)state;
    expect_both(&client_jsonc, "{\n\t\"a\": 1\n}",
                "{\n\t\"a\": 1,\n\t\"s\": {\n\t\t\"hexmcp\": {\n\t\t\t\"command\": \"/h\",\n"
                "\t\t\t\"args\": [\"serve\"]\n\t\t}\n\t}\n}");
    expect_both(&client_jsonc, "\xEF\xBB\xBF{\r\n    \"a\": 1\r\n}\r\n",
                "\xEF\xBB\xBF{\r\n    \"a\": 1,\r\n    \"s\": {\r\n        \"hexmcp\": {\r\n"
                "            \"command\": \"/h\",\r\n            \"args\": [\"serve\"]\r\n"
                "        }\r\n    }\r\n}\r\n");
    expect_both(&client_jsonc, "{\n  \"s\": {\n      \"odd\": 1\n  }\n}",
                "{\n  \"s\": {\n      \"odd\": 1,\n      " LINES("      ") "\n  }\n}");
}

static void test_json_places_of_the_entry(void **state)
{
    (void)state;
    expect_removed(&client_jsonc, "{\"s\":{\"hexmcp\":{},\"b\":2}}", "{\"s\":{\"b\":2}}");
    expect_removed(&client_jsonc, "{\"s\":{\"a\":1,\"hexmcp\":{},\"b\":2}}", "{\"s\":{\"a\":1,\"b\":2}}");
    expect_removed(&client_jsonc, "{\"s\":{\"a\":1,\"hexmcp\":{},}}", "{\"s\":{\"a\":1,}}");
    expect_removed(&client_jsonc, "{\"s\":{\"hexmcp\":{},}}", "{\"s\":{}}");
    expect_removed(&client_jsonc, "{\"s\":{\"he\\u0078mcp\":{}}}", "{\"s\":{}}");
    expect_removed(&client_jsonc, "{\n  \"s\": {\n    \"hexmcp\": {}, // ours\n    \"b\": 2\n  }\n}",
                   "{\n  \"s\": { // ours\n    \"b\": 2\n  }\n}");
    expect_removed(&client_jsonc, "{\n  \"a\": 1,\n  \"s\": {\n    \"hexmcp\": {}\n  },\n  \"b\": 2\n}",
                   "{\n  \"a\": 1,\n  \"b\": 2\n}");
}

static void test_json_update(void **state)
{
    (void)state;
    expect_put(&client_jsonc, &plain,
               "{\"s\":{\"hexmcp\":{\"args\":[\"serve\",\"--x\"],\"command\":\"/old\",\"env\":{}}}}",
               "{\"s\":{\"hexmcp\":{\"args\":[\"serve\",\"--x\"],\"command\":\"/h\",\"env\":{}}}}");
    expect_put(&client_jsonc, &granted,
               "{\"s\":{\"hexmcp\":{\"args\":[\"serve\",\"--x\"],\"command\":\"/old\",\"env\":{}}}}",
               "{\"s\":{\"hexmcp\":{\"args\":[\"serve\", \"--allow-read\", \"/a b\"],\"command\":\"/h\","
               "\"env\":{}}}}");
    expect_put(&client_jsonc, &plain, "{\"s\":{\"hexmcp\":{\"command\":\"/h\"}}}",
               "{\"s\":{\"hexmcp\":{\"command\":\"/h\", \"args\": [\"serve\"]}}}");
    expect_put(&client_jsonc, &plain, "{\"s\":{\"hexmcp\":{\n \"command\":\"/h\" // c\n}}}",
               "{\"s\":{\"hexmcp\":{\n \"command\":\"/h\",\n \"args\": [\"serve\"] // c\n}}}");
    expect_put(&client_jsonc, &plain, "{\"s\":{\"hexmcp\":{\"command\":\"\\u002fh\",\"args\":[\"serve\"]}}}",
               "{\"s\":{\"hexmcp\":{\"command\":\"\\u002fh\",\"args\":[\"serve\"]}}}");
    expect_put(&client_jsonc, &typed, "{\"s\":{}}",
               "{\"s\":{\"hexmcp\": {\"type\": \"stdio\", \"command\": \"/h\", \"args\": [\"serve\"]}}}");
}

static void test_json_refusals(void **state)
{
    (void)state;
    expect_refused(&client_jsonc, "{", "is not JSON: expected a key in quotes at byte 1");
    expect_refused(&client_jsonc, "{\"a\":1,,}", "is not JSON: expected a key in quotes at byte 7");
    expect_refused(&client_jsonc, "{,}", "is not JSON: expected a key in quotes at byte 1");
    expect_refused(&client_jsonc, "{\"a\":1,\"a\":2}", "is not JSON: duplicate key at byte 7");
    expect_refused(&client_jsonc, "{} /* x", "is not JSON: the comment at byte 3 has no end");
    expect_refused(&client_jsonc, "[]", "holds JSON that is no object");
    expect_refused(&client_jsonc, "{\"s\":null}", "has a \"s\" that is no object");
    expect_refused(&client_jsonc, "{\"s\":{\"hexmcp\":{\"url\":\"u\"}}}",
                   "has an entry \"hexmcp\" that starts no command; choose another --name");
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(client_jsonc.remove(STR("{}"), STR("s"), STR("hexmcp"), &out, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "has no entry \"hexmcp\"");
}

/* --- TOML ---------------------------------------------------------------------------------------- */

#define TABLE "[s.hexmcp]\ncommand = \"/h\"\nargs = [\"serve\"]"

static void test_toml_table_at_the_end(void **state)
{
    (void)state;
    expect_both(&client_toml, "", TABLE "\n");
    expect_both(&client_toml, "\n", "\n\n" TABLE "\n");
    expect_both(&client_toml, "x = 1", "x = 1\n\n" TABLE);
    expect_both(&client_toml, "x = 1 # c\n\n# end\n", "x = 1 # c\n\n# end\n\n" TABLE "\n");
    expect_both(&client_toml, "[s.b]\nurl = 'u'\n", "[s.b]\nurl = 'u'\n\n" TABLE "\n");
    expect_both(&client_toml, "x = 1\r\n",
                "x = 1\r\n\r\n[s.hexmcp]\r\ncommand = \"/h\"\r\nargs = [\"serve\"]\r\n");
}

static void test_toml_places_of_the_entry(void **state)
{
    (void)state;
    expect_removed(&client_toml, "a = 1\n\n" TABLE "\n\n[s.hexmcp.env]\nA = 'b'\n\n# of z\n[z]\n",
                   "a = 1\n\n# of z\n[z]\n");
    expect_removed(&client_toml, "[s.\"hexmcp\"]\nargs = [ # a\n  'x', # ]\n]\n[z]\n", "[z]\n");
    expect_removed(&client_toml, TABLE "\n[s.hexmcp.env]\nx = 1", "");
}

static void test_toml_update(void **state)
{
    (void)state;
    expect_put(&client_toml, &plain, "[s.hexmcp]\nenabled = true\ncommand = '/old' # c\n",
               "[s.hexmcp]\nenabled = true\ncommand = \"/h\" # c\nargs = [\"serve\"]\n");
    expect_put(&client_toml, &plain, "[s.hexmcp]\nargs = ['serve',\n '--x']\ncommand = '/h'",
               "[s.hexmcp]\nargs = ['serve',\n '--x']\ncommand = '/h'");
    expect_put(&client_toml, &granted, "[s.hexmcp]\nargs = ['serve']\ncommand = '/old'",
               "[s.hexmcp]\nargs = [\"serve\", \"--allow-read\", \"/a b\"]\ncommand = \"/h\"");
    expect_put(&client_toml, &plain, "[s.hexmcp]\ncommand = \"\\u002fh\"",
               "[s.hexmcp]\ncommand = \"\\u002fh\"\nargs = [\"serve\"]");
}

static void test_toml_refusals(void **state)
{
    (void)state;
    static const char *const not_toml[] = {
        "a", "a = ", "a = 01", "a = 1 b = 2", "a = 'x\ny'", "a = \"\\q\"", "a = \"\\ud800\"",
        "a = [1 2]", "a = {b = 1,}", "a = 1__0", "a = 1.", "a = 1979-5-27", "[a", "[[a]", "[a]]",
        "a = \"\"\"x\"\"", "# \x01", "a.= 1", "a = 1\r", "a = treu", "= 1", "a = \xFF",
    };
    struct buffer out = BUFFER_INIT;
    struct error err;
    for (size_t i = 0; i < sizeof(not_toml) / sizeof(not_toml[0]); i++) {
        if (client_toml.put(str_from(not_toml[i]), STR("s"), &plain, &out, &err) != ST_CONFIG ||
            !str_starts(str_from(err.text), STR("is not TOML: line ")))
            fail_msg("%s is taken", not_toml[i]);
        buffer_clear(&out);
    }
    expect_refused(&client_toml, "a = 1\nb = x\n",
                   "is not TOML: line 2: there is no value that could be read");
    expect_refused(&client_toml, "a = 1\n[s]\nhexmcp = {}\n",
                   "has \"s\" in a form that cannot be edited (line 3); write each server as a table "
                   "[s.NAME]");
    expect_refused(&client_toml, "s.x.command = 'y'\n",
                   "has \"s\" in a form that cannot be edited (line 1); write each server as a table "
                   "[s.NAME]");
    expect_refused(&client_toml, "[s.hexmcp.env]\nA = 'b'\n",
                   "has tables below [s.hexmcp] and not that table");
    expect_refused(&client_toml, "[s.hexmcp]\nurl = 'u'\n",
                   "has an entry \"hexmcp\" that starts no command; choose another --name");
}

static void test_toml_takes_what_the_standard_allows(void **state)
{
    (void)state;
    const char *text =
        "a = 1979-05-27T07:32:00.999-07:00\nb = 1979-05-27 07:32:00\nc = 1979-05-27\nd = 07:32:00\n"
        "e = [ [1, 2], ['a', {b = 1, c.d = 2}], ]\nf = 0xDEAD_beef\ng = 0o755\nh = 0b1101\n"
        "i = +1_000.5e-3\nj = -inf\nk = nan\nl = \"\"\"\\\n   x\"\"\"\"\"\nm = '''\n'a''\n'''\n"
        "\"quoted key\" = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"\n'lit.eral'.x = true\n1.2 = false\n"
        "[ t . 'u' ]\n[[v]]\n[[v]]\n[\"\"]\n";
    struct buffer out = BUFFER_INIT, back = BUFFER_INIT;
    struct error err;
    if (client_toml.put(str_from(text), STR("s"), &plain, &out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(client_toml.remove(buffer_str(&out), STR("s"), STR("hexmcp"), &back, &err), ST_OK);
    expect_text(&back, text);
    buffer_clear(&out);
    buffer_clear(&back);
}

/* --- differences --------------------------------------------------------------------------------- */

static void expect_diff(const char *before, const char *after, const char *want)
{
    struct buffer out = BUFFER_INIT;
    diff_write(&out, str_from(before), str_from(after));
    expect_text(&out, want);
    buffer_clear(&out);
}

static void test_diff(void **state)
{
    (void)state;
    expect_diff("a\n", "a\n", "");
    expect_diff("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect_diff("a\nb\n", "a\nx\nb\n", "@@ -1,2 +1,3 @@\n a\n+x\n b\n");
    expect_diff("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
    expect_diff("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\n  \"b\": 2\n}\n",
                "@@ -1,3 +1,2 @@\n {\n-  \"a\": 1,\n   \"b\": 2\n");
    expect_diff("a\na\n", "a\n", "@@ -1,2 +1,1 @@\n a\n-a\n");
    expect_diff("a\r\n", "b\r\n", "@@ -1,1 +1,1 @@\n-a\n+b\n");
    expect_diff("a", "b\n", "@@ -1,1 +1,1 @@\n-a\n\\ no line break at the end of the file\n+b\n");
}

#define A24 "aaaaaaaaaaaaaaaaaaaaaaaa"

/* Long lines hold the settings of others, which are nobody's business. */
static void test_diff_of_a_long_line(void **state)
{
    (void)state;
    char before[402], after[403];
    memset(before, 'a', 400);
    memcpy(before + 400, "\n", 2);
    memset(after, 'a', 401);
    memcpy(after + 401, "\n", 2);
    before[200] = 'x';
    after[200] = 'Y';
    after[201] = 'Z';
    expect_diff(before, after,
                "@@ -1,1 +1,1 @@\n-\xE2\x80\xA6" A24 "x" A24 "\xE2\x80\xA6\n+\xE2\x80\xA6" A24 "YZ" A24
                "\xE2\x80\xA6\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_section_is_made),
        cmocka_unit_test(test_json_section_is_kept),
        cmocka_unit_test(test_json_comments_and_commas),
        cmocka_unit_test(test_json_layouts),
        cmocka_unit_test(test_json_places_of_the_entry),
        cmocka_unit_test(test_json_update),
        cmocka_unit_test(test_json_refusals),
        cmocka_unit_test(test_toml_table_at_the_end),
        cmocka_unit_test(test_toml_places_of_the_entry),
        cmocka_unit_test(test_toml_update),
        cmocka_unit_test(test_toml_refusals),
        cmocka_unit_test(test_toml_takes_what_the_standard_allows),
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_diff_of_a_long_line),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
