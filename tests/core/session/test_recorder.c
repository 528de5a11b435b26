/* What is recorded of calls, when, and what a client hears when it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/session/world.h"

struct heard {
    int done, released;
    enum call_end end;
    char text[500];  /* result or error */
    uint64_t appends; /* that the store had seen then */
    struct world *w;
};

static void done(void *user, const struct call_outcome *outcome)
{
    struct heard *h = user;
    struct str text = outcome->error ? (struct str){outcome->error->text, strlen(outcome->error->text)}
                                     : json_text(outcome->result);
    assert_int_equal(h->released, 0);
    h->done++;
    h->end = outcome->end;
    h->appends = fake_event_store_count(h->w->store);
    snprintf(h->text, sizeof(h->text), "%.*s", (int)text.len, text.ptr ? text.ptr : "");
}

static void release(void *hold)
{
    struct heard *h = hold;
    assert_int_equal(h->done, 1);
    h->released++;
}

static uint64_t unwanted; /* a call that is cancelled when it tells progress */

static void progress(void *user, double done_so_far, double total, struct str message)
{
    const struct heard *h = user;
    const struct call_service *service = recorder_service(h->w->recorder);
    (void)done_so_far;
    (void)total;
    (void)message;
    service->cancel(service->ctx, unwanted);
}

static const struct call_observer observer = {.progress = progress, .done = done};
static char id[64];
static struct json_doc *arguments;

static uint64_t call(struct world *w, struct heard *h, const struct caller *caller,
                     const char *target, const char *session)
{
    const struct call_service *service = recorder_service(w->recorder);
    char meta[200];
    uint64_t number = 0;
    struct error err;
    *h = (struct heard){.w = w};
    snprintf(meta, sizeof(meta), "{\"io.hexmcp/session\":\"%s\"}", session ? session : "");
    json_free(arguments);
    assert_int_equal(json_parse(STR("{\"n\":1}"), &arguments, NULL), 0);
    const struct call_request request = {
        .action = ACTION_CALL,
        .target = str_from(target),
        .arguments = json_root(arguments),
        .context = {.caller = caller,
                    .meta = session ? str_from(meta) : (struct str){NULL, 0}},
        .observer = &observer,
        .user = h,
        .release = release,
        .hold = h,
    };
    int rc = service->call(service->ctx, &request, &number, &err);
    if (rc)
        snprintf(h->text, sizeof(h->text), "returned %d: %s", rc, err.text);
    return number;
}

static struct world *begin(void)
{
    struct world *w = world_new();
    w->step_ns = 1000000;
    assert_int_equal(run(w, &w->ann, "session.create", "{}"), 0);
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    return w;
}

static void end(struct world *w)
{
    json_free(arguments);
    arguments = NULL;
    world_free(w);
}

static struct str data_at(struct world *w, uint64_t position)
{
    return fake_event_store_at(w->store, position)->data;
}

static void assert_data(struct world *w, uint64_t position, const char *type, const char *part)
{
    const struct stored_event *event = fake_event_store_at(w->store, position);
    assert_non_null(event);
    assert_true(str_eq(event->type, str_from(type)));
    if (!memmem(event->data.ptr, event->data.len, part, strlen(part)))
        fail_msg("%.*s", STR_ARG(event->data));
}

static void a_call_and_its_end(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    w->result = "{\"content\":[{\"type\":\"text\",\"text\":\"2\"}]}";
    assert_int_equal(call(w, &h, &w->ann, "look", id), 0);
    assert_int_equal(h.done, 1);
    assert_int_equal(h.released, 1);
    assert_string_equal(h.text, w->result);
    assert_int_equal(h.appends, 3); /* told when both were durable */
    assert_string_equal(w->arguments, "{\"n\":1}");
    assert_data(w, 2, "ToolCalled", "\"action\":\"call\",\"target\":\"look\",\"arguments\":{\"n\":1}}");
    assert_data(w, 3, "ToolReturned",
                "\"action\":\"call\",\"target\":\"look\",\"after\":1,\"end\":\"completed\",\"ms\":1,"
                "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"2\"}]},\"digest\":\"sha256:");
    end(w);
}

/* Nothing is told before it is durable, and nothing runs before that it was called is. */
static void durable_before_told(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    fake_event_store_hold(w->store, true);
    uint64_t number = call(w, &h, &w->ann, "look", id);
    assert_int_not_equal(number, 0);
    assert_int_equal(w->made, 0);
    while (w->made == 0)
        assert_int_equal(fake_event_store_release(w->store, 1), 1);
    assert_int_equal(fake_event_store_count(w->store), 2);
    assert_int_equal(h.done, 0);
    while (h.done == 0)
        assert_int_equal(fake_event_store_release(w->store, 1), 1);
    assert_int_equal(h.appends, 3);
    end(w);
}

/* Calls of one session at the same time are no conflict. */
static void many_at_once(void **state)
{
    enum { COUNT = 40 };
    struct world *w = begin();
    static struct heard h[COUNT];
    struct json_doc *documents[COUNT];
    (void)state;
    fake_event_store_hold(w->store, true);
    for (int i = 0; i < COUNT; i++) {
        call(w, &h[i], &w->ann, "look", id);
        documents[i] = arguments;
        arguments = NULL;
    }
    while (fake_event_store_release(w->store, 1))
        ;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(h[i].done, 1);
        assert_int_equal(h[i].end, CALL_RESULT);
        json_free(documents[i]);
    }
    assert_int_equal(fake_event_store_count(w->store), 1 + 2 * COUNT);
    end(w);
}

static void calls_without_a_session_go_through(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    call(w, &h, &w->ann, "look", NULL);
    assert_int_equal(h.done, 1);
    assert_int_equal(h.released, 1);
    assert_int_equal(fake_event_store_count(w->store), 1);
    end(w);
}

static void what_cannot_be_recorded_is_not_made(void **state)
{
    struct world *w = begin();
    struct heard h;
    char text[200];
    (void)state;
    call(w, &h, &w->bob, "look", id);
    assert_int_equal(h.end, CALL_FAILED);
    snprintf(text, sizeof(text),
             "there is no session %s; session.list names those that there are", id);
    assert_string_equal(h.text, text);
    call(w, &h, &w->ann, "look", "x");
    assert_string_equal(h.text,
                        "there is no session x; session.list names those that there are");
    const struct call_service *service = recorder_service(w->recorder);
    uint64_t number;
    struct error err;
    h = (struct heard){.w = w};
    const struct call_request wrong = {
        .action = ACTION_CALL, .target = STR("look"),
        .context = {.caller = &w->ann, .meta = STR("{\"io.hexmcp\\/session\":7}")},
        .observer = &observer, .user = &h};
    assert_int_equal(service->call(service->ctx, &wrong, &number, &err), 0);
    assert_string_equal(h.text, "_meta: io.hexmcp/session must be the id of a session");
    fake_event_store_fail(w->store, FAKE_APPEND, ST_UNAVAILABLE);
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_FAILED);
    assert_string_equal(h.text, "the store says no");
    assert_int_equal(h.released, 1);
    run_on(w, &w->ann, "session.close", id, "{\"id\":\"%s\"}");
    call(w, &h, &w->ann, "look", id);
    snprintf(text, sizeof(text),
             "session %s is completed: nothing can be added to it; fork it to go on", id);
    assert_string_equal(h.text, text);
    assert_int_equal(w->made, 0);
    end(w);
}

static void an_end_that_cannot_be_recorded_is_told(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    w->result = NULL;
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(w->made, 1);
    fake_event_store_fail(w->store, FAKE_APPEND, ST_UNAVAILABLE);
    w->end = CALL_FAILED;
    w->pending.observer->done(w->pending.user, &(struct call_outcome){.end = CALL_RESULT});
    w->pending.release(w->pending.hold);
    assert_int_equal(h.end, CALL_FAILED);
    assert_string_equal(h.text, "the call was made, and its end could not be recorded: the store "
                                "says no");
    assert_int_equal(h.released, 1);
    end(w);
}

static void a_failed_call(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    w->result = NULL;
    w->end = CALL_FAILED;
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_FAILED);
    assert_string_equal(h.text, "the plugin is not there");
    assert_data(w, 3, "ToolReturned",
                "\"end\":\"failed\",\"error\":{\"code\":\"unavailable\",\"message\":\"the plugin is not "
                "there\"},\"ms\":1}");
    /* A tool that went while the call was written. */
    call(w, &h, &w->ann, "gone", id);
    assert_int_equal(h.end, CALL_FAILED);
    assert_string_equal(h.text, "there is no tool gone");
    assert_int_equal(h.released, 1);
    /* One that never was is as without a session. */
    call(w, &h, &w->ann, "never", id);
    assert_int_equal(w->made, 2);
    end(w);
}

static void cancelling(void **state)
{
    struct world *w = begin();
    const struct call_service *service = recorder_service(w->recorder);
    struct heard h;
    (void)state;
    w->result = NULL;
    uint64_t number = call(w, &h, &w->ann, "look", id);
    service->cancel(service->ctx, number + 1);
    assert_int_equal(h.done, 0);
    service->cancel(service->ctx, number);
    assert_int_equal(h.end, CALL_CANCELLED);
    assert_int_equal(h.done, 1);
    assert_int_equal(h.released, 1);
    assert_int_equal(w->cancelled, 1);
    assert_data(w, 3, "ToolReturned", "\"end\":\"cancelled\"");
    /* Before it runs: it is told at once and never made. */
    fake_event_store_hold(w->store, true);
    number = call(w, &h, &w->ann, "look", id);
    service->cancel(service->ctx, number);
    assert_int_equal(h.end, CALL_CANCELLED);
    assert_int_equal(h.released, 0);
    fake_event_store_hold(w->store, false);
    while (fake_event_store_release(w->store, 10))
        ;
    assert_int_equal(h.released, 1);
    assert_int_equal(w->made, 1);
    assert_data(w, 5, "ToolReturned", "\"end\":\"cancelled\"");
    end(w);
}

static void cancelling_while_it_begins(void **state)
{
    struct world *w = begin();
    const struct call_service *service = recorder_service(w->recorder);
    struct heard h;
    (void)state;
    w->result = NULL;
    uint64_t number = call(w, &h, &w->ann, "look", id);
    service->cancel(service->ctx, number);
    w->tells = true;
    unwanted = number + 1;
    assert_int_equal(call(w, &h, &w->ann, "look", id), 0);
    assert_int_equal(h.end, CALL_CANCELLED);
    assert_int_equal(w->cancelled, 2);
    assert_int_equal(h.released, 1);
    assert_data(w, 5, "ToolReturned", "\"end\":\"cancelled\"");
    end(w);
}

static void secrets_stay_out_of_the_record(void **state)
{
    struct world *w = begin();
    struct heard h;
    (void)state;
    w->result = "{\"content\":[],\"structuredContent\":{\"apiKey\":\"abc123secretvalue\"}}";
    call(w, &h, &w->ann, "look", id);
    assert_string_equal(h.text, w->result); /* the client gets what the tool said */
    struct str data = data_at(w, 3);
    assert_null(memmem(data.ptr, data.len, "abc123", 6));
    assert_null(memmem(data.ptr, data.len, "digest", 6));
    assert_data(w, 3, "ToolReturned", "[REDACTED]\"}},\"redacted\":true}");
    end(w);
}

/* A result of `len` + 21 bytes. */
static char *long_result(size_t len)
{
    static const char head[] = "{\"content\":[],\"x\":\"", tail[] = "\"}";
    size_t at = sizeof(head) - 1;
    char *text = malloc(at + len + 100); /* with room for more at its end */
    assert_non_null(text);
    memcpy(text, head, at);
    memset(text + at, 'a', len);
    memcpy(text + at + len, tail, sizeof(tail));
    return text;
}

static void a_long_result_is_an_artifact(void **state)
{
    struct world *w = begin();
    struct heard h;
    char *text = long_result(65536 - 21), owner[80], facts[300];
    (void)state;
    w->result = text; /* still in the event */
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(w->artifact_count, 0);
    assert_data(w, 3, "ToolReturned", "\"result\":{\"content\":[],\"x\":\"aaa");
    free(text);
    text = long_result(65536 - 20);
    w->result = text;
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_RESULT);
    assert_int_equal(w->artifact_count, 1);
    assert_string_equal(w->artifacts[0].bytes, text);
    assert_string_equal(w->artifacts[0].caller, "ann@acme");
    snprintf(owner, sizeof(owner), "session/%s", id);
    assert_string_equal(w->artifacts[0].owner, owner);
    const struct stored_event *called = fake_event_store_at(w->store, 4);
    snprintf(facts, sizeof(facts),
             "{\"name\":\"%.36s.json\",\"mimeType\":\"application/json\",\"kind\":\"tool_result\","
             "\"tags\":[\"recorded\"],\"session\":\"%s\"}",
             called->data.ptr + sizeof("{\"callId\":\"") - 1, id);
    assert_string_equal(w->artifacts[0].facts, facts);
    snprintf(facts, sizeof(facts), "\"ms\":1,\"resultRef\":\"%s\",\"bytes\":65537,\"digest\":\"sha256:",
             w->artifacts[0].id);
    assert_data(w, 5, "ToolReturned", facts);
    assert_null(memmem(data_at(w, 5).ptr, data_at(w, 5).len, "\"result\":", 9));
    run_on(w, &w->ann, "session.get", id, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "artifacts"), "1");
    run_on(w, &w->ann, "session.history", id, "{\"id\":\"%s\"}");
    snprintf(facts, sizeof(facts), "\"resultRef\":\"%s\",\"bytes\":65537", w->artifacts[0].id);
    assert_non_null(strstr(w->text, facts));
    /* An erased session holds nothing. */
    assert_int_equal(run_on(w, &w->ann, "session.erase", id, "{\"id\":\"%s\"}"), 0);
    assert_string_equal(member(w, "version"), "6");
    assert_string_equal(w->artifacts[0].owner, "");
    free(text);
    end(w);
}

static void the_bytes_are_stored_before_the_end_is_told(void **state)
{
    struct world *w = begin();
    struct heard h;
    char *text = long_result(70000);
    (void)state;
    w->result = text;
    w->artifact_wait = true;
    uint64_t number = call(w, &h, &w->ann, "look", id);
    assert_int_not_equal(number, 0);
    assert_int_equal(h.done, 0);
    assert_int_equal(fake_event_store_count(w->store), 2);
    world_artifact_go(w);
    assert_int_equal(h.done, 1);
    assert_int_equal(h.released, 1);
    assert_int_equal(fake_event_store_count(w->store), 3);
    /* The recorder goes while one is stored: nothing is told. */
    call(w, &h, &w->ann, "look", id);
    recorder_free(w->recorder);
    w->recorder = NULL;
    world_artifact_go(w);
    assert_int_equal(h.done, 0);
    free(text);
    end(w);
}

static void what_no_artifact_takes_is_recorded_as_before(void **state)
{
    struct world *w = begin();
    struct heard h;
    char *text = long_result(70000);
    (void)state;
    w->result = text;
    w->artifact_fails = "artifact.put";
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_RESULT);
    assert_data(w, 3, "ToolReturned", "\"result\":{\"content\":[],\"x\":\"aaa");
    w->artifact_fails = "artifact.hold";
    call(w, &h, &w->ann, "look", id);
    assert_data(w, 5, "ToolReturned", "\"result\":{\"content\":[],\"x\":\"aaa");
    free(text);
    w->artifact_fails = "artifact.put";
    w->result = text = long_result(RECORDER_RESULT_MAX);
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_RESULT);
    assert_data(w, 7, "ToolReturned", "\"omitted\":1000021,\"digest\":\"sha256:");
    free(text);
    /* Longer than what is stored at once. */
    w->artifact_fails = NULL;
    w->result = text = long_result((8u << 20) - 20);
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(w->artifact_count, 1);
    assert_data(w, 9, "ToolReturned", "\"omitted\":8388609,\"digest\":\"sha256:");
    free(text);
    end(w);
}

static void a_session_has_so_many_artifacts(void **state)
{
    struct world *w = begin();
    struct heard h;
    char *text = long_result(70000);
    (void)state;
    w->result = text;
    for (uint64_t i = 1; i <= 4; i++) {
        call(w, &h, &w->ann, "look", id);
        assert_int_equal(h.end, CALL_RESULT);
        assert_data(w, 1 + 2 * i, "ToolReturned",
                    i <= 3 ? "\"resultRef\":\"blake3:" : "\"result\":{\"content\":[],\"x\":\"aaa");
    }
    run_on(w, &w->ann, "session.get", id, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "artifacts"), "3");
    assert_string_equal(member(w, "openCalls"), "0");
    free(text);
    end(w);
}

static void secrets_stay_out_of_artifacts(void **state)
{
    struct world *w = begin();
    struct heard h;
    char *text = long_result(70000);
    (void)state;
    strcpy(text + 70000, "\",\"apiKey\":\"abc123secretvalue\"}");
    w->result = text;
    call(w, &h, &w->ann, "look", id);
    assert_int_equal(h.end, CALL_RESULT);
    assert_null(strstr(w->artifacts[0].bytes, "abc123"));
    assert_non_null(strstr(w->artifacts[0].bytes, "\"apiKey\":\"[REDACTED]\""));
    assert_data(w, 3, "ToolReturned", "\"resultRef\":\"blake3:");
    assert_data(w, 3, "ToolReturned", "\"redacted\":true}");
    assert_null(memmem(data_at(w, 3).ptr, data_at(w, 3).len, "digest", 6));
    free(text);
    end(w);
}

static void what_stays_held_is_said(void **state)
{
    struct world *w = begin();
    char text[300];
    (void)state;
    w->artifact_fails = "artifact.release";
    assert_int_equal(run_on(w, &w->ann, "session.erase", id, "{\"id\":\"%s\"}"), ST_UNAVAILABLE);
    snprintf(text, sizeof(text),
             "session %s is erased, and its artifacts are still held; artifact.release with the owner "
             "\"session/%s\" lets go of them: artifact.release says no",
             id, id);
    assert_string_equal(w->text, text);
    end(w);
}

static void all_calls_of_a_connection(void **state)
{
    struct world *w = world_open(true);
    struct heard h, i;
    (void)state;
    fake_event_store_hold(w->store, true);
    call(w, &h, &w->ann, "look", NULL);
    struct json_doc *first = arguments;
    arguments = NULL;
    call(w, &i, &w->ann, "look", NULL);
    fake_event_store_hold(w->store, false);
    while (fake_event_store_release(w->store, 10))
        ;
    json_free(first);
    assert_int_equal(h.done, 1);
    assert_int_equal(i.done, 1);
    call(w, &h, &w->bob, "look", NULL);
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(member(w, "total"), "1");
    assert_non_null(strstr(w->text, "\"title\":\"Recorded calls\""));
    assert_non_null(strstr(w->text, "\"calls\":2"));
    run(w, &w->bob, "session.list", "{}");
    assert_non_null(strstr(w->text, "\"calls\":1"));
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_and_its_end),
        cmocka_unit_test(durable_before_told),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(calls_without_a_session_go_through),
        cmocka_unit_test(what_cannot_be_recorded_is_not_made),
        cmocka_unit_test(an_end_that_cannot_be_recorded_is_told),
        cmocka_unit_test(a_failed_call),
        cmocka_unit_test(cancelling),
        cmocka_unit_test(cancelling_while_it_begins),
        cmocka_unit_test(secrets_stay_out_of_the_record),
        cmocka_unit_test(a_long_result_is_an_artifact),
        cmocka_unit_test(the_bytes_are_stored_before_the_end_is_told),
        cmocka_unit_test(what_no_artifact_takes_is_recorded_as_before),
        cmocka_unit_test(a_session_has_so_many_artifacts),
        cmocka_unit_test(secrets_stay_out_of_artifacts),
        cmocka_unit_test(what_stays_held_is_said),
        cmocka_unit_test(all_calls_of_a_connection),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
