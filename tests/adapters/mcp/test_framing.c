/* Sections 1 and 2: what is a message, ids, errors of JSON. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

/* ---- ids --------------------------------------------------------------------------------- */

static void test_s1_id_comes_back_byte_for_byte(void **state)
{
    static const char *const ids[] = {
        "0", "\"\"", "\"0\"", "1", "-1", "9007199254740993", "-9007199254740993",
        "9223372036854775808123456789", "\"a\\\"b\\\\c\\nd\"", "\"\\u0041\"", "\"\\/\"",
        "\"\\u0000\"", "\"\\ud83d\\ude43\"", "\"\xC3\xA9\"", "\"null\"", "-0",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char line[200], answer[200];
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\"}", ids[i]);
        snprintf(answer, sizeof(answer), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}", ids[i]);
        ask(w, line, answer);
    }
}

static void test_s1_id_of_another_type_is_refused_without_id(void **state)
{
    static const char *const ids[] = {"null", "1.5", "1.0", "1e3", "true", "{}", "[]"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\"}", ids[i]);
        ask(w, line,
            ERROR_WITHOUT_ID("-32600", "\\'id\\' must be a string or an integer"));
    }
}

static void test_s1_string_and_number_are_different_ids(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("0", "echo"));
    ask_nothing(w, CALL("'0'", "echo"));
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("'0'", "ok"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("0", "ok"));
}

/* ---- the envelope ------------------------------------------------------------------------ */

static void test_s1_jsonrpc_must_be_2_0(void **state)
{
    struct world *w = *state;
    ask(w, "{'id':1,'method':'ping'}", ERROR("1", "-32600", "\\'jsonrpc\\' must be \\'2.0\\'"));
    ask(w, "{'jsonrpc':'1.0','id':2,'method':'ping'}",
        ERROR("2", "-32600", "\\'jsonrpc\\' must be \\'2.0\\'"));
    ask(w, "{'jsonrpc':2.0,'id':3,'method':'ping'}",
        ERROR("3", "-32600", "\\'jsonrpc\\' must be \\'2.0\\'"));
}

static void test_s1_method_must_be_a_string(void **state)
{
    struct world *w = *state;
    ask(w, "{'jsonrpc':'2.0','id':1}", ERROR("1", "-32600", "\\'method\\' must be a string"));
    ask(w, "{'jsonrpc':'2.0','id':1,'method':7}",
        ERROR("1", "-32600", "\\'method\\' must be a string"));
    ask(w, "{'jsonrpc':'2.0'}", ERROR_WITHOUT_ID("-32600", "\\'method\\' must be a string"));
}

static void test_s1_params_must_be_an_object(void **state)
{
    static const char *const values[] = {"[]", "[1]", "1", "\"x\"", "null", "true"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line),
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":%s}", values[i]);
        ask(w, line, ERROR("1", "-32600", "\\'params\\' must be an object"));
    }
}

static void test_s1_message_must_be_an_object(void **state)
{
    static const char *const values[] = {"1", "'x'", "null", "true"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        ask(w, values[i], ERROR_WITHOUT_ID("-32600", "a message must be a JSON object"));
}

static void test_s1_unknown_members_are_ignored(void **state)
{
    struct world *w = *state;
    ask(w, "{'extra':[1],'jsonrpc':'2.0','id':1,'method':'ping','params':{'x':{}},'trace':null}",
        RESULT("1", ""));
}

static void test_s1_method_and_keys_are_case_sensitive(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "Ping", ""),
        ERROR("1", "-32601", "unknown method \\'Ping\\'; did you mean \\'ping\\'?"));
    ask(w, "{'JSONRPC':'2.0','id':1,'method':'ping'}",
        ERROR("1", "-32600", "\\'jsonrpc\\' must be \\'2.0\\'"));
}

static void test_s1_method_with_escapes_is_the_same_method(void **state)
{
    ask(*state, "{'jsonrpc':'2.0','id':1,'\\u006dethod':'p\\u0069ng'}", RESULT("1", ""));
}

static void test_s1_notifications_are_never_answered(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/nobody'}");
    ask_nothing(w, "{'jsonrpc':'2.0','method':'tools/list'}");
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/cancelled'}");
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{}}");
}

static void test_s1_responses_of_the_client_are_dropped(void **state)
{
    struct world *w = *state;
    ask_nothing(w, "{'jsonrpc':'2.0','id':5,'result':{}}");
    ask_nothing(w, "{'jsonrpc':'2.0','id':5,'error':{'code':-1,'message':'no'}}");
}

/* 2025-11-25 made the id of an error optional: answering it would make two peers argue for ever. */
static void test_s1_error_without_id_is_not_answered(void **state)
{
    ask_nothing(*state, "{'jsonrpc':'2.0','error':{'code':-32700,'message':'no JSON'}}");
}

/* ---- errors of JSON ---------------------------------------------------------------------- */

static void test_s1_duplicate_keys_are_a_parse_error(void **state)
{
    struct world *w = *state;
    ask(w, "{'jsonrpc':'2.0','id':1,'id':2,'method':'ping'}",
        ERROR_WITHOUT_ID("-32700", "duplicate key at byte 24"));
    ask(w, "{'jsonrpc':'2.0','id':1,'method':'ping','params':{'a':1,'\\u0061':2}}",
        ERROR_WITHOUT_ID("-32700", "duplicate key at byte 56"));
}

static void test_s1_bytes_after_the_value_are_a_parse_error(void **state)
{
    ask(*state, "{'jsonrpc':'2.0','id':1,'method':'ping'} x",
        ERROR_WITHOUT_ID("-32700", "unexpected text after the value at byte 41"));
}

static void test_s1_invalid_utf8_is_a_parse_error(void **state)
{
    struct world *w = *state;
    ask(w, "{'jsonrpc':'2.0','id':'\xFF','method':'ping'}",
        ERROR_WITHOUT_ID("-32700", "invalid UTF-8 at byte 23"));
    ask(w, "{'jsonrpc':'2.0','id':'\\ud800','method':'ping'}",
        ERROR_WITHOUT_ID("-32700", "lone surrogate in an escape at byte 23"));
}

/* {"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[[...]]}} with `levels` arrays. */
static void give_nested(struct world *w, int levels)
{
    char text[600] = "{'jsonrpc':'2.0','id':1,'method':'ping','params':{'a':";
    for (int i = 0; i < levels; i++)
        strcat(text, "[");
    for (int i = 0; i < levels; i++)
        strcat(text, "]");
    strcat(text, "}}");
    give(w, text);
}

static void test_s1_nesting_of_128_levels_is_the_limit(void **state)
{
    struct world *w = *state;
    give_nested(w, 126);
    expect(w, RESULT("1", ""));
    give_nested(w, 127);
    expect(w, ERROR_WITHOUT_ID("-32700", "nested deeper than 128 levels at byte 180"));
}

static void test_s2_parse_error_and_life_goes_on(void **state)
{
    struct world *w = *state;
    ask(w, "{nonsense", ERROR_WITHOUT_ID("-32700", "expected a key in quotes at byte 1"));
    ask(w, "{'jsonrpc':'2.0','id':1,",
        ERROR_WITHOUT_ID("-32700", "expected a key in quotes at byte 24"));
    ask(w, REQUEST("1", "ping", ""), RESULT("1", ""));
}

static void test_s2_empty_message_is_a_parse_error(void **state)
{
    struct world *w = *state;
    assert_int_equal(give_bytes(w, "", 0), RECEIVE_GO_ON);
    expect(w, ERROR_WITHOUT_ID("-32700", "unexpected end at byte 0"));
}

/* ---- id null only where the schema needs an id ------------------------------------------- */

static void test_s1_unreadable_id_by_revision(void **state)
{
    static const struct {
        const char *revision;
        bool null_id;
    } cases[] = {{"2024-11-05", true}, {"2025-03-26", true}, {"2025-06-18", true},
                 {"2025-11-25", false}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reopen(w);
        begin_session(w, cases[i].revision);
        ask(w, "{", cases[i].null_id
                        ? ERROR("null", "-32700", "expected a key in quotes at byte 1")
                        : ERROR_WITHOUT_ID("-32700", "expected a key in quotes at byte 1"));
        ask(w, "{'jsonrpc':'2.0','id':null,'method':'ping'}",
            cases[i].null_id
                ? ERROR("null", "-32600", "\\'id\\' must be a string or an integer")
                : ERROR_WITHOUT_ID("-32600", "\\'id\\' must be a string or an integer"));
    }
}

static void test_s2_rejected_line_is_a_parse_error(void **state)
{
    struct world *w = *state;
    struct error err;
    error_set(&err, ST_TOO_LARGE, "a line of more than 16777216 bytes");
    w->end.reject(w->end.ctx, &err);
    expect(w, ERROR_WITHOUT_ID("-32700", "a line of more than 16777216 bytes"));
    begin_session(w, "2025-06-18");
    w->end.reject(w->end.ctx, &err);
    expect(w, ERROR("null", "-32700", "a line of more than 16777216 bytes"));
}

/* ---- texts of clients in our texts ------------------------------------------------------- */

static void test_s2_long_method_is_cut_at_a_character(void **state)
{
    struct world *w = *state;
    char name[1500] = "", line[1700], answer[1700];
    begin_session(w, "2025-11-25");
    for (int i = 0; i < 700; i++)
        strcat(name, "\xC3\xA9");
    snprintf(line, sizeof(line), REQUEST("1", "%s", ""), name);
    /* 16 bytes before it, 1,007 are left for the name: 503 characters. */
    name[503 * 2] = '\0';
    snprintf(answer, sizeof(answer), ERROR("1", "-32601", "unknown method \\'%s"), name);
    ask(w, line, answer);
}

static void test_s2_method_with_quotes_and_controls(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "a\\'b\\n\\u0001", ""),
        ERROR("1", "-32601", "unknown method \\'a\\'b\\n\\u0001\\'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s1_id_comes_back_byte_for_byte),
        TEST(test_s1_id_of_another_type_is_refused_without_id),
        TEST(test_s1_string_and_number_are_different_ids),
        TEST(test_s1_jsonrpc_must_be_2_0),
        TEST(test_s1_method_must_be_a_string),
        TEST(test_s1_params_must_be_an_object),
        TEST(test_s1_message_must_be_an_object),
        TEST(test_s1_unknown_members_are_ignored),
        TEST(test_s1_method_and_keys_are_case_sensitive),
        TEST(test_s1_method_with_escapes_is_the_same_method),
        TEST(test_s1_notifications_are_never_answered),
        TEST(test_s1_responses_of_the_client_are_dropped),
        TEST(test_s1_error_without_id_is_not_answered),
        TEST(test_s1_duplicate_keys_are_a_parse_error),
        TEST(test_s1_bytes_after_the_value_are_a_parse_error),
        TEST(test_s1_invalid_utf8_is_a_parse_error),
        TEST(test_s1_nesting_of_128_levels_is_the_limit),
        TEST(test_s2_parse_error_and_life_goes_on),
        TEST(test_s2_empty_message_is_a_parse_error),
        TEST(test_s1_unreadable_id_by_revision),
        TEST(test_s2_rejected_line_is_a_parse_error),
        TEST(test_s2_long_method_is_cut_at_a_character),
        TEST(test_s2_method_with_quotes_and_controls),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_framing", tests, NULL, NULL);
}
