#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/everything/opened.h"

static void echoes(void **state)
{
    (void)state;
    assert_first(TOOL, "echo", "{\"text\":\"\"}", HEXMCP_RESULT, TEXT_RESULT(""));
    assert_first(TOOL, "echo", "{\"text\":\"\\u00e9\\u0000\\n\"}", HEXMCP_RESULT,
                 TEXT_RESULT("\xc3\xa9\\u0000\\n"));
    assert_fails(TOOL, "echo", "{\"text\":1}", NULL, NULL, HEXMCP_E_INVALID,
                 "`text` must be a text");
}

static void adds(void **state)
{
    (void)state;
    assert_first(TOOL, "add", "{\"a\":1,\"b\":2.5}", HEXMCP_RESULT,
                 "{\"structuredContent\":{\"sum\":3.5}}");
    assert_first(TOOL, "add", "{\"a\":-1e3,\"b\":1000}", HEXMCP_RESULT,
                 "{\"structuredContent\":{\"sum\":0}}");
    assert_fails(TOOL, "add", "{\"a\":1.7e308,\"b\":1.7e308}", NULL, NULL, HEXMCP_E_TOO_LARGE,
                 "the sum is too large; add smaller numbers");
    assert_fails(TOOL, "add", "{\"a\":1}", NULL, NULL, HEXMCP_E_INVALID,
                 "`b` must be a number below 1.79e308");
}

static void gives_every_block(void **state)
{
    (void)state;
    assert_first(
        TOOL, "content", "{}", HEXMCP_RESULT,
        "{\"content\":["
        "{\"type\":\"text\",\"text\":\"One block of every type.\",\"annotations\":{\"audience\":"
        "[\"user\",\"assistant\"],\"priority\":0.5,\"lastModified\":\"2026-01-02T03:04:05Z\"}},"
        "{\"type\":\"image\",\"data\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4"
        "z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC\",\"mimeType\":\"image/png\"},"
        "{\"type\":\"audio\",\"data\":\"UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACA"
        "/4AA\",\"mimeType\":\"audio/wav\"},"
        "{\"type\":\"resource_link\",\"uri\":\"everything://text\",\"name\":\"text\","
        "\"mimeType\":\"text/plain\"},"
        "{\"type\":\"resource\",\"resource\":{\"uri\":\"everything://text\",\"mimeType\":"
        "\"text/plain\",\"text\":\"Plain text.\\n\"}},"
        "{\"type\":\"resource\",\"resource\":{\"uri\":\"everything://bytes\",\"mimeType\":"
        "\"application/octet-stream\",\"blob\":\"AAECAwQFBgc=\"}}]}");
}

static void fails_as_asked(void **state)
{
    static const struct {
        const char *args;
        int32_t code;
        const char *text;
    } cases[] = {
        {"{\"how\":\"generic\"}", HEXMCP_E_GENERIC, "failed as asked, with generic"},
        {"{\"how\":\"nomem\"}", HEXMCP_E_NOMEM, "failed as asked, with nomem"},
        {"{\"how\":\"invalid\"}", HEXMCP_E_INVALID, "failed as asked, with invalid"},
        {"{\"how\":\"not-found\"}", HEXMCP_E_NOT_FOUND, "failed as asked, with not-found"},
        {"{\"how\":\"unsupported\"}", HEXMCP_E_UNSUPPORTED, "failed as asked, with unsupported"},
        {"{\"how\":\"denied\"}", HEXMCP_E_DENIED, "failed as asked, with denied"},
        {"{\"how\":\"timeout\"}", HEXMCP_E_TIMEOUT, "failed as asked, with timeout"},
        {"{\"how\":\"busy\"}", HEXMCP_E_BUSY, "failed as asked, with busy"},
        {"{\"how\":\"unavailable\"}", HEXMCP_E_UNAVAILABLE, "failed as asked, with unavailable"},
        {"{\"how\":\"too-large\"}", HEXMCP_E_TOO_LARGE, "failed as asked, with too-large"},
        {"{\"how\":\"protocol\"}", HEXMCP_E_PROTOCOL, "failed as asked, with protocol"},
        {"{\"how\":\"x\"}", HEXMCP_E_INVALID, "`how` must be one of the words of the schema"},
        {"{}", HEXMCP_E_INVALID, "`how` must be one of the words of the schema"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fails(TOOL, "fail", cases[i].args, NULL, NULL, cases[i].code, cases[i].text);
    assert_first(TOOL, "fail", "{\"how\":\"result\"}", HEXMCP_TOOL_ERROR,
                 TEXT_RESULT("failed as asked, with a result"));
    assert_first(TOOL, "fail", "{\"how\":\"busy\",\"late\":true}", HEXMCP_FAIL,
                 "{\"code\":-9,\"message\":\"failed as asked, with busy\"}");
}

static void knows_its_tools_only(void **state)
{
    (void)state;
    assert_fails(TOOL, "ech", "{}", NULL, NULL, HEXMCP_E_NOT_FOUND,
                 "there is no tool ech here; list the tools");
    assert_fails(TOOL, "echo", "{}", "null", "{}", HEXMCP_E_NOT_FOUND,
                 "there is no tool echo here; list the tools");
}

static void counts(void **state)
{
    unsigned before = hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS);
    (void)state;
    assert_first(TOOL, "count", "{}", HEXMCP_RESULT, TEXT_RESULT("counted to 3"));
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 3);
    assert_first(TOOL, "count", "{\"to\":1,\"logs\":[\"debug\",\"alert\"]}", HEXMCP_RESULT,
                 TEXT_RESULT("counted to 1"));
    const hexmcp_fake_record *line = hexmcp_fake_last_note(opened.fake, HEXMCP_FAKE_NOTE_LOG);
    assert_int_equal(line->level, HEXMCP_LOG_ALERT);
    assert_string_equal(line->text, "a line of level alert");
    assert_fails(TOOL, "count", "{\"delayMs\":-1}", NULL, NULL, HEXMCP_E_INVALID,
                 "`delayMs` must not be negative");
    assert_fails(TOOL, "count", "{\"delayMs\":86400001}", NULL, NULL, HEXMCP_E_INVALID,
                 "no timer for `delayMs`; wait at most a day, or call later");
}

/* Begins {"to":3,"delayMs":100}. */
static hexmcp_call begin_count(void)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str args = hexmcp_str_from("{\"to\":3,\"delayMs\":100}");
    hexmcp_call call = hexmcp_fake_open(opened.fake);
    assert_int_equal(opened.tool->call(opened.tool->self, call, hexmcp_str_from("count"), args, &err),
                     HEXMCP_PENDING);
    return call;
}

static void assert_ends(hexmcp_call call, uint32_t outcome, const char *json)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    hexmcp_fake_close(opened.fake, call, HEXMCP_PENDING, &err, &answer);
    assert_int_equal(answer.outcome, outcome);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

static void waits_between_steps(void **state)
{
    unsigned before = hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS);
    hexmcp_call call = begin_count();
    (void)state;
    hexmcp_fake_advance(opened.fake, 99);
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 0);
    hexmcp_fake_advance(opened.fake, 1);
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 1);
    hexmcp_fake_advance(opened.fake, 100);
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 2);
    hexmcp_fake_advance(opened.fake, 100);
    assert_ends(call, HEXMCP_RESULT, TEXT_RESULT("counted to 3"));
}

static void stops_counting_when_cancelled(void **state)
{
    unsigned before = hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS);
    hexmcp_call call = begin_count(), other = begin_count();
    (void)state;
    hexmcp_fake_advance(opened.fake, 100);
    opened.tool->cancel(opened.tool->self, call);
    opened.tool->cancel(opened.tool->self, call);
    assert_ends(call, HEXMCP_CANCELLED, "{}");
    opened.tool->cancel(opened.tool->self, call);
    hexmcp_fake_advance(opened.fake, 100);
    hexmcp_fake_advance(opened.fake, 100);
    assert_ends(other, HEXMCP_RESULT, TEXT_RESULT("counted to 3"));
    assert_int_equal(hexmcp_fake_timers(opened.fake), 0);
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 4);
}

static void sees_a_cancel_that_came_first(void **state)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_call call = hexmcp_fake_open(opened.fake);
    (void)state;
    hexmcp_fake_mark_cancelled(opened.fake, call);
    assert_int_equal(opened.tool->call(opened.tool->self, call, hexmcp_str_from("count"),
                                       hexmcp_str_from("{}"), &err),
                     HEXMCP_PENDING);
    assert_ends(call, HEXMCP_CANCELLED, "{}");
    hexmcp_fake_advance(opened.fake, 0);
    assert_int_equal(hexmcp_fake_timers(opened.fake), 0);
}

static void ends_when_the_server_stops(void **state)
{
    hexmcp_call call = begin_count();
    (void)state;
    hexmcp_fake_quiesce(opened.fake);
    assert_ends(call, HEXMCP_FAIL,
                "{\"code\":-7,\"message\":\"the count was interrupted; call again\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
        cmocka_unit_test(adds),
        cmocka_unit_test(gives_every_block),
        cmocka_unit_test(fails_as_asked),
        cmocka_unit_test(knows_its_tools_only),
        cmocka_unit_test(counts),
        cmocka_unit_test(waits_between_steps),
        cmocka_unit_test(stops_counting_when_cancelled),
        cmocka_unit_test(sees_a_cancel_that_came_first),
        cmocka_unit_test(ends_when_the_server_stops),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_tools", tests, open_everything,
                                       close_everything);
}
