/* Replays: from the record to the byte, and again with each difference named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/session/compare.h"
#include "core/session/modify.h"
#include "core/session/player.h"
#include "tests/core/session/world.h"

static char id[64];

static void ignore(void *user, const struct call_outcome *outcome)
{
    (void)user;
    (void)outcome;
}

/* Two calls: of "look", which gave 2.50 and a time, and of "change", which failed. */
static struct world *recorded(void)
{
    struct world *w = world_new();
    assert_int_equal(run(w, &w->ann, "session.create", "{}"), 0);
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    run_on(w, &w->ann, "session.call", id,
           "{\"id\":\"%s\",\"target\":\"look\",\"arguments\":{\"n\":[1,2]},\"commandId\":\"c1\"}");
    run_on(w, &w->ann, "session.return", id,
           "{\"id\":\"%s\",\"callId\":\"c1\",\"end\":\"completed\",\"result\":{\"content\":[],\"x\": 2.50,"
           "\"time\":\"then\"}}");
    run_on(w, &w->ann, "session.call", id,
           "{\"id\":\"%s\",\"target\":\"change\",\"commandId\":\"c2\"}");
    run_on(w, &w->ann, "session.return", id,
           "{\"id\":\"%s\",\"callId\":\"c2\",\"end\":\"failed\",\"result\":{\"content\":[]}}");
    return w;
}

static void assert_replay(struct world *w, const char *arguments, const char *expected)
{
    char text[3000];
    if (run_on(w, &w->ann, "session.replay", id, arguments))
        fail_msg("%s", w->text);
    snprintf(text, sizeof(text), expected, id);
    assert_string_equal(w->text, text);
}

static void exact(void **state)
{
    struct world *w = recorded();
    (void)state;
    assert_replay(w, "{\"id\":\"%s\"}",
                  "{\"id\":\"%s\",\"mode\":\"exact\",\"steps\":[{\"call\":1,\"callId\":\"c1\",\"version\":2,"
                  "\"target\":\"look\",\"outcome\":\"identical\",\"end\":\"completed\",\"result\":"
                  "{\"content\":[],\"x\": 2.50,\"time\":\"then\"}},{\"call\":2,\"callId\":\"c2\",\"version\":"
                  "4,\"target\":\"change\",\"outcome\":\"identical\",\"end\":\"failed\",\"result\":"
                  "{\"content\":[]}}],\"calls\":2,\"identical\":2,\"different\":0,\"failed\":0,\"skipped\":"
                  "0,\"similarity\":1}");
    assert_int_equal(w->made, 0);
    world_free(w);
}

/* A result of 70,021 bytes, which is an artifact, and one in the event. */
static void recorded_artifact(struct world *w, char *result)
{
    struct json_doc *doc;
    int at = sprintf(result, "{\"content\":[],\"x\":\"");
    memset(result + at, 'b', 70000);
    strcpy(result + at + 70000, "\"}");
    assert_int_equal(json_parse(STR("{}"), &doc, NULL), 0);
    run(w, &w->ann, "session.create", "{}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    const char *results[] = {result, "{\"content\":[],\"y\":1.0}"};
    for (int i = 0; i < 2; i++) {
        char meta[100];
        uint64_t number;
        struct error err;
        snprintf(meta, sizeof(meta), "{\"io.hexmcp/session\":\"%s\"}", id);
        w->result = results[i];
        const struct call_service *service = recorder_service(w->recorder);
        const struct call_request request = {
            .action = ACTION_CALL, .target = STR("look"), .arguments = json_root(doc),
            .context = {.caller = &w->ann, .meta = str_from(meta)},
            .observer = &(struct call_observer){.done = ignore}};
        assert_int_equal(service->call(service->ctx, &request, &number, &err), 0);
    }
    json_free(doc);
}

static void exact_with_an_artifact(void **state)
{
    struct world *w = world_new();
    static char result[71000], part[72000];
    (void)state;
    recorded_artifact(w, result);
    assert_int_equal(run_on(w, &w->ann, "session.replay", id, "{\"id\":\"%s\"}"), 0);
    snprintf(part, sizeof(part), "\"outcome\":\"identical\",\"end\":\"completed\",\"result\":%s}",
             result);
    assert_non_null(strstr(w->text, part));
    assert_non_null(strstr(w->text, "\"result\":{\"content\":[],\"y\":1.0}}],\"calls\":2,"
                                    "\"identical\":2,\"different\":0,\"failed\":0,\"skipped\":0,"));
    /* Other bytes than those that were recorded. */
    w->artifacts[0].bytes[30] = 'c';
    run_on(w, &w->ann, "session.replay", id, "{\"id\":\"%s\"}");
    assert_non_null(strstr(w->text, "\"outcome\":\"failed\",\"reason\":\"the recorded result does not "
                                    "have the digest that it had\"}"));
    w->artifacts[0].bytes[30] = 'b';
    /* It is another's now. */
    strcpy(w->artifacts[0].caller, "bob@acme");
    for (int i = 0; i < 2; i++) {
        run_on(w, &w->ann, "session.replay", id,
               i ? "{\"id\":\"%s\",\"mode\":\"live\"}" : "{\"id\":\"%s\"}");
        assert_non_null(strstr(w->text, "\"outcome\":\"skipped\",\"reason\":\"the artifact that has "
                                        "its result is not there\"}"));
        assert_non_null(strstr(w->text, "\"identical\":1,\"different\":0,\"failed\":0,\"skipped\":1"));
    }
    strcpy(w->artifacts[0].caller, "ann@acme");
    w->artifact_fails = "artifact.get";
    assert_int_equal(run_on(w, &w->ann, "session.replay", id, "{\"id\":\"%s\"}"), ST_UNAVAILABLE);
    assert_string_equal(w->text, "artifact.get says no");
    world_free(w);
}

static void live(void **state)
{
    struct world *w = recorded();
    (void)state;
    w->result = "{\"content\":[],\"x\":2.5,\"time\":\"now\"}";
    assert_replay(
        w, "{\"id\":\"%s\",\"mode\":\"live\"}",
        "{\"id\":\"%s\",\"mode\":\"live\",\"steps\":[{\"call\":1,\"callId\":\"c1\",\"version\":2,\"target\":"
        "\"look\",\"outcome\":\"identical\",\"end\":\"completed\",\"similarity\":1},{\"call\":2,\"callId\":"
        "\"c2\",\"version\":4,\"target\":\"change\",\"outcome\":\"different\",\"end\":\"completed\","
        "\"recordedEnd\":\"failed\",\"similarity\":0,\"differences\":[{\"path\":\"/x\",\"kind\":\"added\","
        "\"severity\":\"major\",\"now\":2.5}],\"differenceCount\":1}],\"calls\":2,\"identical\":1,"
        "\"different\":1,\"failed\":0,\"skipped\":0,\"similarity\":0.5}");
    assert_int_equal(w->made, 2);
    world_free(w);
}

static void simulate(void **state)
{
    struct world *w = recorded();
    (void)state;
    w->result = "{\"content\":[],\"x\":2.5}";
    assert_replay(w, "{\"id\":\"%s\",\"mode\":\"simulate\"}",
                  "{\"id\":\"%s\",\"mode\":\"simulate\",\"steps\":[{\"call\":1,\"callId\":\"c1\",\"version\":2,"
                  "\"target\":\"look\",\"outcome\":\"identical\",\"end\":\"completed\",\"similarity\":1},"
                  "{\"call\":2,\"callId\":\"c2\",\"version\":4,\"target\":\"change\",\"outcome\":\"skipped\","
                  "\"reason\":\"it may change things, and a simulation has no effects\"}],\"calls\":2,"
                  "\"identical\":1,\"different\":0,\"failed\":0,\"skipped\":1,\"similarity\":1}");
    assert_int_equal(w->made, 1);
    world_free(w);
}

static void modified(void **state)
{
    struct world *w = recorded();
    (void)state;
    run_on(w, &w->ann, "session.replay", id,
           "{\"id\":\"%s\",\"mode\":\"modified\",\"version\":3,\"changes\":[{\"call\":1,\"path\":\"/n/1\","
           "\"value\":{\"a\":1}},{\"path\":\"/m\",\"value\":true},{\"call\":2,\"path\":\"\",\"value\":{}}]}");
    assert_string_equal(w->arguments, "{\"n\":[1,{\"a\":1}],\"m\":true}");
    run_on(w, &w->ann, "session.replay", id,
           "{\"id\":\"%s\",\"mode\":\"modified\",\"version\":3,\"changes\":[{\"path\":\"/n/2\",\"value\":1}]}");
    assert_non_null(strstr(w->text, "\"outcome\":\"failed\",\"reason\":\"there is no \\\"2\\\" to change\""));
    world_free(w);
}

static void what_cannot_be_replayed(void **state)
{
    struct world *w = world_new();
    (void)state;
    run(w, &w->ann, "session.create", "{}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    run_on(w, &w->ann, "session.call", id,
           "{\"id\":\"%s\",\"target\":\"look\",\"arguments\":{\"password\":\"hunter22\"},\"commandId\":\"c1\"}");
    run_on(w, &w->ann, "session.return", id,
           "{\"id\":\"%s\",\"callId\":\"c1\",\"end\":\"completed\",\"result\":{}}");
    run_on(w, &w->ann, "session.call", id, "{\"id\":\"%s\",\"target\":\"look\"}");
    run_on(w, &w->ann, "session.replay", id, "{\"id\":\"%s\",\"mode\":\"live\"}");
    assert_non_null(strstr(w->text, "\"reason\":\"secrets of it are not in the record\""));
    assert_non_null(strstr(w->text, "\"reason\":\"it has no end in the record\""));
    assert_string_equal(member(w, "skipped"), "2");
    assert_int_equal(w->made, 0);
    world_free(w);
}

/* ---- playing ---- */

struct heard {
    int done, released;
    enum call_end end;
    char text[600];
};

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct heard *h = user;
    struct str text = outcome->error ? str_from(outcome->error->text) : json_text(outcome->result);
    h->done++;
    h->end = outcome->end;
    snprintf(h->text, sizeof(h->text), "%.*s", STR_ARG(text));
}

static void on_release(void *hold)
{
    ((struct heard *)hold)->released++;
}

static struct heard play(struct player *player, const struct caller *caller, const char *target,
                         const char *arguments)
{
    static const struct call_observer observer = {.done = on_done};
    const struct call_service *service = player_service(player);
    struct heard h = {0};
    char meta[100];
    struct json_doc *doc;
    struct error err;
    uint64_t number;
    snprintf(meta, sizeof(meta), "{\"io.hexmcp/replay\":\"%s\"}", id);
    assert_int_equal(json_parse(str_from(arguments), &doc, NULL), 0);
    const struct call_request request = {
        .action = ACTION_CALL, .target = str_from(target), .arguments = json_root(doc),
        .context = {.caller = caller, .meta = str_from(meta)},
        .observer = &observer, .user = &h, .release = on_release, .hold = &h};
    assert_int_equal(service->call(service->ctx, &request, &number, &err), 0);
    assert_int_equal(h.done, 1);
    assert_int_equal(h.released, 1);
    json_free(doc);
    return h;
}

static void played(void **state)
{
    struct world *w = recorded();
    struct player *player;
    struct heard h;
    char text[400];
    (void)state;
    assert_int_equal(player_new(w->sessions, &world_calls, &player, NULL), 0);
    for (int round = 0; round < 2; round++) {
        h = play(player, &w->ann, "look", "{\"n\":[1,2.0]}");
        assert_int_equal(h.end, CALL_RESULT);
        assert_string_equal(h.text, "{\"content\":[],\"x\": 2.50,\"time\":\"then\"}");
        h = play(player, &w->ann, "look", "{\"n\":[1,2]}");
        assert_int_equal(h.end, CALL_FAILED);
        snprintf(text, sizeof(text),
                 "replay of session %s: call 2 was change {}, and now is look {\"n\":[1,2]}; calls "
                 "must come as they were recorded",
                 id);
        assert_string_equal(h.text, text);
        h = play(player, &w->ann, "change", "{}");
        assert_int_equal(h.end, CALL_TOOL_ERROR);
        assert_string_equal(h.text, "{\"content\":[]}");
    }
    h = play(player, &w->bob, "look", "{\"n\":[1,2]}");
    assert_int_equal(h.end, CALL_FAILED);
    snprintf(text, sizeof(text),
             "there is no session %s; session.list names those that there are", id);
    assert_string_equal(h.text, text);
    assert_int_equal(w->made, 0);
    player_free(player);
    world_free(w);
}

/* ---- the comparator ---- */

static void write(void *arg, const struct difference *difference)
{
    difference_write(arg, difference);
}

static void comparisons(void **state)
{
    static const struct {
        const char *recorded, *now, *differences;
        double similarity;
    } cases[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1.0}", "", 1},
        {"{\"a\":1}", "{\"a\":\"1\"}",
         "{\"path\":\"/a\",\"kind\":\"type\",\"severity\":\"critical\",\"recorded\":1,\"now\":\"1\"}", 0},
        {"{\"a/b\":1,\"c~\":2}", "{\"a/b\":2}",
         "{\"path\":\"/a~1b\",\"kind\":\"value\",\"severity\":\"major\",\"recorded\":1,\"now\":2}"
         "{\"path\":\"/c~0\",\"kind\":\"missing\",\"severity\":\"critical\",\"recorded\":2}",
         0},
        {"[1,2]", "[1,2,3]", "{\"path\":\"/2\",\"kind\":\"added\",\"severity\":\"major\",\"now\":3}",
         2.0 / 3},
        {"[\"Hello  world\"]", "[\"hello world\"]",
         "{\"path\":\"/0\",\"kind\":\"value\",\"severity\":\"minor\",\"recorded\":\"Hello  world\",\"now\":"
         "\"hello world\"}",
         0},
        {"[1000]", "[1000.5]",
         "{\"path\":\"/0\",\"kind\":\"value\",\"severity\":\"minor\",\"recorded\":1000,\"now\":1000.5}", 0},
        {"{\"x\":1,\"durationMs\":5,\"mine\":1}", "{\"x\":1,\"durationMs\":6,\"time\":1}", "", 1},
        {"1", "2", "{\"path\":\"\",\"kind\":\"value\",\"severity\":\"major\",\"recorded\":1,\"now\":2}", 0},
    };
    struct json_doc *mine;
    (void)state;
    json_parse(STR("[\"mine\"]"), &mine, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out = BUFFER_INIT;
        const struct comparison how = {
            .ignored = compare_times, .ignored_list = json_root(mine), .differs = write, .arg = &out};
        struct json_doc *a, *b;
        assert_int_equal(json_parse(str_from(cases[i].recorded), &a, NULL), 0);
        assert_int_equal(json_parse(str_from(cases[i].now), &b, NULL), 0);
        double off = json_compare(json_root(a), json_root(b), &how) - cases[i].similarity;
        assert_true(off < 1e-9 && off > -1e-9);
        buffer_add(&out, "", 1);
        assert_string_equal(out.data, cases[i].differences);
        buffer_clear(&out);
        json_free(a);
        json_free(b);
    }
    json_free(mine);
}

static void replacing(void **state)
{
    static const struct {
        const char *path, *result;
    } cases[] = {
        {"", "9"},
        {"/a", "{\"a\":9,\"l\":[1,{\"x\":2}]}"},
        {"/b", "{\"a\":1,\"l\":[1,{\"x\":2}],\"b\":9}"},
        {"/l/1/x", "{\"a\":1,\"l\":[1,{\"x\":9}]}"},
        {"/l/2", NULL},
        {"/l/x", NULL},
        {"/b/c", NULL},
        {"/a/c", NULL},
        {"a", NULL},
    };
    struct json_doc *doc, *nine;
    struct error err;
    (void)state;
    json_parse(STR("{\"a\":1,\"l\":[1,{\"x\":2}]}"), &doc, NULL);
    json_parse(STR("9"), &nine, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out = BUFFER_INIT;
        int rc = json_replace(json_root(doc), str_from(cases[i].path), json_root(nine), &out, &err);
        assert_int_equal(rc, cases[i].result ? ST_OK : ST_NOT_FOUND);
        buffer_add(&out, "", 1);
        if (cases[i].result)
            assert_string_equal(out.data, cases[i].result);
        buffer_clear(&out);
    }
    json_free(doc);
    json_free(nine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact),       cmocka_unit_test(exact_with_an_artifact),
        cmocka_unit_test(live),
        cmocka_unit_test(simulate),    cmocka_unit_test(modified),
        cmocka_unit_test(what_cannot_be_replayed), cmocka_unit_test(played),
        cmocka_unit_test(comparisons), cmocka_unit_test(replacing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
