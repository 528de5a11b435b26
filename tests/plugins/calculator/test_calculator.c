#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.calculator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* The arguments for an expression, to be freed. */
static char *arguments(const char *operation, const char *input, const char *variables)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    if (operation)
        hexmcp_json_put_text(&w, "operation", operation);
    hexmcp_json_put_text(&w, "input", input);
    if (variables)
        hexmcp_json_put_raw(&w, "variables", hexmcp_str_from(variables));
    hexmcp_json_end_object(&w);
    char *text = hexmcp_json_writer_take(&w, NULL);
    assert_non_null(text);
    return text;
}

/* Compares "<result> <result_type>" of an evaluation. */
static void check_with(const char *input, const char *variables, const char *expected)
{
    hexmcp_fake_answer answer;
    char found[100];
    hexmcp_str content, result, type;
    char *args = arguments(NULL, input, variables);
    plugin_run(&plugin, "calculator", args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s: %s", input, answer.error.text);
    assert_int_equal(
        hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content), 0);
    assert_int_equal(hexmcp_json_get(content, "result", &result), 0);
    assert_int_equal(hexmcp_json_get(content, "result_type", &type), 0);
    snprintf(found, sizeof(found), "%.*s %.*s", (int)result.len, result.ptr, (int)type.len - 2,
             type.ptr + 1);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: %s, expected %s", input, found, expected);
    hexmcp_fake_answer_free(&answer);
    free(args);
}

static void check(const char *input, const char *expected)
{
    check_with(input, NULL, expected);
}

static void check_error_with(const char *input, const char *variables, int32_t code,
                             const char *text)
{
    char *args = arguments(NULL, input, variables);
    assert_error(&plugin, "calculator", args, code, text);
    free(args);
}

static void check_error(const char *input, const char *text)
{
    check_error_with(input, NULL, HEXMCP_E_INVALID, text);
}

static void check_limit(const char *input, const char *text)
{
    check_error_with(input, NULL, HEXMCP_E_TOO_LARGE, text);
}

static void answers_whole(void **state)
{
    (void)state;
    assert_result(&plugin, "calculator", "{\"input\":\"1 + 2\"}",
                  "{\"structuredContent\":{\"operation\":\"evaluate\",\"input\":\"1 + 2\","
                  "\"result\":3,\"result_type\":\"integer\",\"variables\":{}}}");
    assert_result(&plugin, "calculator",
                  "{\"variables\":{\"x\":1.50},\"operation\":\"evaluate\",\"input\":\"x\\u002a3\"}",
                  "{\"structuredContent\":{\"operation\":\"evaluate\",\"input\":\"x\\u002a3\","
                  "\"result\":4.5,\"result_type\":\"float\",\"variables\":{\"x\":1.50}}}");
}

static void numbers(void **state)
{
    (void)state;
    check("42", "42 integer");
    check("007", "7 integer");
    check(".5", "0.5 float");
    check("5.", "5 integer");
    check("5.e2", "500 integer");
    check("1.5E+2", "150 integer");
    check("25e-1", "2.5 float");
    check("0.1 + 0.2", "0.30000000000000004 float");
    check("1e-320", "9.99988867182683e-321 float");
    check("1.7976931348623157e308", "1.7976931348623157e+308 float");
    check("9007199254740992", "9007199254740992 integer");
    check("9007199254740992 * 2", "18014398509481984 float");
    check("-0", "0 integer");
    check_limit("1 + 1e309", "the number at character 5 is larger than 1.79e308");
}

static void operators(void **state)
{
    (void)state;
    check("7 - 2 - 1", "4 integer");
    check("2 + 3 * 4", "14 integer");
    check("(2 + 3) * 4", "20 integer");
    check("7 / 2", "3.5 float");
    check("7 % 3", "1 integer");
    check("-7 % 3", "-1 integer");
    check("7.5 % 2", "1.5 float");
    check("7 * 3 % 4", "1 integer");
    check("2 ^ 3 % 5", "3 integer");
    check("2 ^ 3 ^ 2", "512 integer");
    check("2 ** 3", "8 integer");
    check("-2 ^ 2", "-4 integer");
    check("(-2) ^ 2", "4 integer");
    check("2 ^ -1", "0.5 float");
    check("2 - -3", "5 integer");
    check("--3", "3 integer");
    check("---3", "-3 integer");
    check("- + -3", "3 integer");
    check("+3 - +2", "1 integer");
    check("2 * -3", "-6 integer");
    check("6 \xC3\xB7 2 \xC3\x97 4 \xE2\x88\x92 1", "11 integer");
    check("2\t*\n3\r", "6 integer");
}

static void comparisons_and_logic(void **state)
{
    (void)state;
    check("1 == 1", "1 integer");
    check("1 == 2", "0 integer");
    check("1 != 2", "1 integer");
    check("1 < 2", "1 integer");
    check("2 > 1", "1 integer");
    check("2 <= 2", "1 integer");
    check("2 >= 3", "0 integer");
    check("1 && 0", "0 integer");
    check("2 && 3", "1 integer");
    check("1 || 0 && 0", "1 integer");
    check("0 || 0", "0 integer");
    check("!0", "1 integer");
    check("!5", "0 integer");
    check("!!5", "1 integer");
    check("!-1", "0 integer");
    check("-!0", "-1 integer");
    check("-!!5", "-1 integer");
    check("!-!!0 + -!-!-7", "0 integer");
    check("2 - !!7 ^ 2", "1 integer");
    check("!1 == 0", "1 integer");
    check("!(1 == 0)", "1 integer");
    check("1 + 1 == 2 && 3 > 2", "1 integer");
    check("3 !=!0", "1 integer");
}

static void functions_of_one(void **state)
{
    (void)state;
    check("sin(pi() / 2)", "1 integer");
    check("cos(0)", "1 integer");
    check("tan(0)", "0 integer");
    check("asin(1) * 2", "3.141592653589793 float");
    check("acos(1)", "0 integer");
    check("atan(1) * 4", "3.141592653589793 float");
    check("sinh(0)", "0 integer");
    check("cosh(0)", "1 integer");
    check("tanh(0)", "0 integer");
    check("asinh(0)", "0 integer");
    check("acosh(1)", "0 integer");
    check("atanh(0)", "0 integer");
    check("sqrt(2)", "1.4142135623730951 float");
    check("exp(1) == e()", "1 integer");
    check("ln(e())", "1 integer");
    check("abs(-2.5)", "2.5 float");
    check("sign(-3) + sign(0) * 10 + sign(7) * 100", "99 integer");
    check("int(2.9) + int(-2.9)", "0 integer");
    check("ceil(2.1) * 10 + ceil(-2.1)", "28 integer");
    check("floor(2.9) * 10 + floor(-2.1)", "17 integer");
    check("round(2.5) * 10 + round(-2.5)", "27 integer");
}

static void other_functions(void **state)
{
    (void)state;
    check("log(10, 1000)", "3 integer");
    check("log(2, 8)", "3 integer");
    check("log(3, 9)", "2 integer");
    check("min(3, 1, 2)", "1 integer");
    check("max(3, 1, 2)", "3 integer");
    check("min(7)", "7 integer");
    check("max(1, 0 / 0, 2)", "\"NaN\" nan");
    check("min(1, 0 / 0, 2)", "\"NaN\" nan");
    check("sign(0 / 0)", "\"NaN\" nan");
    check("pi", "3.141592653589793 float");
    check("\xCF\x80", "3.141592653589793 float");
    check("pi ( )", "3.141592653589793 float");
    check("e", "2.718281828459045 float");
    check("2 * e()", "5.43656365691809 float");
    check("max(min(4, 5), (1 + 2))", "4 integer");
}

static void infinity_and_nan_are_results(void **state)
{
    (void)state;
    check("1 / 0", "\"Infinity\" infinity");
    check("-1 / 0", "\"-Infinity\" infinity");
    check("0 / 0", "\"NaN\" nan");
    check("5 % 0", "\"NaN\" nan");
    check("sqrt(-1)", "\"NaN\" nan");
    check("ln(0)", "\"-Infinity\" infinity");
    check("1e300 * 1e300", "\"Infinity\" infinity");
    check("(-8) ^ (1 / 3)", "\"NaN\" nan");
    check("1 / 0 > 5", "1 integer");
}

static void variables(void **state)
{
    (void)state;
    check_with("x + y_2 * Z", "{\"x\":1,\"y_2\":2,\"Z\":-3}", "-5 integer");
    check_with("e + pi()", "{\"e\":1}", "4.141592653589793 float");
    check_with("e() - e", "{\"e\":0}", "2.718281828459045 float");
    check_with("sin * 2", "{\"sin\":4}", "8 integer");
    check_with("v1 + k_pi", "{\"k_pi\":5,\"v0\":10,\"v1\":20}", "25 integer");
    check_error_with("a + b", "{\"a\":1}", HEXMCP_E_INVALID,
                     "`b` at character 5 has no value; pass it in `variables`");
    check_error_with("a", "{\"2a\":1}", HEXMCP_E_INVALID,
                     "the variable \"2a\" needs another name: at most 63 letters, digits and "
                     "underscores, no digit first");
    check_error_with("a", "{\"a\\u0000b\":1}", HEXMCP_E_INVALID,
                     "the variable \"a\\u0000b\" needs another name: at most 63 letters, digits "
                     "and underscores, no digit first");
    check_error_with("a", "{\"a\":\"1\"}", HEXMCP_E_INVALID,
                     "the variable `a` is no number below 1.79e308; pass a JSON number");
    check_error_with("a", "{\"a\":1e999}", HEXMCP_E_INVALID,
                     "the variable `a` is no number below 1.79e308; pass a JSON number");
}

static void mistakes_name_the_place(void **state)
{
    (void)state;
    check_error("", "the expression is empty; pass for example 2 * (3 + 4) in `input`");
    check_error(" \t", "the expression is empty; pass for example 2 * (3 + 4) in `input`");
    check_error("1 +", "the expression ends where a number, a name or ( should follow");
    check_error("-", "the expression ends where a number, a name or ( should follow");
    check_error("+", "the expression ends where a number, a name or ( should follow");
    check_error("(1 + 2", "what opens at character 1 is never closed; add a )");
    check_error("1 + 2)", ") at character 6 closes nothing; remove it or add a (");
    check_error("()", "expected a number, a name or ( at character 2, found `)`");
    check_error("1 * / 2", "expected a number, a name or ( at character 5, found `/`");
    check_error("2 x", "expected an operator at character 3, found `x`; a product needs *");
    check_error("2(3)", "expected an operator at character 2, found `(`; a product needs *");
    check_error("0x10", "expected an operator at character 2, found `x`; a product needs *");
    check_error("1e+", "expected an operator at character 2, found `e`; a product needs *");
    check_error("1.2.3", "expected an operator at character 4, found `.`; a product needs *");
    check_error("\xC3\xA9 + 1", "expected a number, a name or ( at character 1, found `\xC3\xA9`");
    check_error("1 + \xE2\x82\xAC", "expected a number, a name or ( at character 5, found "
                "`\xE2\x82\xAC`");
    check_error("a = 1", "`a` at character 1 has no value; pass it in `variables`");
    check_error("1 = 1", "expected an operator at character 3, found `=`; == compares, and values "
                "go in `variables`");
    check_error("1 & 1", "expected an operator at character 3, found `&`; and is &&, or is ||");
    check_error("1 | 1", "expected an operator at character 3, found `|`; and is &&, or is ||");
    check_error("5!", "expected an operator at character 2, found `!`; != compares, and there is "
                "no factorial");
    check_error("1 ? 2 : 3", "expected an operator at character 3, found `?`; a product needs *");
    check_error("1,234", "the comma at character 2 stands outside a function; the decimal sign is "
                "a point, and digits are not grouped");
    check_error("max((1, 2))", "the comma at character 7 stands outside a function; the decimal "
                "sign is a point, and digits are not grouped");
    check_error("\"a\"", "expected a number, a name or ( at character 1, found `\"`");
}

static void mistakes_in_functions(void **state)
{
    (void)state;
    check_error("foo(1)", "there is no function `foo` (character 1); the operation `functions` "
                "lists all");
    check_error("1 + sin", "function sin at character 5 needs parentheses; write sin(x)");
    check_error("sin()", "sin at character 1 got 0 arguments; write sin(x)");
    check_error("sin(1, 2)", "sin at character 1 got 2 arguments; write sin(x)");
    check_error("log(8)", "log at character 1 got 1 argument; write log(base, x); ln(x) is the "
                          "natural logarithm");
    check_error("max()", "max at character 1 got 0 arguments; write max(x, ...)");
    check_error("max(1,)", "expected a number, a name or ( at character 7, found `)`");
    check_error("max(,1)", "expected a number, a name or ( at character 5, found `,`");
    check_error("pi(1)", "pi at character 1 takes no arguments; write pi()");
    check_error("pi(", "pi at character 1 takes no arguments; write pi()");
}

/* `before`, then `part` `count` times, then `after`. */
static char *repeat(const char *before, const char *part, size_t count, const char *after)
{
    char *text = malloc(strlen(before) + strlen(part) * count + strlen(after) + 1);
    assert_non_null(text);
    strcpy(text, before);
    for (size_t i = 0; i < count; i++)
        strcat(text, part);
    return strcat(text, after);
}

static void check_repeated(const char *before, const char *part, size_t count, const char *after,
                           const char *expected)
{
    char *input = repeat(before, part, count, after);
    check(input, expected);
    free(input);
}

static void check_repeated_limit(const char *before, const char *part, size_t count,
                                 const char *after, const char *text)
{
    char *input = repeat(before, part, count, after);
    check_limit(input, text);
    free(input);
}

static void limits_hold_exactly(void **state)
{
    (void)state;
    check_repeated("1", " ", 999, "", "1 integer");
    check_repeated_limit("1", " ", 1000, "", "the expression has 1001 characters, more than 1000; "
                                             "split it and pass partial results as variables");
    check_repeated_limit("1", " ", 9000, "", "the expression has more than 1000 characters; split "
                "it and pass partial results as variables");
    check_repeated("1", " + 1", 100, "", "101 integer");
    check_repeated_limit("1", " + 1", 101, "", "the expression has more than 100 operations; split "
                                               "it and pass partial results as variables");
    check_repeated("", "-", 100, "1", "1 integer");
    check_repeated_limit("", "+", 101, "1", "the expression has more than 100 operations; split it "
                                            "and pass partial results as variables");
    check_repeated("0", "+sin(0)", 50, "", "0 integer");
    check_repeated_limit("0", "+sin(0)", 51, "", "the expression calls more than 50 functions; "
                "split it and pass partial results as variables");
    check_repeated_limit("0", "+pi()", 51, "", "the expression calls more than 50 functions; split "
                                               "it and pass partial results as variables");
    check("((((((((((((((((((((1))))))))))))))))))))", "1 integer");
    check_limit("(((((((((((((((((((((1)))))))))))))))))))))",
                "parentheses are nested deeper than 20 at character 21; split the expression and "
                "pass partial results as variables");
    check_limit("((((((((((((((((((((sin(1)))))))))))))))))))))",
                "parentheses are nested deeper than 20 at character 21; split the expression and "
                "pass partial results as variables");
}

static void exponents_are_limited(void **state)
{
    (void)state;
    check("2 ^ 100", "1.2676506002282294e+30 float");
    check("2 ^ -100 * 2 ^ 100", "1 integer");
    check_limit("2 ^ 101", "the exponent 101 is beyond 100; use exp(x * ln(base)) if it is meant");
    check_limit("2 ^ -100.5",
                "the exponent -100.5 is beyond 100; use exp(x * ln(base)) if it is meant");
    check_limit("1 + 2 ^ (50 + 51)",
                "the exponent 101 is beyond 100; use exp(x * ln(base)) if it is meant");
    check_limit("9 ^ 9 ^ 9",
                "the exponent 387420489 is beyond 100; use exp(x * ln(base)) if it is meant");
    check("2 ^ 3", "8 integer"); /* what the last call left behind does not count */
}

/* {"v0":0,...} with `count` members. */
static char *many_variables(size_t count)
{
    char *text = malloc(count * 12 + 3);
    size_t len = 1;
    assert_non_null(text);
    strcpy(text, "{");
    for (size_t i = 0; i < count; i++)
        len += (size_t)sprintf(text + len, "%s\"n%zu\":%zu", i ? "," : "", i, i);
    return strcat(text, "}");
}

static void variables_are_limited(void **state)
{
    char *fits = many_variables(50), *many = many_variables(51);
    (void)state;
    check_with("n49 - n48", fits, "1 integer");
    check_error_with("n49", many, HEXMCP_E_TOO_LARGE,
                     "there are more than 50 variables; pass only those that `input` names");
    free(fits);
    free(many);
}

static void validates(void **state)
{
    (void)state;
    assert_result(&plugin, "calculator", "{\"operation\":\"validate\",\"input\":\"1 + 2\"}",
                  "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"1 + 2\","
                  "\"valid\":true}}");
    assert_result(&plugin, "calculator", "{\"operation\":\"validate\",\"input\":\"1 + x\"}",
                  "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"1 + x\","
                  "\"valid\":false,\"error\":\"`x` at character 5 has no value; pass it in "
                  "`variables`\"}}");
    assert_result(&plugin, "calculator",
                  "{\"operation\":\"validate\",\"input\":\"x\",\"variables\":{\"x\":1}}",
                  "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"x\","
                  "\"valid\":true}}");
    assert_result(&plugin, "calculator",
                  "{\"operation\":\"validate\",\"input\":\"1\",\"variables\":{\"x\":true}}",
                  "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"1\","
                  "\"valid\":false,\"error\":\"the variable `x` is no number below 1.79e308; pass "
                  "a JSON number\"}}");
    assert_result(&plugin, "calculator", "{\"operation\":\"validate\",\"input\":\"2 ^ 101\"}",
                  "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"2 ^ 101\","
                  "\"valid\":false,\"error\":\"the exponent 101 is beyond 100; use exp(x * "
                  "ln(base)) if it is meant\"}}");
}

static void validates_what_is_far_too_long(void **state)
{
    (void)state;
    char *input = repeat("1", " ", 9000, "");
    char *args = arguments("validate", input, NULL);
    char *json = malloc(20000);
    assert_non_null(json);
    sprintf(json,
            "{\"structuredContent\":{\"operation\":\"validate\",\"input\":\"%s\",\"valid\":false,"
            "\"error\":\"the expression has more than 1000 characters; split it and pass partial "
            "results as variables\"}}",
            input);
    assert_result(&plugin, "calculator", args, json);
    free(json);
    free(args);
    free(input);
}

static void lists_functions(void **state)
{
    hexmcp_fake_answer answer;
    (void)state;
    plugin_run(&plugin, "calculator", "{\"operation\":\"functions\"}", 25, &answer);
    assert_int_equal(answer.status, HEXMCP_OK);
    assert_non_null(strstr(answer.json, "{\"structuredContent\":{\"operation\":\"functions\","
                                        "\"functions\":[{\"form\":\"sin(x)\",\"meaning\":\"sine, x "
                                        "in radians\"},"));
    assert_non_null(strstr(answer.json, "{\"form\":\"log(base, x)\",\"meaning\":\"logarithm of x "
                "to a base\"}"));
    assert_non_null(strstr(answer.json,
                           "\"operators\":[\"+\",\"-\",\"*\",\"/\",\"%\",\"^\",\"==\",\"!=\",\"<\","
                           "\">\",\"<=\",\">=\",\"&&\",\"||\",\"!\"],\"limits\":{\"length\":1000,"
                           "\"depth\":20,\"operations\":100,\"functions\":50,\"variables\":50,"
                           "\"exponent\":100}}}"));
    hexmcp_fake_answer_free(&answer);
}

static void refuses_other_arguments(void **state)
{
    (void)state;
    assert_error(&plugin, "calculator", "{}", HEXMCP_E_INVALID,
                 "`input` is missing; pass the expression, for example 2 * (3 + 4)");
    assert_error(&plugin, "calculator", "{\"operation\":\"validate\"}", HEXMCP_E_INVALID,
                 "`input` is missing; pass the expression, for example 2 * (3 + 4)");
    assert_error(&plugin, "calculator", "{\"operation\":\"solve\",\"input\":\"1\"}",
                 HEXMCP_E_INVALID,
                 "unknown operation; use evaluate, validate or functions");
    assert_error(&plugin, "calculator", "{\"input\":\"1\\u00002\"}", HEXMCP_E_INVALID,
                 "expected an operator at character 2, found the control character 0x00; remove "
                 "it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_whole),
        cmocka_unit_test(numbers),
        cmocka_unit_test(operators),
        cmocka_unit_test(comparisons_and_logic),
        cmocka_unit_test(functions_of_one),
        cmocka_unit_test(other_functions),
        cmocka_unit_test(infinity_and_nan_are_results),
        cmocka_unit_test(variables),
        cmocka_unit_test(mistakes_name_the_place),
        cmocka_unit_test(mistakes_in_functions),
        cmocka_unit_test(limits_hold_exactly),
        cmocka_unit_test(exponents_are_limited),
        cmocka_unit_test(variables_are_limited),
        cmocka_unit_test(validates),
        cmocka_unit_test(validates_what_is_far_too_long),
        cmocka_unit_test(lists_functions),
        cmocka_unit_test(refuses_other_arguments),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("calculator", tests, load, unload);
}
