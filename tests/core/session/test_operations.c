/* Operations on sessions over a real journal and real projections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/session/world.h"

static char id[64], other[64];

static void create(struct world *w, const struct caller *caller, const char *arguments, char *out)
{
    if (run(w, caller, "session.create", arguments))
        fail_msg("%s", w->text);
    snprintf(out, 64, "%s", member(w, "id"));
}

static void does(struct world *w, const char *operation, const char *format)
{
    if (run_on(w, &w->ann, operation, id, format))
        fail_msg("%s: %s", operation, w->text);
}

static void a_session_from_begin_to_end(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{\"title\":\"Trip\",\"tags\":[\"t\"],\"agent\":\"guide\"}", id);
    assert_string_equal(member(w, "version"), "1");
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"Where to?\"}");
    assert_string_equal(member(w, "version"), "2");
    assert_int_equal(strlen(member(w, "messageId")), 36);
    does(w, "session.respond",
         "{\"id\":\"%s\",\"text\":\"Rome\",\"model\":\"m\",\"usage\":{\"in\":10,\"out\":2},"
         "\"costUsd\":0.001}");
    does(w, "session.get", "{\"id\":\"%s\"}");
    assert_non_null(strstr(w->text, "\"version\":3"));
    assert_non_null(strstr(w->text, "\"usage\":{\"responses\":1,\"failures\":0,\"in\":10,\"cachedIn\":0,"
                                 "\"out\":2,\"reasoning\":0,\"costUsd\":0.001}"));
    does(w, "session.suspend", "{\"id\":\"%s\"}");
    assert_int_equal(run_on(w, &w->ann, "session.send", id, "{\"id\":\"%s\",\"text\":\"a\"}"),
                     ST_INVALID);
    does(w, "session.resume", "{\"id\":\"%s\"}");
    does(w, "session.close", "{\"id\":\"%s\"}");
    assert_int_equal(run_on(w, &w->ann, "session.send", id, "{\"id\":\"%s\",\"text\":\"a\"}"),
                     ST_INVALID);
    does(w, "session.erase", "{\"id\":\"%s\"}");
    assert_int_equal(run_on(w, &w->ann, "session.get", id, "{\"id\":\"%s\"}"), ST_NOT_FOUND);
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(w->text, "{\"sessions\":[],\"total\":0}");
    world_free(w);
}

static void a_repeated_command_is_done_once(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{}", id);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\",\"commandId\":\"c1\"}");
    assert_string_equal(member(w, "messageId"), "c1");
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\",\"commandId\":\"c1\"}");
    assert_string_equal(member(w, "repeated"), "true");
    assert_string_equal(member(w, "version"), "2");
    create(w, &w->ann, "{}", other);
    assert_int_equal(run_on(w, &w->ann, "session.send", other,
                            "{\"id\":\"%s\",\"text\":\"a\",\"commandId\":\"c1\"}"),
                     0);
    assert_string_equal(member(w, "repeated"), "");
    world_free(w);
}

static void lists(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{\"title\":\"Beta\",\"tags\":[\"x\"]}", id);
    create(w, &w->ann, "{\"title\":\"Alpha\",\"description\":\"of the sea\"}", other);
    create(w, &w->bob, "{\"title\":\"Hidden\"}", other);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\"}");
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(member(w, "total"), "2");
    assert_non_null(strstr(w->text, "Beta"));
    assert_true(strstr(w->text, "Beta") < strstr(w->text, "Alpha"));
    assert_null(strstr(w->text, "Hidden"));
    run(w, &w->ann, "session.list", "{\"sort\":\"title\",\"limit\":1}");
    assert_string_equal(member(w, "next"), "1");
    assert_null(strstr(w->text, "Beta"));
    run(w, &w->ann, "session.list", "{\"sort\":\"title\",\"limit\":1,\"offset\":1}");
    assert_string_equal(member(w, "next"), "");
    assert_non_null(strstr(w->text, "Beta"));
    run(w, &w->ann, "session.list", "{\"tag\":\"x\"}");
    assert_string_equal(member(w, "total"), "1");
    run(w, &w->ann, "session.list", "{\"query\":\"SEA\"}");
    assert_non_null(strstr(w->text, "Alpha"));
    assert_string_equal(member(w, "total"), "1");
    run(w, &w->ann, "session.list", "{\"status\":\"completed\"}");
    assert_string_equal(w->text, "{\"sessions\":[],\"total\":0}");
    world_free(w);
}

static void history_now_and_then(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{}", id);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\"}");
    does(w, "session.call", "{\"id\":\"%s\",\"target\":\"look\",\"commandId\":\"c1\"}");
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"b\"}");
    does(w, "session.return",
         "{\"id\":\"%s\",\"callId\":\"c1\",\"end\":\"completed\",\"result\":{\"content\":[]},\"ms\":3}");
    does(w, "session.history", "{\"id\":\"%s\"}");
    assert_non_null(strstr(w->text, "\"version\":5,\"items\":[{\"version\":1,\"type\":\"SessionCreated\""));
    assert_non_null(strstr(w->text, "\"returned\":{\"version\":5,\"type\":\"ToolReturned\""));
    assert_null(strstr(w->text, "\"next\""));
    /* As of version 4 the call was open. */
    does(w, "session.history", "{\"id\":\"%s\",\"version\":4,\"after\":2}");
    assert_null(strstr(w->text, "returned"));
    assert_non_null(strstr(w->text, "\"version\":4,\"items\":[{\"version\":3,\"type\":\"ToolCalled\""));
    does(w, "session.history", "{\"id\":\"%s\",\"limit\":2}");
    assert_string_equal(member(w, "next"), "2");
    does(w, "session.history", "{\"id\":\"%s\",\"limit\":2,\"after\":2}");
    assert_null(strstr(w->text, "\"next\""));
    does(w, "session.history", "{\"id\":\"%s\",\"limit\":1,\"backward\":true}");
    assert_string_equal(member(w, "next"), "4");
    does(w, "session.state_at", "{\"id\":\"%s\",\"version\":2}");
    assert_string_equal(member(w, "messages"), "1");
    does(w, "session.diff", "{\"id\":\"%s\",\"from\":2,\"to\":3}");
    assert_non_null(strstr(w->text, "{\"path\":\"/openCalls\",\"kind\":\"value\",\"severity\":\"major\","
                                    "\"recorded\":0,\"now\":1}"));
    assert_int_equal(run_on(w, &w->ann, "session.diff", id, "{\"id\":\"%s\",\"from\":2,\"to\":9}"),
                     ST_NOT_FOUND);
    does(w, "session.event", "{\"id\":\"%s\",\"version\":2}");
    assert_string_equal(member(w, "type"), "MessageSent");
    assert_int_equal(run_on(w, &w->ann, "session.event", id, "{\"id\":\"%s\",\"version\":9}"),
                     ST_NOT_FOUND);
    world_free(w);
}

static void forks(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{\"title\":\"Trip\",\"tags\":[\"t\"]}", id);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"one\"}");
    does(w, "session.respond", "{\"id\":\"%s\",\"text\":\"two\",\"model\":\"m\",\"usage\":{\"in\":5}}");
    does(w, "session.close", "{\"id\":\"%s\"}");
    does(w, "session.fork", "{\"id\":\"%s\",\"version\":2,\"title\":\"Other\"}");
    snprintf(other, sizeof(other), "%s", member(w, "id"));
    assert_string_equal(member(w, "version"), "4");
    assert_string_equal(member(w, "parent"), id);
    assert_string_equal(member(w, "parentVersion"), "2");
    run_on(w, &w->ann, "session.get", other, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "title"), "Other");
    assert_string_equal(member(w, "status"), "active");
    assert_string_equal(member(w, "messages"), "1");
    assert_string_equal(member(w, "tags"), "[\"t\"]");
    assert_int_equal(
        run_on(w, &w->ann, "session.send", other, "{\"id\":\"%s\",\"text\":\"three\"}"), 0);
    run_on(w, &w->ann, "session.history", other, "{\"id\":\"%s\"}");
    assert_non_null(strstr(w->text, "\"version\":3,\"type\":\"MessageSent\""));
    /* A fork of the fork is a copy of the first session, not a copy of copies. */
    run_on(w, &w->ann, "session.fork", other, "{\"id\":\"%s\"}");
    snprintf(other, sizeof(other), "%s", member(w, "id"));
    run_on(w, &w->ann, "session.event", other, "{\"id\":\"%s\",\"version\":4}");
    assert_string_equal(member(w, "type"), "MessageSent");
    run_on(w, &w->ann, "session.get", other, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "messages"), "2");
    /* The whole of a session, closed as it is, can be gone on with. */
    does(w, "session.fork", "{\"id\":\"%s\"}");
    snprintf(other, sizeof(other), "%s", member(w, "id"));
    assert_int_equal(run_on(w, &w->ann, "session.send", other, "{\"id\":\"%s\",\"text\":\"x\"}"), 0);
    /* What a model cost was paid once. */
    run(w, &w->ann, "session.usage", "{}");
    assert_non_null(strstr(w->text, "\"total\":{\"responses\":1,\"failures\":0,\"in\":5"));
    assert_int_equal(run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\",\"version\":9}"),
                     ST_NOT_FOUND);
    world_free(w);
}

static void a_fork_of_many_events(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{}", id);
    for (int i = 0; i < 990; i++)
        does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\"}");
    does(w, "session.fork", "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "version"), "992");
    snprintf(other, sizeof(other), "%s", member(w, "id"));
    run_on(w, &w->ann, "session.get", other, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "messages"), "990");
    world_free(w);
}

/* A fork that broke off is nobody's. */
static void a_fork_that_fails_shows_nothing(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{}", id);
    for (int i = 0; i < 600; i++)
        does(w, "session.send", "{\"id\":\"%s\",\"text\":\"a\"}");
    fake_event_store_hold(w->store, true);
    run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\"}");
    while (fake_event_store_calls(w->store, FAKE_APPEND) < 602)
        assert_int_equal(fake_event_store_release(w->store, 1), 1);
    fake_event_store_release(w->store, 1);
    fake_event_store_fail(w->store, FAKE_READ, ST_UNAVAILABLE);
    fake_event_store_hold(w->store, false);
    fake_event_store_release(w->store, 10);
    assert_int_equal(w->code, ST_UNAVAILABLE);
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(member(w, "total"), "1");
    world_free(w);
}

static const char *const hostile[] = {
    "session.get",      "{\"id\":\"%s\"}",
    "session.state_at", "{\"id\":\"%s\",\"version\":1}",
    "session.diff",     "{\"id\":\"%s\",\"from\":1,\"to\":2}",
    "session.event",    "{\"id\":\"%s\",\"version\":1}",
    "session.history",  "{\"id\":\"%s\"}",
    "session.fork",     "{\"id\":\"%s\"}",
    "session.send",     "{\"id\":\"%s\",\"text\":\"hi\"}",
    "session.respond",  "{\"id\":\"%s\",\"text\":\"hi\"}",
    "session.call",     "{\"id\":\"%s\",\"target\":\"look\"}",
    "session.return",   "{\"id\":\"%s\",\"callId\":\"c1\",\"end\":\"completed\"}",
    "session.optimize", "{\"id\":\"%s\",\"strategy\":\"s\"}",
    "session.tag",      "{\"id\":\"%s\",\"add\":[\"x\"]}",
    "session.rename",   "{\"id\":\"%s\",\"title\":\"x\"}",
    "session.suspend",  "{\"id\":\"%s\"}",
    "session.resume",   "{\"id\":\"%s\"}",
    "session.close",    "{\"id\":\"%s\"}",
    "session.erase",    "{\"id\":\"%s\"}",
    "session.replay",   "{\"id\":\"%s\",\"mode\":\"live\"}",
};

/* Who knows the id of another's session gets the answer of one that never was. */
static void sessions_of_others_are_not_there(void **state)
{
    static const char *const never = "0190c0de-0000-7000-8000-000000000000";
    struct world *w = world_new();
    const struct caller *others[] = {&w->bob, &w->eve};
    (void)state;
    create(w, &w->ann, "{\"title\":\"Secret plan\"}", id);
    does(w, "session.call", "{\"id\":\"%s\",\"target\":\"look\",\"commandId\":\"c1\"}");
    uint64_t events = fake_event_store_count(w->store);
    for (size_t o = 0; o < 2; o++)
        for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i += 2) {
            char text[500], *at;
            assert_int_equal(run_on(w, others[o], hostile[i], never, hostile[i + 1]), ST_NOT_FOUND);
            snprintf(text, sizeof(text), "%s", w->text);
            assert_int_equal(run_on(w, others[o], hostile[i], id, hostile[i + 1]), ST_NOT_FOUND);
            at = strstr(w->text, id);
            assert_non_null(at);
            memcpy(at, never, strlen(never));
            assert_string_equal(w->text, text);
        }
    assert_int_equal(fake_event_store_count(w->store), events);
    assert_int_equal(w->made, 0);
    assert_int_equal(run(w, &w->bob, "session.get", "{\"id\":\"../session/x\"}"), ST_NOT_FOUND);
    run(w, &w->bob, "session.list", "{}");
    assert_string_equal(w->text, "{\"sessions\":[],\"total\":0}");
    run(w, &w->eve, "session.tools", "{}");
    assert_string_equal(w->text, "{\"tools\":[]}");
    run(w, &w->bob, "session.search", "{\"text\":\"Secret\"}");
    assert_string_equal(w->text, "{\"hits\":[]}");
    run(w, &w->eve, "session.search", "{\"text\":\"Secret\"}");
    assert_string_equal(w->text, "{\"hits\":[]}");
    world_free(w);
}

static void search_finds_messages(void **state)
{
    struct world *w = world_new();
    char expected[300];
    (void)state;
    create(w, &w->ann, "{\"title\":\"Trip\"}", id);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"the harbour at night\"}");
    assert_int_equal(run(w, &w->ann, "session.search", "{\"text\":\"harbour\"}"), 0);
    snprintf(expected, sizeof(expected),
             "{\"hits\":[{\"session\":\"%s\",\"title\":\"Trip\",\"version\":2,\"type\":\"MessageSent\","
             "\"score\":1}]}",
             id);
    assert_string_equal(w->text, expected);
    does(w, "session.send", "{\"id\":\"%s\",\"text\":\"the harbour at noon\"}");
    run(w, &w->ann, "session.search", "{\"text\":\"noon\"}");
    assert_non_null(strstr(w->text, "\"version\":3"));
    assert_int_equal(w->indexed, 3); /* each once */
    does(w, "session.erase", "{\"id\":\"%s\"}");
    run(w, &w->ann, "session.search", "{\"text\":\"noon\"}");
    assert_string_equal(w->text, "{\"hits\":[]}");
    assert_int_equal(w->removed, 4); /* its words are gone from the index, too */
    world_free(w);
}

static void sums(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{\"agent\":\"guide\"}", id);
    does(w, "session.respond",
         "{\"id\":\"%s\",\"text\":\"x\",\"model\":\"a/b\",\"usage\":{\"in\":10,\"out\":2},\"costUsd\":0.1}");
    does(w, "session.respond",
         "{\"id\":\"%s\",\"text\":\"x\",\"model\":\"a/b\",\"usage\":{\"in\":5,\"out\":1},\"costUsd\":0.2}");
    does(w, "session.respond", "{\"id\":\"%s\",\"model\":\"c\",\"error\":{\"code\":\"overloaded\"}}");
    run(w, &w->ann, "session.usage", "{}");
    assert_string_equal(
        w->text,
        "{\"rows\":[{\"day\":\"2023-11-14\",\"agent\":\"guide\",\"model\":\"a/b\",\"responses\":2,"
        "\"failures\":0,\"in\":15,\"cachedIn\":0,\"out\":3,\"reasoning\":0,\"costUsd\":0.3},"
        "{\"day\":\"2023-11-14\",\"agent\":\"guide\",\"model\":\"c\",\"responses\":0,\"failures\":1,"
        "\"in\":0,\"cachedIn\":0,\"out\":0,\"reasoning\":0,\"costUsd\":0}],\"total\":{\"responses\":2,"
        "\"failures\":1,\"in\":15,\"cachedIn\":0,\"out\":3,\"reasoning\":0,\"costUsd\":0.3}}");
    run(w, &w->ann, "session.usage", "{\"model\":\"c\",\"from\":\"2023-11-15\"}");
    assert_non_null(strstr(w->text, "{\"rows\":[],"));
    for (int i = 0; i < 3; i++) {
        static const char *const ends[] = {"completed", "failed", "cancelled"};
        char call[200], end[200];
        snprintf(call, sizeof(call),
                 "{\"id\":\"%%s\",\"target\":\"look\",\"commandId\":\"c%d\"}", i);
        snprintf(end, sizeof(end), "{\"id\":\"%%s\",\"callId\":\"c%d\",\"end\":\"%s\",\"ms\":%d}", i,
                 ends[i], i == 2 ? 100 : 3);
        does(w, "session.call", call);
        does(w, "session.return", end);
    }
    run(w, &w->ann, "session.tools", "{}");
    assert_string_equal(w->text, "{\"tools\":[{\"tool\":\"look\",\"calls\":3,\"failed\":1,"
                                 "\"cancelled\":1,\"totalMs\":106,\"maxMs\":100,\"p95Ms\":128}]}");
    world_free(w);
}

/* Commands that come while others on the session run wait, also one that the end of one begins. */
struct chain {
    struct world *w;
    const char *id;
    size_t done;
    bool more; /* the first end begins another */
};

static void send_on(struct chain *chain);

static void chained(void *arg, const struct error *err, struct str json)
{
    struct chain *chain = arg;
    (void)json;
    assert_null(err);
    chain->done++;
    if (chain->more) {
        chain->more = false;
        send_on(chain);
    }
}

static void send_on(struct chain *chain)
{
    const struct operation_service *service = operations_service(chain->w->operations);
    char arguments[100];
    snprintf(arguments, sizeof(arguments), "{\"id\":\"%s\",\"text\":\"x\"}", chain->id);
    const struct call_context context = {.caller = &chain->w->ann};
    const struct operation_request request = {
        .name = STR("session.send"), .arguments = str_from(arguments), .context = &context};
    const struct operation_observer observer = {chain, NULL, chained};
    service->execute(service->ctx, &request, &observer, NULL);
}

static void commands_on_one_session_take_turns(void **state)
{
    struct world *w = world_new();
    (void)state;
    create(w, &w->ann, "{}", id);
    struct chain chain = {w, id, 0, true};
    uint64_t before = fake_event_store_calls(w->store, FAKE_APPEND);
    fake_event_store_hold(w->store, true);
    send_on(&chain);
    send_on(&chain);
    while (fake_event_store_waiting(w->store))
        fake_event_store_release(w->store, 1);
    fake_event_store_hold(w->store, false);
    assert_int_equal(chain.done, 3);
    /* None was done twice because another had come between. */
    assert_int_equal(fake_event_store_calls(w->store, FAKE_APPEND) - before, 3);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_from_begin_to_end),
        cmocka_unit_test(a_repeated_command_is_done_once),
        cmocka_unit_test(lists),
        cmocka_unit_test(history_now_and_then),
        cmocka_unit_test(forks),
        cmocka_unit_test(a_fork_of_many_events),
        cmocka_unit_test(a_fork_that_fails_shows_nothing),
        cmocka_unit_test(sessions_of_others_are_not_there),
        cmocka_unit_test(search_finds_messages),
        cmocka_unit_test(sums),
        cmocka_unit_test(commands_on_one_session_take_turns),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
