/* Section 14: Mcp-Param-..., the headers that repeat arguments. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>

#define TOOL                                                                                       \
    "{'name':'x','inputSchema':{'type':'object','properties':{"                                    \
    "'region':{'type':'string','x-mcp-header':'Region'},"                                          \
    "'level':{'type':'integer','x-mcp-header':'Level'},"                                           \
    "'dry':{'type':'boolean','x-mcp-header':'Dry-Run'},"                                           \
    "'plain':{'type':'string'},"                                                                   \
    "'deep':{'type':'object','properties':{'er':{'type':'string','x-mcp-header':'Deep'}}},"        \
    "'list':{'type':'array','items':{'type':'object','properties':{"                               \
    "'no':{'type':'string','x-mcp-header':'No'}}}}}}}"

static void with_tool(struct web *web)
{
    add_tool(web->w, "where", TOOL);
    pass(web->w, 1000);
    web->w->at_once = GOOD;
}

static struct http_exchange *call(struct web *web, const char *headers, const char *arguments)
{
    char all[600], body[900];
    snprintf(all, sizeof(all), NAMED_HEADERS("tools/call", "where") "%s", headers);
    snprintf(body, sizeof(body),
             REQUEST("1", "tools/call", "'name':'where','arguments':{%s}," META), arguments);
    return post(web, all, body);
}

static void good(struct web *web, const char *headers, const char *arguments)
{
    expect_json(call(web, headers, arguments), 200, MODERN_TEXT_RESULT("1", "ok"));
}

static void bad(struct web *web, const char *headers, const char *arguments, const char *text)
{
    char error[400];
    snprintf(error, sizeof(error), ERROR("1", "-32020", "the header Mcp-Param-%s"), text);
    expect_json(call(web, headers, arguments), 400, error);
}

static void test_s14_param_header_repeats_the_argument(void **state)
{
    struct web *web = *state;
    with_tool(web);
    good(web, "", "");
    good(web, "", "'plain':'p','list':[{'no':'x'}]");
    good(web, "Mcp-Param-Region: eu\n", "'region':'eu'");
    good(web, "mcp-param-region:  eu \n", "'region':'\\u0065u'");
    bad(web, "", "'region':'eu'", "Region is missing; it must repeat params.arguments.region");
    bad(web, "Mcp-Param-Region: EU\n", "'region':'eu'",
        "Region does not say the same as params.arguments.region");
    bad(web, "Mcp-Param-Region: eu\nMcp-Param-Region: eu\n", "'region':'eu'",
        "Region came more than once; it must repeat params.arguments.region");
    bad(web, "Mcp-Param-Region: eu\n", "",
        "Region is there, but the body has no params.arguments.region");
    bad(web, "Mcp-Param-Region: null\n", "'region':null",
        "Region is there, but the body has no params.arguments.region");
    good(web, "", "'region':null");
    /* the empty text is a text */
    good(web, "Mcp-Param-Region: \n", "'region':''");
    bad(web, "", "'region':''", "Region is missing; it must repeat params.arguments.region");
}

static void test_s14_param_header_of_a_nested_property(void **state)
{
    struct web *web = *state;
    with_tool(web);
    good(web, "Mcp-Param-Deep: a b\n", "'deep':{'er':'a b'}");
    bad(web, "", "'deep':{'er':'x'}", "Deep is missing; it must repeat params.arguments.deep.er");
    bad(web, "Mcp-Param-Deep: x\n", "'deep':7",
        "Deep is there, but the body has no params.arguments.deep.er");
}

static void test_s14_param_header_as_base64(void **state)
{
    struct web *web = *state;
    with_tool(web);
#define NO_BASE64 "Region is no base64 with padding between =?base64? and ?="
    good(web, "Mcp-Param-Region: =?base64?SGVsbG8=?=\n", "'region':'Hello'");
    good(web, "Mcp-Param-Region: =?base64?w7w=?=\n", "'region':'\xC3\xBC'");
    good(web, "Mcp-Param-Region: =?base64?\?=\n", "'region':''");
    bad(web, "Mcp-Param-Region: =?base64?SGVsbG8?=\n", "'region':'Hello'", NO_BASE64);
    bad(web, "Mcp-Param-Region: =?base64?SGVs!!!bG8=?=\n", "'region':'Hello'", NO_BASE64);
    bad(web, "Mcp-Param-Region: =?base64?SGVsbG9?=\n", "'region':'Hello'", NO_BASE64);
    good(web, "Mcp-Param-Region: SGVsbG8=\n", "'region':'SGVsbG8='");
    good(web, "Mcp-Param-Region: =?base64?SGVsbG8=\n", "'region':'=?base64?SGVsbG8='");
    good(web, "Mcp-Param-Region: =?base64?=\n", "'region':'=?base64?='");
    bad(web, "Mcp-Param-Region: \xC3\xBC\n", "'region':'\xC3\xBC'",
        "Region holds octets that are not printable ASCII; send =?base64?...?=");
}

static void test_s14_param_header_of_numbers_and_booleans(void **state)
{
    struct web *web = *state;
    with_tool(web);
    good(web, "Mcp-Param-Level: 5\n", "'level':5");
    good(web, "Mcp-Param-Level: 5.0\n", "'level':5");
    good(web, "Mcp-Param-Level: 50e-1\n", "'level':5.0");
    good(web, "Mcp-Param-Level: 9007199254740991\n", "'level':9007199254740991");
    bad(web, "Mcp-Param-Level: 6\n", "'level':5",
        "Level does not say the same as params.arguments.level");
    bad(web, "Mcp-Param-Level: five\n", "'level':5",
        "Level does not say the same as params.arguments.level");
    bad(web, "Mcp-Param-Level: \n", "'level':5",
        "Level does not say the same as params.arguments.level");
    good(web, "Mcp-Param-Dry-Run: true\n", "'dry':true");
    bad(web, "Mcp-Param-Dry-Run: True\n", "'dry':true",
        "Dry-Run does not say the same as params.arguments.dry");
    bad(web, "Mcp-Param-Dry-Run: false\n", "'dry':true",
        "Dry-Run does not say the same as params.arguments.dry");
    good(web, "Mcp-Param-Dry-Run: false\n", "'dry':false");
}

static void test_s14_unknown_param_headers_are_ignored(void **state)
{
    struct web *web = *state;
    with_tool(web);
    good(web, "Mcp-Param-Other: x\nMcp-Param-No: y\nMcp-Param-: z\n", "'plain':'p'");
}

static void test_s14_params_are_checked_after_their_shape(void **state)
{
    struct web *web = *state;
    with_tool(web);
    expect_json(post(web, NAMED_HEADERS("tools/call", "where"),
                     REQUEST("1", "tools/call", "'name':'where','arguments':[]," META)), 200,
                ERROR("1", "-32602", "\\'arguments\\' must be an object"));
    /* nothing runs */
    bad(web, "", "'region':'eu'", "Region is missing; it must repeat params.arguments.region");
    assert_int_equal(web->w->call_count, 0);
}

static void test_s14_sessions_do_not_look_at_them(void **state)
{
    struct web *web = *state;
    with_tool(web);
    begin(web, "2025-11-25");
    expect_json(send_in_session(web, "POST", JSON_BOTH "Mcp-Method: x\nMcp-Name: y\n",
                                REQUEST("1", "tools/call",
                                        "'name':'where','arguments':{'region':'eu'}")),
                200, TEXT_RESULT("1", "ok"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_param_header_repeats_the_argument),
        WEB_TEST(test_s14_param_header_of_a_nested_property),
        WEB_TEST(test_s14_param_header_as_base64),
        WEB_TEST(test_s14_param_header_of_numbers_and_booleans),
        WEB_TEST(test_s14_unknown_param_headers_are_ignored),
        WEB_TEST(test_s14_params_are_checked_after_their_shape),
        WEB_TEST(test_s14_sessions_do_not_look_at_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
