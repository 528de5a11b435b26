/* The state of a session: what each event makes of it, what cannot follow what, snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/session/support.h"

#define CREATED \
    "{\"title\":\"Trip\",\"agent\":\"guide\",\"tags\":[\"b\",\"a\"],\"config\":{\"maxOperations\":9," \
    "\"maxBytes\":5000,\"maxArtifacts\":3,\"maxDurationMs\":60000,\"retentionMs\":70000}}"

static void assert_text(const struct buffer *text, const char *expected)
{
    assert_int_equal(text->len, strlen(expected));
    assert_memory_equal(text->len ? text->data : "", expected, text->len);
}

static void assert_state(const struct session *s, const char *expected)
{
    struct buffer text = BUFFER_INIT;
    session_write(s, &text);
    buffer_add(&text, "", 1);
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static void an_event_after_the_other(void **state)
{
    struct fold f = FOLD_INIT;
    (void)state;
    assert_int_equal(fold_event(&f, "SessionCreated", CREATED), 0);
    assert_int_equal(f.session.status, SESSION_ACTIVE);
    assert_text(&f.session.id, "s1");
    assert_text(&f.session.caller, "ann");
    assert_text(&f.session.tenant, "acme");
    assert_text(&f.session.title, "Trip");
    assert_int_equal(f.session.limits.max_operations, 9);
    assert_true(session_has_tag(&f.session, STR("a")));
    assert_int_equal(fold_event(&f, "MessageSent", "{\"role\":\"user\",\"parts\":[]}"), 0);
    assert_int_equal(fold_event(&f, "ToolCalled", "{\"callId\":\"c1\",\"target\":\"calculate\"}"), 0);
    assert_string_equal(session_open_call(&f.session, STR("c1"))->target, "calculate");
    assert_int_equal(fold_event(&f, "ToolCalled", "{\"callId\":\"c2\",\"target\":\"search\"}"), 0);
    assert_int_equal(fold_event(&f, "ToolReturned", "{\"callId\":\"c1\",\"end\":\"failed\"}"), 0);
    assert_null(session_open_call(&f.session, STR("c1")));
    assert_int_equal(fold_event(&f, "ResponseReceived",
                                "{\"parts\":[],\"usage\":{\"in\":100,\"cachedIn\":20,\"out\":7,"
                                "\"reasoning\":3},\"costUsd\":0.0015}"),
                     0);
    assert_int_equal(fold_event(&f, "ResponseFailed", "{\"error\":{\"code\":\"overloaded\"}}"), 0);
    assert_int_equal(fold_event(&f, "SessionTagged", "{\"added\":[\"c\"],\"removed\":[\"a\",\"x\"]}"),
                     0);
    assert_int_equal(fold_event(&f, "SessionRenamed", "{\"title\":\"Journey\"}"), 0);
    assert_int_equal(fold_event(&f, "ContextOptimized", "{}"), 0);
    assert_state(
        &f.session,
        "{\"status\":\"active\",\"id\":\"s1\",\"tenant\":\"acme\",\"caller\":\"ann\",\"agent\":\"guide\","
        "\"title\":\"Journey\",\"description\":\"\",\"parent\":\"\",\"parentVersion\":0,\"version\":10,"
        "\"messages\":2,\"calls\":2,\"callFailures\":1,\"artifacts\":0,\"bytes\":449,\"copiesLeft\":0,"
        "\"maxOperations\":9,\"maxBytes\":5000,\"maxArtifacts\":3,\"maxDurationMs\":60000,"
        "\"retentionMs\":70000,\"responses\":1,\"failures\":1,\"in\":100,\"cachedIn\":20,\"out\":7,"
        "\"reasoning\":3,\"createdMs\":1001000,\"activeMs\":1010000,\"costNanoUsd\":1500000,"
        "\"tags\":[\"b\",\"c\"],\"openCalls\":[[\"c2\",\"search\",\"\",4]]}");
    fold_clear(&f);
}

static void a_state_is_written_and_read(void **state)
{
    struct fold f = FOLD_INIT;
    struct session again;
    struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
    struct json_doc *doc;
    (void)state;
    fold_event(&f, "SessionCreated", CREATED);
    fold_event(&f, "ToolCalled", "{\"callId\":\"c\\\"1\",\"target\":\"file\\u00e9\"}");
    session_write(&f.session, &first);
    assert_int_equal(json_parse(buffer_str(&first), &doc, &f.err), 0);
    assert_int_equal(session_read(json_root(doc), &again, &f.err), 0);
    session_write(&again, &second);
    assert_true(str_eq(buffer_str(&first), buffer_str(&second)));
    json_free(doc);
    assert_int_equal(json_parse(STR("{\"status\":\"active\",\"id\":\"s1\"}"), &doc, NULL), 0);
    assert_int_equal(session_read(json_root(doc), &again, &f.err), ST_INVALID);
    assert_string_equal(f.err.text, "the state of a session is not complete");
    json_free(doc);
    session_state_clear(&again);
    buffer_clear(&first);
    buffer_clear(&second);
    fold_clear(&f);
}

static void the_end_and_what_comes_before_it(void **state)
{
    static const struct {
        const char *type, *data;
        enum session_status status;
    } steps[] = {
        {"SessionSuspended", "{}", SESSION_SUSPENDED},
        {"SessionResumed", "{}", SESSION_ACTIVE},
        {"SessionClosed", "{\"status\":\"failed\"}", SESSION_FAILED},
        {"SessionClosed", "{\"status\":\"archived\"}", SESSION_ARCHIVED},
        {"SessionErased", "{}", SESSION_ERASED},
    };
    struct fold f = FOLD_INIT;
    (void)state;
    fold_event(&f, "SessionCreated", "{}");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(fold_event(&f, steps[i].type, steps[i].data), 0);
        assert_int_equal(f.session.status, steps[i].status);
        assert_int_equal(session_is_of(&f.session, STR("ann"), STR("acme")),
                         steps[i].status != SESSION_ERASED);
    }
    assert_int_equal(fold_event(&f, "MessageSent", "{}"), ST_INVALID);
    assert_string_equal(f.err.text,
                        "event 7 (MessageSent) of session s1 cannot be: the session was erased");
    fold_clear(&f);
}

static void what_cannot_be(void **state)
{
    static const struct {
        const char *first, *type, *data, *text;
        int code;
    } cases[] = {
        {NULL, "MessageSent", "{}",
         "event 1 (MessageSent) of session  cannot be: no session has begun", ST_INVALID},
        {"SessionCreated", "SessionCreated", "{}",
         "event 2 (SessionCreated) of session s1 cannot be: the session has begun", ST_INVALID},
        {"SessionCreated", "ToolReturned", "{\"callId\":\"c\"}",
         "event 2 (ToolReturned) of session s1 cannot be: no call of its callId is open", ST_INVALID},
        {"SessionCreated", "ToolCalled", "{}",
         "event 2 (ToolCalled) of session s1 cannot be: it has no callId", ST_INVALID},
        {"SessionCreated", "SessionClosed", "{\"status\":\"active\"}",
         "event 2 (SessionClosed) of session s1 cannot be: it has no status that a session can end "
         "with",
         ST_INVALID},
        {"SessionCreated", "SessionSung", "{}",
         "event 2 of stream session/s1 is of the type SessionSung, which this hexmcp does not know; "
         "use the newer one that wrote it",
         ST_UNSUPPORTED},
        {"SessionCreated", "SessionEventCopied", "{}",
         "event 2 of stream session/s1 is no copy of an event", ST_INVALID},
        {"SessionCreated", "SessionEventCopied",
         "{\"type\":\"MessageSent\",\"schema\":1,\"atMs\":1,\"data\":{}}",
         "event 2 (MessageSent) of session s1 cannot be: more events were copied than were said",
         ST_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fold f = FOLD_INIT;
        if (cases[i].first)
            assert_int_equal(fold_event(&f, cases[i].first, "{}"), 0);
        assert_int_equal(fold_event(&f, cases[i].type, cases[i].data), cases[i].code);
        assert_string_equal(f.err.text, cases[i].text);
        fold_clear(&f);
    }
    struct fold f = FOLD_INIT;
    fold_event(&f, "SessionCreated", "{}");
    f.version++;
    assert_int_equal(fold_event(&f, "MessageSent", "{}"), ST_INVALID);
    assert_string_equal(f.err.text,
                        "event 3 (MessageSent) of session s1 cannot be: an event before it is missing");
    fold_clear(&f);
}

/* Nobody sees a fork before all of it is there; what it cost was paid by the other session. */
static void a_fork_is_there_with_its_last_event(void **state)
{
    struct fold f = FOLD_INIT;
    (void)state;
    assert_int_equal(fold_event(&f, "SessionForked",
                                "{\"parent\":\"s0\",\"version\":4,\"events\":4,\"config\":"
                                "{\"maxOperations\":9}}"),
                     0);
    assert_false(session_is_of(&f.session, STR("ann"), STR("acme")));
    assert_int_equal(fold_event(&f, "SessionEventCopied",
                                "{\"type\":\"SessionCreated\",\"schema\":1,\"atMs\":5,\"data\":"
                                "{\"title\":\"Old\",\"config\":{\"maxOperations\":7}}}"),
                     0);
    assert_int_equal(fold_event(&f, "SessionEventCopied",
                                "{\"type\":\"ResponseReceived\",\"schema\":1,\"atMs\":6,\"data\":"
                                "{\"usage\":{\"in\":100},\"costUsd\":1}}"),
                     0);
    assert_int_equal(fold_event(&f, "SessionEventCopied",
                                "{\"type\":\"SessionSuspended\",\"schema\":1,\"atMs\":6,\"data\":{}}"),
                     0);
    assert_false(session_is_of(&f.session, STR("ann"), STR("acme")));
    assert_int_equal(fold_event(&f, "SessionEventCopied",
                                "{\"type\":\"SessionForked\",\"schema\":1,\"atMs\":6,\"data\":"
                                "{\"parent\":\"other\",\"version\":9,\"events\":5}}"),
                     0);
    assert_true(session_is_of(&f.session, STR("ann"), STR("acme")));
    assert_false(session_is_of(&f.session, STR("bob"), STR("acme")));
    assert_false(session_is_of(&f.session, STR("ann"), STR("other")));
    assert_text(&f.session.parent, "s0");
    assert_text(&f.session.title, "Old");
    assert_int_equal(f.session.parent_version, 4);
    assert_int_equal(f.session.status, SESSION_ACTIVE);
    assert_int_equal(f.session.messages, 1);
    assert_int_equal(f.session.usage.in, 0);
    assert_int_equal(f.session.usage.cost_nano_usd, 0);
    assert_int_equal(f.session.limits.max_operations, 9); /* not what the copy says */
    fold_clear(&f);
}

static void a_fork_takes_no_event_before_it_is_whole(void **state)
{
    struct fold f = FOLD_INIT;
    (void)state;
    fold_event(&f, "SessionForked", "{\"parent\":\"s0\",\"version\":4,\"events\":1}");
    assert_int_equal(fold_event(&f, "MessageSent", "{}"), ST_INVALID);
    assert_string_equal(f.err.text, "event 2 (MessageSent) of session s1 cannot be: the session is "
                                    "not there yet: events are still to be copied");
    fold_clear(&f);
}

static void dollars(void **state)
{
    static const struct {
        const char *json, *text;
        int64_t nano;
    } cases[] = {
        {"0", "0", 0},           {"1", "1", 1000000000},     {"0.0015", "0.0015", 1500000},
        {"12.5", "12.5", 12500000000}, {"1e-9", "0.000000001", 1}, {"-0.25", "-0.25", -250000000},
        {"1e300", "0", 0},       {"\"1\"", "0", 0},          {"0.1", "0.1", 100000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_doc *doc;
        struct buffer text = BUFFER_INIT;
        assert_int_equal(json_parse(str_from(cases[i].json), &doc, NULL), 0);
        assert_int_equal(session_nano_usd(json_root(doc)), cases[i].nano);
        session_put_usd(&text, cases[i].nano);
        assert_text(&text, cases[i].text);
        buffer_clear(&text);
        json_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_after_the_other),
        cmocka_unit_test(a_state_is_written_and_read),
        cmocka_unit_test(the_end_and_what_comes_before_it),
        cmocka_unit_test(what_cannot_be),
        cmocka_unit_test(a_fork_is_there_with_its_last_event),
        cmocka_unit_test(a_fork_takes_no_event_before_it_is_whole),
        cmocka_unit_test(dollars),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
