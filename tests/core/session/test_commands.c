/* The commands of a session: what each emits, to the letter, and what each refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/session/support.h"

static const struct {
    session_command *command;
    const char *arguments, *event;
} life[] = {
    {session_create, "{\"title\":\"Trip\",\"tags\":[\"x\"],\"other\":1}",
     "SessionCreated {\"title\":\"Trip\",\"tags\":[\"x\"],\"config\":{\"maxOperations\":8,\"maxBytes\":"
     "100000,\"maxArtifacts\":1000,\"maxDurationMs\":60000,\"retentionMs\":90000}}"},
    {session_send, "{\"text\":\"hello\",\"expectedVersion\":1}",
     "MessageSent {\"messageId\":\"id-2\",\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":"
     "\"hello\"}],\"bytes\":7,\"tokensEstimated\":2}"},
    {session_respond,
     "{\"model\":\"m/1\",\"text\":\"hi\",\"finish\":\"stop\",\"usage\":{\"in\":5,\"out\":1},"
     "\"costUsd\":0.01,\"ms\":20}",
     "ResponseReceived {\"messageId\":\"id-3\",\"model\":\"m/1\",\"parts\":[{\"type\":\"text\",\"text\":"
     "\"hi\"}],\"finish\":\"stop\",\"costUsd\":0.01,\"ms\":20,\"usage\":{\"in\":5,\"out\":1}}"},
    {session_call_begin, "{\"target\":\"calculate\",\"arguments\":{\"expression\":\"1+1\"}}",
     "ToolCalled {\"callId\":\"id-4\",\"action\":\"call\",\"target\":\"calculate\",\"arguments\":"
     "{\"expression\":\"1+1\"}}"},
    {session_call_end, "{\"callId\":\"id-4\",\"end\":\"completed\",\"result\":{\"content\":[]},\"ms\":3}",
     "ToolReturned {\"callId\":\"id-4\",\"action\":\"call\",\"target\":\"calculate\",\"after\":1,\"end\":\"completed\",\"ms\":3,"
     "\"result\":{\"content\":[]}}"},
    {session_tag, "{\"add\":[\"y\"]}", "SessionTagged {\"added\":[\"y\"],\"removed\":[]}"},
    {session_rename, "{\"title\":\"T\"}", "SessionRenamed {\"title\":\"T\"}"},
    {session_suspend, "{\"reason\":\"night\"}", "SessionSuspended {\"reason\":\"night\"}"},
    {session_suspend, "{}", ""},
    {session_resume, "{}", "SessionResumed {}"},
    {session_resume, "{}", ""},
    {session_close, "{}", "SessionClosed {\"status\":\"completed\"}"},
    {session_close, "{\"status\":\"archived\",\"reason\":\"old\"}",
     "SessionClosed {\"status\":\"archived\",\"reason\":\"old\"}"},
    {session_erase, "{}", "SessionErased {}"},
};

static void what_they_emit(void **state)
{
    struct fold f = FOLD_INIT;
    char data[4096];
    (void)state;
    for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
        if (fold_command(&f, life[i].command, life[i].arguments, data))
            fail_msg("step %zu: %s", i, f.err.text);
        assert_string_equal(data, life[i].event);
    }
    fold_clear(&f);
}

static void refused(struct fold *f, session_command *command, const char *arguments, int code,
                    const char *text)
{
    char data[4096];
    assert_int_equal(fold_command(f, command, arguments, data), code);
    assert_string_equal(f->err.text, text);
}

static void what_they_refuse(void **state)
{
    struct fold f = FOLD_INIT;
    char data[4096];
    (void)state;
    fold_command(&f, session_create, "{}", data);
    refused(&f, session_create, "{}", ST_BUSY, "there is a session s1 already");
    refused(&f, session_send, "{}", ST_INVALID, "session.send: give \"text\" or \"parts\"");
    refused(&f, session_send, "{\"text\":\"a\",\"expectedVersion\":4}", ST_BUSY,
            "session s1 is at version 1, not at 4; look at what was added and try again");
    refused(&f, session_call_end, "{\"callId\":\"c9\",\"end\":\"completed\"}", ST_NOT_FOUND,
            "session s1 has no open call c9");
    refused(&f, session_tag, "{}", ST_INVALID, "session.tag: give \"add\" or \"remove\"");
    fold_command(&f, session_suspend, "{}", data);
    refused(&f, session_send, "{\"text\":\"a\"}", ST_INVALID,
            "session s1 is suspended; resume it first");
    fold_command(&f, session_close, "{\"status\":\"failed\"}", data);
    refused(&f, session_send, "{\"text\":\"a\"}", ST_INVALID,
            "session s1 is failed: nothing can be added to it; fork it to go on");
    refused(&f, session_resume, "{}", ST_INVALID,
            "session s1 is failed: nothing can be added to it; fork it to go on");
    refused(&f, session_close, "{}", ST_INVALID, "session s1 is failed already");
    fold_clear(&f);
}

static void limits(void **state)
{
    struct fold f = FOLD_INIT;
    char data[4096];
    (void)state;
    fold_command(&f, session_create, "{}", data);
    for (int i = 0; i < 7; i++)
        assert_int_equal(fold_command(&f, session_send, "{\"text\":\"a\"}", data), 0);
    refused(&f, session_send, "{\"text\":\"a\"}", ST_TOO_LARGE,
            "session s1 has 8 events, and more are not allowed; begin another (setting "
            "sessions.max_operations)");
    f.session.limits.max_operations = 0;
    fold_command(&f, session_call_begin, "{\"target\":\"t\"}", data);
    f.session.artifacts = 1000;
    refused(&f, session_call_end,
            "{\"callId\":\"id-9\",\"end\":\"completed\",\"resultRef\":\"blake3:0\"}", ST_TOO_LARGE,
            "session s1 refers to 1000 artifacts, and more are not allowed (setting "
            "sessions.max_artifacts)");
    f.session.bytes = 99995;
    refused(&f, session_send, "{\"text\":\"abcdef\"}", ST_TOO_LARGE,
            "session s1 has 99995 bytes, and 100000 are allowed; begin another (setting "
            "sessions.max_bytes)");
    f.session.bytes = 0;
    f.now_ms += 60000;
    refused(&f, session_send, "{\"text\":\"a\"}", ST_TIMEOUT,
            "session s1 is older than is allowed for adding to it; fork it or begin another (setting "
            "sessions.max_duration)");
    fold_clear(&f);
}

static void one_event_is_bounded(void **state)
{
    struct fold f = FOLD_INIT;
    static char data[4096], large[(1 << 20) + 100];
    (void)state;
    fold_command(&f, session_create, "{}", data);
    f.session.limits.max_bytes = 0;
    int at = snprintf(large, sizeof(large), "{\"text\":\"");
    memset(large + at, 'a', 1 << 20);
    strcpy(large + at + (1 << 20), "\"}");
    refused(&f, session_send, large, ST_TOO_LARGE,
            "this takes 1048687 bytes, and one event of a session may have 1036288; store it as an "
            "artifact and refer to it");
    fold_clear(&f);
}

static int blot(void *ctx, struct json value, struct buffer *out, bool *found, struct error *err)
{
    struct str json = json_text(value);
    (void)ctx;
    (void)err;
    *found = memmem(json.ptr, json.len, "secret", 6) != NULL;
    buffer_add_str(out, *found ? STR("\"[REDACTED]\"") : json);
    return ST_OK;
}

static void secrets_are_not_recorded(void **state)
{
    struct fold f = FOLD_INIT;
    struct session_emit emit = {0};
    const struct session_world world = {.id = STR("c1"), .redact = blot};
    struct json_doc *doc;
    char data[4096];
    (void)state;
    fold_command(&f, session_create, "{}", data);
    json_parse(STR("{\"target\":\"t\",\"arguments\":{\"key\":\"secret\"}}"), &doc, NULL);
    f.session.limits = (struct session_limits){0};
    assert_int_equal(session_call_begin(&f.session, json_root(doc), &world, &emit, &f.err), 0);
    buffer_add(&emit.data, "", 1);
    assert_string_equal(emit.data.data, "{\"callId\":\"c1\",\"action\":\"call\",\"target\":\"t\","
                                        "\"arguments\":\"[REDACTED]\",\"redacted\":true}");
    buffer_add(&emit.answer, "", 1);
    assert_string_equal(emit.answer.data, "\"callId\":\"c1\"");
    session_emit_clear(&emit);
    json_free(doc);
    fold_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_they_emit),       cmocka_unit_test(what_they_refuse),
        cmocka_unit_test(limits),               cmocka_unit_test(one_event_is_bounded),
        cmocka_unit_test(secrets_are_not_recorded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
