/* Every rule: values that fit, and the exact errors of those that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/asserts.h"

#define TOOL "data-validator"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.data-validator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* `errors` holds `count` errors of a whole result. */
static void expect(const char *args, int count, const char *errors, const char *truncated)
{
    char expected[4000];
    snprintf(expected, sizeof(expected),
             "{\"structuredContent\":{\"valid\":%s,\"error_count\":%d,\"errors\":[%s],"
             "\"truncated\":%s}}",
             count ? "false" : "true", count, errors, truncated);
    assert_result(&plugin, TOOL, args, expected);
}

static void fits(const char *input, const char *rule)
{
    char args[1500];
    snprintf(args, sizeof(args), "{\"input\":%s,\"rules\":[{\"rule\":%s}]}", input, rule);
    expect(args, 0, "", "false");
}

/* The one error is about the whole value. */
static void breaks(const char *input, const char *rule, const char *message)
{
    char args[1500], name[20], error[2000];
    snprintf(args, sizeof(args), "{\"input\":%s,\"rules\":[{\"rule\":%s}]}", input, rule);
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(rule + 1, "\""), rule + 1);
    snprintf(error, sizeof(error),
             "{\"field\":\"\",\"rule\":\"%s\",\"message\":\"%s\",\"value\":%s}", name, message,
             input);
    expect(args, 1, error, "false");
}

static void test_required(void **state)
{
    (void)state;
    fits("\"\"", "\"required\"");
    fits("false", "\"required\"");
    breaks("null", "\"required\"", "is required, but null");
}

static void test_type(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"\"a\"", "string"},  {"1.5", "number"}, {"-3", "integer"},     {"1e2", "integer"},
        {"2.0", "integer"},   {"true", "boolean"}, {"[1]", "array"},    {"{}", "object"},
        {"null", "null"},     {"123456789012345678901234567890", "integer"},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char rule[80];
        snprintf(rule, sizeof(rule), "\"type\",\"expected\":\"%s\"", values[i][1]);
        fits(values[i][0], rule);
    }
    breaks("1", "\"type\",\"expected\":\"string\"", "must be a string, is a number");
    breaks("1.5", "\"type\",\"expected\":\"integer\"", "must be an integer, is a fraction");
    breaks("\"1\"", "\"type\",\"expected\":\"integer\"", "must be an integer, is a string");
    breaks("null", "\"type\",\"expected\":\"object\"", "must be an object, is null");
    breaks("[]", "\"type\",\"expected\":\"null\"", "must be null, is an array");
}

static void test_length(void **state)
{
    (void)state;
    fits("\"äöü\"", "\"length\",\"min\":3,\"max\":3");
    fits("\"\\ud83d\\ude00\"", "\"length\",\"max\":1");
    fits("null", "\"length\",\"min\":1");
    breaks("\"ab\"", "\"length\",\"min\":3", "must have at least 3 characters, has 2");
    breaks("[1,2,3]", "\"length\",\"max\":2", "must have at most 2 items, has 3");
    breaks("{}", "\"length\",\"min\":1", "must have at least 1 properties, has 0");
    breaks("7", "\"length\",\"min\":1",
           "must be a string, an array or an object to have a length, is a number");
}

static void test_range(void **state)
{
    (void)state;
    fits("1", "\"range\",\"min\":1,\"max\":1.0");
    fits("9007199254740993", "\"range\",\"min\":9007199254740993");
    breaks("9007199254740992", "\"range\",\"min\":9007199254740993",
           "must be at least 9007199254740993, is 9007199254740992");
    breaks("0.5", "\"range\",\"min\":1", "must be at least 1, is 0.5");
    breaks("1e400", "\"range\",\"max\":1e3", "must be at most 1e3, is 1e400");
    breaks("-1e400", "\"range\",\"min\":0", "must be at least 0, is -1e400");
    breaks("\"5\"", "\"range\",\"min\":1", "must be a number, is a string");
}

static void test_pattern(void **state)
{
    (void)state;
    fits("\"xab\"", "\"pattern\",\"regex\":\"a.$\"");
    fits("\"Éλ\"", "\"pattern\",\"regex\":\"^\\\\p{Lu}\\\\w$\"");
    fits("\"\"", "\"pattern\",\"regex\":\"^$\"");
    breaks("\"xab\"", "\"pattern\",\"regex\":\"^a\"", "must match the regex of the rule");
    breaks("1", "\"pattern\",\"regex\":\"1\"", "must be a string, is a number");
    assert_error(&plugin, TOOL,
                 "{\"input\":{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"},\"rules\":[{\"rule\":"
                 "\"object\",\"properties\":{\"a\":[{\"rule\":\"pattern\",\"regex\":\"^(a+)+$\"}]}}]}",
                 HEXMCP_E_TOO_LARGE,
                 "input/a: regex takes too many steps on this value; do not nest repeats as in (a+)+, "
                 "or make them possessive (a++), or put a length rule in front and fail_fast");
}

static void test_enum(void **state)
{
    (void)state;
    fits("1.0", "\"enum\",\"values\":[\"a\",1]");
    fits("\"\\u0061\"", "\"enum\",\"values\":[\"a\",1]");
    fits("{\"b\":[1],\"a\":2e0}", "\"enum\",\"values\":[{\"a\":2,\"b\":[1.0]}]");
    fits("null", "\"enum\",\"values\":[null]");
    breaks("null", "\"enum\",\"values\":[1,2]", "must be one of [1,2]");
    breaks("\"A\"", "\"enum\",\"values\":[\"a\"]", "must be one of [\\\"a\\\"]");
    breaks("{\"a\":1}", "\"enum\",\"values\":[{\"a\":1,\"b\":1}]",
           "must be one of [{\\\"a\\\":1,\\\"b\\\":1}]");
    breaks("10000000000000000000001", "\"enum\",\"values\":[10000000000000000000002]",
           "must be one of [10000000000000000000002]");
}

static void test_email(void **state)
{
    (void)state;
    static const char *const good[] = {
        "\"a@b.org\"",           "\"first.last+tag@sub.example.co.uk\"", "\"o'neil@example.com\"",
        "\"\\\"a b\\\"@b.org\"", "\"\\\"a\\\\\\\"b\\\"@b.org\"",         "\"jörg@bücher.example\"",
        "\"x@xn--bcher-kva.ch\"", "\"用户@例子.广告\"",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        fits(good[i], "\"email\"");
    breaks("\"plain\"", "\"email\"", "must be an e-mail address: there is no @");
    static const char *const bad_local[] = {
        "\"@b.org\"", "\".a@b.org\"", "\"a.@b.org\"", "\"a..b@b.org\"", "\"a b@b.org\"",
        "\"a@b@c.org\"", "\"a\\u0000@b.org\"", "\"\\\"a@b.org\"", "\"\\\"a\\\\\\\"@b.org\"",
    };
    for (size_t i = 0; i < sizeof(bad_local) / sizeof(bad_local[0]); i++)
        breaks(bad_local[i], "\"email\"", "must be an e-mail address: what is in front of @ is wrong");
    static const char *const bad_domain[] = {
        "\"a@\"", "\"a@localhost\"", "\"a@-b.org\"", "\"a@b..org\"", "\"a@b.org.\"", "\"a@b_c.org\"",
        "\"a@[192.0.2.1]\"", "\"a@192.0.2.1\"", "\"a@b c.org\"",
        "\"a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org\"",
    };
    for (size_t i = 0; i < sizeof(bad_domain) / sizeof(bad_domain[0]); i++)
        breaks(bad_domain[i], "\"email\"", "must be an e-mail address: the domain behind @ is wrong");
    breaks("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.org\"", "\"email\"",
           "must be an e-mail address: at most 64 bytes in front of @ and 254 in all");
}

static void test_url(void **state)
{
    (void)state;
    fits("\"https://example.org/a?b=c#d\"", "\"url\"");
    fits("\"HTTP://user@[::1]:8080/\"", "\"url\"");
    fits("\"http://x\"", "\"url\"");
    breaks("\"example.org\"", "\"url\"", "must be a URL: it does not begin with http:// or https://");
    breaks("\"ftp://example.org\"", "\"url\"", "must be a URL that begins with http:// or https://");
    breaks("\"mailto:a@b.org\"", "\"url\"", "must be a URL that begins with http:// or https://");
    breaks("\"http:///a\"", "\"url\"", "must be a URL: the host is missing");
    breaks("\"http://a:65536/\"", "\"url\"", "must be a URL: the port is above 65535");
    static const char *const bad[] = {"\"http://a b\"", "\"http://bücher.example\"", "\"http://[::1\"",
                                      "\"http://a/%zz\"", "\"http://a\\u0000\""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        breaks(bad[i], "\"url\"",
               "must be a URL: a character stands where none may; write those that are not ASCII as "
               "%XX, and hosts as xn--");
}

static void test_date(void **state)
{
    (void)state;
    fits("\"2024-02-29\"", "\"date\"");
    fits("\"0099-01-31\"", "\"date\"");
    fits("\"31.12.99 23:59\"", "\"date\",\"format\":\"%d.%m.%y %H:%M\"");
    fits("\"Thu, 29 Feb 2024\"", "\"date\",\"format\":\"%a, %d %b %Y\"");
    fits("\"100%\"", "\"date\",\"format\":\"100%%\"");
    static const char *const bad[] = {"\"2023-02-29\"", "\"2024-2-9\"",  "\"2024-13-01\"", "\"\"",
                                      "\"2024-02-29 \"", "\" 2024-02-29\"", "\"2024-02-29\\u0000\""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        breaks(bad[i], "\"date\"", "must be a date that exists, in the format %Y-%m-%d");
    breaks("\"Fri, 29 Feb 2024\"", "\"date\",\"format\":\"%a, %d %b %Y\"",
           "must be a date that exists, in the format %a, %d %b %Y");
    fits("\"2024-02-29T23:59:59Z\"", "\"date\",\"format\":\"rfc3339\"");
    fits("\"2024-02-29t00:00:00.123456+05:30\"", "\"date\",\"format\":\"rfc3339\"");
    static const char *const bad_moments[] = {
        "\"2024-02-29T23:59:59\"",       "\"2024-02-30T00:00:00Z\"", "\"2024-02-29T24:00:00Z\"",
        "\"2024-02-29T00:00:00.Z\"",     "\"2024-02-29T00:00:00+24:00\"", "\"2024-02-29\"",
        "\"2024-02-29T00:00:00+0100\"",
    };
    for (size_t i = 0; i < sizeof(bad_moments) / sizeof(bad_moments[0]); i++)
        breaks(bad_moments[i], "\"date\",\"format\":\"rfc3339\"",
               "must be a date that exists, in the format rfc3339");
}

static void test_custom(void **state)
{
    (void)state;
    fits("\"+49 (30) 123-456.7\"", "\"custom\",\"name\":\"phone\"");
    fits("\"030/1234567\"", "\"custom\",\"name\":\"phone\"");
    breaks("\"+0301234567\"", "\"custom\",\"name\":\"phone\"",
           "must be a phone number: no country code begins with 0; write +49 30 ...");
    static const char *const no_phones[] = {"\"123456\"", "\"1234567890123456\"", "\"12345a78\"",
                                            "\"123\\u00004567\"", "\"++4912345678\""};
    for (size_t i = 0; i < sizeof(no_phones) / sizeof(no_phones[0]); i++)
        breaks(no_phones[i], "\"custom\",\"name\":\"phone\"",
               "must be a phone number: 7 to 15 digits, with + in front if it is international");
    fits("\"4111 1111 1111 1111\"", "\"custom\",\"name\":\"credit_card\"");
    fits("\"378282246310005\"", "\"custom\",\"name\":\"credit_card\"");
    breaks("\"4111 1111 1111 1112\"", "\"custom\",\"name\":\"credit_card\"",
           "must be a card number: the check digit is wrong");
    breaks("\"00000000000\"", "\"custom\",\"name\":\"credit_card\"",
           "must be a card number: 12 to 19 digits");
    fits("\"123e4567-E89b-12d3-a456-426614174000\"", "\"custom\",\"name\":\"uuid\"");
    breaks("\"123e4567e89b12d3a456426614174000\"", "\"custom\",\"name\":\"uuid\"",
           "must be a UUID: 8-4-4-4-12 hexadecimal digits");
}

static void test_array(void **state)
{
    (void)state;
    fits("[\"a\",\"b\"]", "\"array\",\"min_items\":2,\"max_items\":2,\"unique\":true");
    fits("[]", "\"array\",\"item_rules\":[{\"rule\":\"required\"}]");
    fits("[0,false,\"0\",null,[],{}]", "\"array\",\"unique\":true");
    breaks("{}", "\"array\"", "must be an array, is an object");
    breaks("[1]", "\"array\",\"min_items\":2", "must have at least 2 items, has 1");
    breaks("[3,10,1,1e1]", "\"array\",\"unique\":true",
           "must have no equal items, but items 1 and 3 are");
    breaks("[{\"a\":1,\"b\":[]},0,{\"b\":[],\"\\u0061\":1.0}]", "\"array\",\"unique\":true",
           "must have no equal items, but items 0 and 2 are");
    expect("{\"input\":[1,null,\"a\"],\"rules\":[{\"rule\":\"array\",\"item_rules\":[{\"rule\":\"required\"},"
           "{\"rule\":\"type\",\"expected\":\"integer\"}]}]}", 3,
           "{\"field\":\"/1\",\"rule\":\"required\",\"message\":\"is required, but null\",\"value\":null},"
           "{\"field\":\"/1\",\"rule\":\"type\",\"message\":\"must be an integer, is null\",\"value\":null},"
           "{\"field\":\"/2\",\"rule\":\"type\",\"message\":\"must be an integer, is a string\",\"value\":"
           "\"a\"}", "false");
}

static void test_object(void **state)
{
    (void)state;
    breaks("[]", "\"object\"", "must be an object, is an array");
    fits("{\"a\":1,\"other\":2}",
         "\"object\",\"properties\":{\"a\":[{\"rule\":\"required\"}],\"b\":[{\"rule\":\"email\"}]}");
    fits("{\"a\":1,\"b\":2}", "\"object\",\"properties\":{\"\\u0061\":[]},\"required\":[\"b\"],"
                              "\"additional_properties\":false");
    expect("{\"input\":{\"x/~y\":1,\"n\":{\"m\":[{\"k\":5}]}},\"rules\":[{\"rule\":\"object\",\"required\":"
           "[\"r\",\"n\"],\"properties\":{\"n\":[{\"rule\":\"object\",\"properties\":{\"m\":[{\"rule\":\"array\","
           "\"item_rules\":[{\"rule\":\"object\",\"properties\":{\"k\":[{\"rule\":\"range\",\"max\":4}],"
           "\"q\":[{\"rule\":\"required\"}]}}]}]}}]},\"additional_properties\":false}]}", 4,
           "{\"field\":\"/r\",\"rule\":\"object\",\"message\":\"is required, but missing\"},"
           "{\"field\":\"/n/m/0/k\",\"rule\":\"range\",\"message\":\"must be at most 4, is 5\",\"value\":5},"
           "{\"field\":\"/n/m/0/q\",\"rule\":\"required\",\"message\":\"is required, but missing\"},"
           "{\"field\":\"/x~1~0y\",\"rule\":\"object\",\"message\":\"is not among the properties of the "
           "rule, and others are not allowed\",\"value\":1}", "false");
}

static void test_how_much_is_told(void **state)
{
    (void)state;
#define TWO "\"input\":1,\"rules\":[{\"rule\":\"email\"},{\"rule\":\"url\"}]"
#define EMAIL "{\"field\":\"\",\"rule\":\"email\",\"message\":\"must be a string, is a number\",\"value\":1}"
#define URL "{\"field\":\"\",\"rule\":\"url\",\"message\":\"must be a string, is a number\",\"value\":1}"
    expect("{" TWO "}", 2, EMAIL "," URL, "false");
    expect("{" TWO ",\"fail_fast\":true}", 1, EMAIL, "false");
    expect("{" TWO ",\"max_errors\":1}", 1, EMAIL, "true");
    expect("{" TWO ",\"max_errors\":2}", 2, EMAIL "," URL, "false");
    expect("{" TWO ",\"max_errors\":1,\"schema\":false}", 1, EMAIL, "true");
}

static void test_custom_messages(void **state)
{
    (void)state;
    expect("{\"input\":[\"x\",1],\"rules\":[{\"rule\":\"array\",\"item_rules\":[{\"rule\":\"email\"}]}],"
           "\"custom_messages\":{\"email\":\"Wrong.\",\"/1:email\":\"Second: \\\"no\\\".\"}}", 2,
           "{\"field\":\"/0\",\"rule\":\"email\",\"message\":\"Wrong.\",\"value\":\"x\"},"
           "{\"field\":\"/1\",\"rule\":\"email\",\"message\":\"Second: \\\"no\\\".\",\"value\":1}", "false");
}

static void test_long_values_are_not_shown(void **state)
{
    (void)state;
    char args[1300], text[1026];
    memset(text, 'a', sizeof(text));
    text[1025] = '\0';
    snprintf(args, sizeof(args), "{\"input\":\"%s\",\"rules\":[{\"rule\":\"length\",\"max\":1}]}", text);
    expect(args, 1, "{\"field\":\"\",\"rule\":\"length\",\"message\":\"must have at most 1 characters, has "
                    "1025\"}", "false");
}

static void test_schema(void **state)
{
    (void)state;
    expect("{\"input\":{\"a\":1},\"schema\":{\"properties\":{\"a\":{\"type\":\"integer\"}}}}", 0, "", "false");
    expect("{\"input\":{\"a\":\"x\"},\"schema\":{\"properties\":{\"a\":{\"format\":\"ipv4\",\"minLength\":3}}},"
           "\"custom_messages\":{\"schema\":\"no\"}}", 2,
           "{\"field\":\"/a\",\"rule\":\"schema\",\"message\":\"no\",\"keyword\":\"minLength\","
           "\"schema_location\":\"#/properties/a/minLength\"},{\"field\":\"/a\",\"rule\":\"schema\","
           "\"message\":\"no\",\"keyword\":\"format\",\"schema_location\":\"#/properties/a/format\"}", "false");
    expect("{\"input\":\"x\",\"rules\":[{\"rule\":\"email\"}],\"schema\":{\"type\":\"integer\"}}", 2,
           "{\"field\":\"\",\"rule\":\"email\",\"message\":\"must be an e-mail address: there is no @\","
           "\"value\":\"x\"},{\"field\":\"\",\"rule\":\"schema\",\"message\":\"must be an integer, is a string\","
           "\"keyword\":\"type\",\"schema_location\":\"#/type\"}", "false");
    expect("{\"input\":\"x\",\"schema\":{\"type\":\"integer\",\"minLength\":2},\"fail_fast\":true}", 1,
           "{\"field\":\"\",\"rule\":\"schema\",\"message\":\"must be an integer, is a string\","
           "\"keyword\":\"type\",\"schema_location\":\"#/type\"}", "false");
    /* A schema tells of sixteen at most. */
    assert_error(&plugin, TOOL, "{\"input\":1,\"schema\":{\"$ref\":\"#/none\"}}", HEXMCP_E_NOT_FOUND,
                 "the schema: #/$ref: \"#/none\" leads nowhere: the schema has no such place");
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *args, *text;
    } errors[] = {
        {"{\"rules\":[]}", "input is missing; give the value to check"},
        {"{\"input\":1}", "there is nothing to check by; give rules (an array of rules), schema (a JSON "
                          "Schema) or both"},
        {"{\"input\":1,\"rules\":[],\"max_errors\":0}",
         "max_errors is not a whole number from 1 to 1000"},
        {"{\"input\":1,\"rules\":[],\"fail_fast\":1}", "fail_fast is not true or false"},
        {"{\"input\":1,\"rules\":[],\"custom_messages\":{\"a\":1}}",
         "custom_messages is not an object of texts; give {\"RULE\": \"text\"} or {\"FIELD:RULE\": "
         "\"text\"}"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        assert_error(&plugin, TOOL, errors[i].args, HEXMCP_E_INVALID, errors[i].text);
}

static void test_wrong_rules(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *text;
    } errors[] = {
        {"1", "rules/0: a rule must be an object such as {\"rule\": \"required\"}"},
        {"{}", "rules/0: rule must be required, type, length, range, pattern, enum, email, url, date, "
               "custom, array or object"},
        {"{\"rule\":\"email\",\"mx\":true}", "rules/0: \"mx\" is unknown to the rule email"},
        {"{\"rule\":\"type\",\"expected\":\"text\"}",
         "rules/0: expected must be string, number, integer, boolean, array, object or null"},
        {"{\"rule\":\"length\"}", "rules/0: give min, max or both"},
        {"{\"rule\":\"length\",\"min\":1.5}", "rules/0: min must be a whole number, 0 or more"},
        {"{\"rule\":\"range\",\"min\":\"1\"}", "rules/0: min must be a number"},
        {"{\"rule\":\"range\",\"min\":2,\"max\":1.5}", "rules/0: min is above max"},
        {"{\"rule\":\"pattern\"}", "rules/0: regex must be a string: a regular expression"},
        {"{\"rule\":\"pattern\",\"regex\":\"(\"}",
         "rules/0: regex is wrong at byte 1: missing closing parenthesis; correct it"},
        {"{\"rule\":\"enum\",\"values\":[]}", "rules/0: values must be an array with the allowed values"},
        {"{\"rule\":\"date\",\"format\":\"%Q\"}",
         "rules/0: format knows %Y %m %d %H %M %S %y %j %b %B %a %A %e %I %p %F %T %D %R and %%, or is "
         "rfc3339"},
        {"{\"rule\":\"date\",\"format\":\"\"}", "rules/0: format must have 1 to 100 bytes"},
        {"{\"rule\":\"custom\",\"name\":\"iban\"}",
         "rules/0: name must be phone, credit_card or uuid"},
        {"{\"rule\":\"array\",\"unique\":1}", "rules/0: unique must be true or false"},
        {"{\"rule\":\"array\",\"item_rules\":[{\"rule\":\"required\"},{\"rule\":\"x\"}]}",
         "rules/0/item_rules/1: rule must be required, type, length, range, pattern, enum, email, url, "
         "date, custom, array or object"},
        {"{\"rule\":\"object\",\"properties\":[]}",
         "rules/0: properties must be an object: names with arrays of rules"},
        {"{\"rule\":\"object\",\"properties\":{\"a\":{}}}",
         "rules/0/properties/a: there must be an array of rules"},
        {"{\"rule\":\"object\",\"required\":[1]}", "rules/0: required must be an array of names"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        char args[300];
        snprintf(args, sizeof(args), "{\"input\":1,\"rules\":[%s]}", errors[i].rule);
        assert_error(&plugin, TOOL, args, HEXMCP_E_INVALID, errors[i].text);
    }
}

/* Puts `unit` `count` times between the other two; to be freed. */
static char *repeated(const char *before, const char *unit, size_t count, const char *after)
{
    char *text = malloc(strlen(before) + strlen(unit) * count + strlen(after) + 1);
    assert_non_null(text);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, unit);
    strcpy(at, after);
    return text;
}

static void test_limits(void **state)
{
    (void)state;
    char *args = repeated("{\"input\":1,\"rules\":", "[{\"rule\":\"array\",\"item_rules\":", 32,
                          "[]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}");
    hexmcp_fake_answer answer;
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_E_INVALID);
    assert_non_null(strstr(answer.error.text, ": rules are nested deeper than 32"));
    hexmcp_fake_answer_free(&answer);
    free(args);
    args = repeated("{\"input\":1,\"rules\":[", "{\"rule\":\"url\"},", 10000, "{\"rule\":\"url\"}]}");
    assert_error(&plugin, TOOL, args, HEXMCP_E_INVALID, "rules: there are more than 10000 rules");
    free(args);
    args = repeated("{\"rules\":[],\"input\":\"", "aaaaaaaaaaaaaaaa", 655360, "\"}");
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "input has 10485762 bytes, but at most 10485760 (10 MiB) are taken; check it in parts");
    free(args);
}

/* Each pattern alone stays within its steps. */
static void test_time(void **state)
{
    (void)state;
    char *args = repeated("{\"rules\":[{\"rule\":\"array\",\"item_rules\":[{\"rule\":\"pattern\",\"regex\":"
                          "\"(?:a|aa)*[bc]|a\"}]}],\"max_errors\":1000,\"input\":[",
                          "\"aaaaaaaaaaaaaaaaaaaa\",", 100000, "\"b\"]}");
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "the check was stopped after 2 s of processor time; give a smaller input, fewer rules "
                 "or simpler patterns");
    free(args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_enum),
        cmocka_unit_test(test_email),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_custom),
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_how_much_is_told),
        cmocka_unit_test(test_custom_messages),
        cmocka_unit_test(test_long_values_are_not_shown),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_wrong_rules),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("data_validator", tests, load, unload);
}
