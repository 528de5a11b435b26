/* Files of sessions: out and in again, damaged, foreign, cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/session/world.h"

static char id[64];

static void ignore(void *user, const struct call_outcome *outcome)
{
    (void)user;
    (void)outcome;
}

static struct world *with_session(int messages)
{
    struct world *w = world_new();
    run(w, &w->ann, "session.create", "{\"title\":\"Trip\"}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    for (int i = 0; i < messages; i++)
        run_on(w, &w->ann, "session.send", id, "{\"id\":\"%s\",\"text\":\"hello\"}");
    run_on(w, &w->ann, "session.call", id,
           "{\"id\":\"%s\",\"target\":\"look\",\"commandId\":\"c1\"}");
    run_on(w, &w->ann, "session.return", id,
           "{\"id\":\"%s\",\"callId\":\"c1\",\"end\":\"completed\",\"result\":{\"x\":  1.50}}");
    return w;
}

static struct str export(struct world *w, const char *session)
{
    buffer_clear(&w->pieces);
    if (run_on(w, &w->ann, "session.export", session, "{\"id\":\"%s\"}"))
        fail_msg("%s", w->text);
    return buffer_str(&w->pieces);
}

/* Feeds the file in pieces of `size`; the status of the first operation that fails, or ST_OK. */
static int import(struct world *w, const struct caller *caller, struct str file, size_t size)
{
    char number[64], arguments[100];
    run(w, caller, "session.import_begin", "{}");
    snprintf(number, sizeof(number), "%s", member(w, "import"));
    snprintf(arguments, sizeof(arguments), "{\"import\":\"%s\"}", number);
    for (size_t at = 0; at < file.len; at += size) {
        size_t len = file.len - at < size ? file.len - at : size;
        if (run_bytes(w, caller, "session.import_write", arguments,
                      (struct str){file.ptr + at, len}))
            return w->code;
    }
    return run(w, caller, "session.import_finish", arguments);
}

static void out_and_in_again(void **state)
{
    static const size_t sizes[] = {1, 7, 100, 100000};
    struct world *w = with_session(3);
    char *file, *again;
    (void)state;
    export(w, id);
    assert_string_equal(member(w, "events"), "6");
    struct str text = buffer_str(&w->pieces);
    file = strndup(text.ptr, text.len);
    for (size_t i = 0; i < 4; i++) {
        if (import(w, &w->bob, str_from(file), sizes[i]))
            fail_msg("%s", w->text);
        assert_string_equal(member(w, "version"), "7");
        char other[64];
        snprintf(other, sizeof(other), "%s", member(w, "id"));
        assert_string_not_equal(other, id);
        run_on(w, &w->bob, "session.get", other, "{\"id\":\"%s\"}");
        assert_string_equal(member(w, "title"), "Trip");
        assert_string_equal(member(w, "messages"), "3");
        run_on(w, &w->bob, "session.replay", other, "{\"id\":\"%s\"}");
        assert_non_null(strstr(w->text, "\"result\":{\"x\":  1.50}"));
        assert_int_equal(run_on(w, &w->ann, "session.get", other, "{\"id\":\"%s\"}"), ST_NOT_FOUND);
    }
    /* What was imported is exported with the same events. */
    import(w, &w->ann, str_from(file), 1000);
    char other[64];
    snprintf(other, sizeof(other), "%s", member(w, "id"));
    export(w, other);
    text = buffer_str(&w->pieces);
    again = strndup(text.ptr, text.len);
    char *one = strchr(strchr(again, '\n') + 1, '\n'), *first = strchr(file, '\n');
    assert_non_null(strstr(one, "{\"end\":true"));
    *strstr(one, "{\"end\":true") = *strstr(first, "{\"end\":true") = '\0';
    assert_string_equal(one, first);
    free(again);
    free(file);
    world_free(w);
}

static void add_result(struct world *w, const char *result)
{
    char meta[100];
    uint64_t number;
    struct error err;
    struct json_doc *doc;
    const struct call_service *service = recorder_service(w->recorder);
    snprintf(meta, sizeof(meta), "{\"io.hexmcp/session\":\"%s\"}", id);
    assert_int_equal(json_parse(STR("{}"), &doc, NULL), 0);
    w->result = result;
    const struct call_request request = {
        .action = ACTION_CALL, .target = STR("look"), .arguments = json_root(doc),
        .context = {.caller = &w->ann, .meta = str_from(meta)},
        .observer = &(struct call_observer){.done = ignore}};
    assert_int_equal(service->call(service->ctx, &request, &number, &err), 0);
    json_free(doc);
}

/* A session with a result of 1,200,021 bytes, which is an artifact. */
static struct world *with_artifact(char *result)
{
    struct world *w = with_session(0);
    int at = sprintf(result, "{\"content\":[],\"x\":\"");
    memset(result + at, 'b', 1200000);
    strcpy(result + at + 1200000, "\"}");
    add_result(w, result);
    assert_int_equal(w->artifact_count, 1);
    return w;
}

static void with_its_artifacts(void **state)
{
    static const size_t sizes[] = {1000, 100000, 10000000};
    static char result[1300000], part[1400000];
    struct world *w = with_artifact(result);
    (void)state;
    export(w, id);
    assert_string_equal(member(w, "artifacts"), "1");
    struct str text = buffer_str(&w->pieces);
    char *file = strndup(text.ptr, text.len), other[64];
    assert_non_null(strstr(file, "{\"format\":\"hexsession\",\"formatVersion\":2,"));
    snprintf(part, sizeof(part), "\n{\"artifact\":\"%s\",\"bytes\":1200021,\"name\":\"",
             w->artifacts[0].id);
    assert_non_null(strstr(file, part));
    for (size_t i = 0; i < 3; i++) {
        if (import(w, &w->bob, str_from(file), sizes[i]))
            fail_msg("%s", w->text);
        snprintf(other, sizeof(other), "%s", member(w, "id"));
        const struct world_artifact *artifact = &w->artifacts[i + 1];
        assert_string_equal(artifact->id, w->artifacts[0].id);
        assert_string_equal(artifact->caller, "bob@acme");
        assert_string_equal(artifact->bytes, result);
        assert_memory_equal(artifact->owner, "session/", 8);
        /* All three are one to him, and the first of them is found. */
        run_on(w, &w->bob, "session.replay", other, "{\"id\":\"%s\"}");
        snprintf(part, sizeof(part), "\"end\":\"completed\",\"result\":%s}", result);
        assert_non_null(strstr(w->text, part));
        w->artifacts[i + 1].caller[0] = 'x';
    }
    /* Without them. */
    buffer_clear(&w->pieces);
    run_on(w, &w->ann, "session.export", id, "{\"id\":\"%s\",\"artifacts\":false}");
    assert_string_equal(member(w, "artifacts"), "");
    assert_int_equal(import(w, &w->ann, buffer_str(&w->pieces), 1000), 0);
    assert_int_equal(w->artifact_count, 4);
    free(file);
    world_free(w);
}

static void what_another_has_is_not_exported(void **state)
{
    static char result[1300000];
    struct world *w = with_artifact(result);
    char format[300];
    (void)state;
    /* Bob knows the id of Ann's, and says that it is the result of a call of his. */
    run(w, &w->bob, "session.create", "{}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    run_on(w, &w->bob, "session.call", id, "{\"id\":\"%s\",\"target\":\"look\",\"commandId\":\"c1\"}");
    snprintf(format, sizeof(format),
             "{\"id\":\"%%s\",\"callId\":\"c1\",\"end\":\"completed\",\"resultRef\":\"%s\"}",
             w->artifacts[0].id);
    assert_int_equal(run_on(w, &w->bob, "session.return", id, format), 0);
    buffer_clear(&w->pieces);
    assert_int_equal(run_on(w, &w->bob, "session.export", id, "{\"id\":\"%s\"}"), 0);
    assert_string_equal(member(w, "artifacts"), "");
    assert_string_equal(member(w, "missingArtifacts"), "1");
    buffer_add_char(&w->pieces, '\0');
    assert_null(strstr(w->pieces.data, "bbbb"));
    run_on(w, &w->bob, "session.replay", id, "{\"id\":\"%s\"}");
    assert_non_null(strstr(w->text, "\"reason\":\"the artifact that has its result is not there\""));
    world_free(w);
}

static void attached_ones(void **state)
{
    static char result[1300000];
    struct world *w = with_artifact(result);
    char format[200], text[500], artifact[80];
    (void)state;
    snprintf(artifact, sizeof(artifact), "%s", w->artifacts[0].id);
    snprintf(format, sizeof(format), "{\"id\":\"%%s\",\"artifact\":\"%s\"}", artifact);
    run(w, &w->ann, "session.create", "{}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    assert_int_equal(run_on(w, &w->ann, "session.attach", id, format), 0);
    snprintf(text, sizeof(text), "{\"id\":\"%s\",\"version\":2}", id);
    assert_string_equal(w->text, text);
    snprintf(text, sizeof(text), "session/%s", id);
    assert_string_equal(w->artifacts[0].owner, text);
    run_on(w, &w->ann, "session.artifacts", id, "{\"id\":\"%s\"}");
    snprintf(text, sizeof(text),
             "{\"id\":\"%s\",\"artifacts\":[{\"artifact\":\"%s\",\"version\":2,\"type\":"
             "\"ArtifactAttached\"}]}",
             id, artifact);
    assert_string_equal(w->text, text);
    export(w, id);
    assert_string_equal(member(w, "artifacts"), "1");
    assert_int_equal(import(w, &w->bob, buffer_str(&w->pieces), 1000000), 0);
    assert_string_equal(w->artifacts[1].id, artifact);
    assert_string_equal(w->artifacts[1].caller, "bob@acme");
    /* At most three. */
    run_on(w, &w->ann, "session.attach", id, format);
    run_on(w, &w->ann, "session.attach", id, format);
    assert_int_equal(run_on(w, &w->ann, "session.attach", id, format), ST_TOO_LARGE);
    snprintf(text, sizeof(text),
             "session %s refers to 3 artifacts, and more are not allowed (setting "
             "sessions.max_artifacts)",
             id);
    assert_string_equal(w->text, text);
    world_free(w);
}

static void a_fork_holds_them_too(void **state)
{
    static char result[1300000];
    struct world *w = with_artifact(result);
    char owner[80];
    (void)state;
    assert_int_equal(run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\",\"version\":3}"), 0);
    snprintf(owner, sizeof(owner), "session/%s", id);
    assert_string_equal(w->artifacts[0].owner, owner); /* it has only what was before */
    assert_int_equal(run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\"}"), 0);
    snprintf(owner, sizeof(owner), "session/%s", member(w, "id"));
    assert_string_equal(w->artifacts[0].owner, owner); /* the fake keeps the last one */
    w->artifact_fails = "artifact.hold";
    assert_int_equal(run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\"}"), ST_UNAVAILABLE);
    assert_non_null(strstr(w->text, " is the fork, and not all its artifacts are held: artifact.hold "
                                    "says no"));
    w->artifact_fails = NULL;
    strcpy(w->artifacts[0].caller, "gone"); /* what is not there is not held */
    assert_int_equal(run_on(w, &w->ann, "session.fork", id, "{\"id\":\"%s\"}"), 0);
    world_free(w);
}

/* Neither another's artifact, nor to another's session. */
static void what_another_has_is_not_attached(void **state)
{
    static char result[1300000];
    struct world *w = with_artifact(result);
    char format[200], text[200], anns[64];
    (void)state;
    snprintf(anns, sizeof(anns), "%s", id);
    snprintf(format, sizeof(format), "{\"id\":\"%%s\",\"artifact\":\"%s\"}", w->artifacts[0].id);
    for (int i = 0; i < 2; i++) {
        const struct caller *other = i ? &w->eve : &w->bob;
        run(w, other, "session.create", "{}");
        snprintf(id, sizeof(id), "%s", member(w, "id"));
        assert_int_equal(run_on(w, other, "session.attach", id, format), ST_NOT_FOUND);
        assert_string_equal(w->text, "there is no such artifact");
        run_on(w, other, "session.get", id, "{\"id\":\"%s\"}");
        assert_string_equal(member(w, "artifacts"), "0");
        assert_int_equal(run_on(w, other, "session.artifacts", anns, "{\"id\":\"%s\"}"), ST_NOT_FOUND);
    }
    assert_int_equal(run_on(w, &w->ann, "session.attach", id, format), ST_NOT_FOUND);
    snprintf(text, sizeof(text), "there is no session %s; session.list names those that there are", id);
    assert_string_equal(w->text, text);
    snprintf(text, sizeof(text), "session/%s", anns);
    assert_string_equal(w->artifacts[0].owner, text);
    world_free(w);
}

static void assert_refused(struct world *w, const char *file, const char *why)
{
    uint64_t events = fake_event_store_count(w->store);
    assert_int_not_equal(import(w, &w->bob, str_from(file), 10000000), 0);
    assert_string_equal(w->text, why);
    assert_int_equal(fake_event_store_count(w->store), events);
    for (size_t i = 1; i < w->artifact_count; i++)
        assert_string_equal(w->artifacts[i].id, ""); /* nothing stays */
}

static void artifacts_that_are_not_what_they_say(void **state)
{
    static char result[1300000];
    struct world *w = with_artifact(result);
    (void)state;
    export(w, id);
    struct str text = buffer_str(&w->pieces);
    char *file = strndup(text.ptr, text.len);
    char *data = strstr(file, "{\"data\":\""), *line = strstr(file, "{\"artifact\"");
    data[100] ^= 1;
    assert_refused(w, file,
                   "line 11 of the session's file: the bytes of the artifact are not those of its "
                   "digest: the file is damaged or was changed; nothing was imported");
    assert_int_equal(w->dropped, 1);
    data[100] ^= 1;
    data[9] = '!';
    assert_refused(w, file, "line 8 of the session's file: the bytes of the artifact are not written "
                            "as base64url; nothing was imported");
    data[9] = data[10];
    line[14] = 'x';
    assert_refused(w, file, "line 7 of the session's file: an id of an artifact is \"blake3:\" and 64 "
                            "digits 0-9 a-f; nothing was imported");
    free(file);
    file = strndup(text.ptr, text.len);
    /* The digest of all lines is wrong when the artifact is in the store already. */
    char *digest = strstr(strstr(file, "{\"end\""), "sha256:");
    digest[10] = digest[10] == '0' ? '1' : '0';
    assert_refused(w, file, "line 12 of the session's file: the digest is another: the file is damaged "
                            "or was changed; nothing was imported");
    w->artifact_fails = "artifact.begin";
    assert_refused(w, file, "nothing was imported: artifact.begin says no");
    free(file);
    world_free(w);
}

/* Each byte of a file that is changed is noticed, and nothing was made. */
static void damage(void **state)
{
    struct world *w = with_session(1);
    (void)state;
    export(w, id);
    struct str text = buffer_str(&w->pieces);
    char *file = strndup(text.ptr, text.len);
    size_t len = text.len;
    uint64_t events = fake_event_store_count(w->store);
    for (size_t i = 0; i < len; i++) {
        char was = file[i];
        file[i] ^= 1;
        int rc = import(w, &w->ann, (struct str){file, len}, len);
        /* The line feed at the end says nothing. */
        if (rc == ST_OK && i + 1 < len)
            fail_msg("byte %zu", i);
        file[i] = was;
        if (i + 1 < len)
            assert_int_equal(fake_event_store_count(w->store), events);
    }
    for (size_t cut = 0; cut + 1 < len; cut++)
        assert_int_not_equal(import(w, &w->ann, (struct str){file, cut}, len), 0);
    assert_int_equal(fake_event_store_count(w->store), events);
    free(file);
    world_free(w);
}

static void foreign_files(void **state)
{
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"hello\n", "line 1 of the session's file: "},
        {"{\"format\":\"zip\"}\n", "line 1 of the session's file: this is no session that hexmcp has "
                                   "exported; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":3,\"events\":1}\n",
         "line 1 of the session's file: its format is of another version; use the newer hexmcp that "
         "wrote it; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":1}\n",
         "line 1 of the session's file: it does not say how many events follow; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":1,\"events\":1}\n{\"type\":\"SessionEventCopied\"}\n",
         "line 2 of the session's file: a copy of a copy; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":1,\"events\":1}\n"
         "{\"type\":\"X\",\"schema\":1,\"atMs\":1,\"data\":{}}\n",
         "line 2 of the session's file: an event of a type that this hexmcp does not know; use the "
         "newer one that wrote it; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":1,\"events\":1}\n"
         "{\"type\":\"MessageSent\",\"schema\":2,\"atMs\":1,\"data\":{}}\n",
         "line 2 of the session's file: an event of another schema than this hexmcp knows; use the "
         "newer one that wrote it; nothing was imported"},
        {"{\"format\":\"hexsession\",\"formatVersion\":1,\"events\":1}\n"
         "{\"type\":\"MessageSent\",\"schema\":1,\"atMs\":1,\"data\":{}}\n",
         "line 3 of the session's file: the file ends before the session does; nothing was imported"},
        {"", "line 1 of the session's file: the file ends before the session does; nothing was imported"},
    };
    struct world *w = world_new();
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(import(w, &w->ann, str_from(cases[i].file), 1000), ST_INVALID);
        if (strncmp(w->text, cases[i].text, strlen(cases[i].text)) != 0)
            assert_string_equal(w->text, cases[i].text);
    }
    assert_int_equal(fake_event_store_count(w->store), 0);
    world_free(w);
}

/* Large enough to be written before its end is known: even then nobody sees it. */
static void a_large_file_that_is_damaged_at_its_end(void **state)
{
    struct world *w = world_new();
    char *arguments = malloc(400000), *text = malloc(300001);
    (void)state;
    memset(text, 'a', 300000);
    text[300000] = '\0';
    run(w, &w->ann, "session.create", "{}");
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    snprintf(arguments, 400000, "{\"id\":\"%s\",\"text\":\"%s\"}", id, text);
    for (int i = 0; i < 40; i++)
        assert_int_equal(run(w, &w->ann, "session.send", arguments), 0);
    export(w, id);
    struct str exported = buffer_str(&w->pieces);
    char *file = strndup(exported.ptr, exported.len);
    assert_int_equal(import(w, &w->ann, str_from(file), 1 << 20), 0);
    assert_string_equal(member(w, "version"), "42");
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(member(w, "total"), "2");
    *strstr(file + exported.len - 100, "sha256:") = 'x';
    uint64_t events = fake_event_store_count(w->store);
    assert_int_equal(import(w, &w->ann, str_from(file), 1 << 20), ST_INVALID);
    assert_true(fake_event_store_count(w->store) > events);
    run(w, &w->ann, "session.list", "{}");
    assert_string_equal(member(w, "total"), "2");
    run(w, &w->ann, "session.tools", "{}");
    assert_string_equal(w->text, "{\"tools\":[]}");
    free(file);
    free(arguments);
    free(text);
    world_free(w);
}

static void imports_of_others_are_not_there(void **state)
{
    struct world *w = world_new();
    char arguments[100];
    (void)state;
    run(w, &w->ann, "session.import_begin", "{}");
    snprintf(arguments, sizeof(arguments), "{\"import\":\"%s\"}", member(w, "import"));
    assert_int_equal(run(w, &w->bob, "session.import_write", arguments), ST_NOT_FOUND);
    assert_int_equal(run(w, &w->eve, "session.import_drop", arguments), ST_NOT_FOUND);
    assert_int_equal(run(w, &w->ann, "session.import_drop", arguments), ST_OK);
    assert_int_equal(run(w, &w->ann, "session.import_drop", arguments), ST_NOT_FOUND);
    assert_int_equal(run_on(w, &w->bob, "session.export", "0190c0de-0000-7000-8000-000000000000",
                            "{\"id\":\"%s\"}"),
                     ST_NOT_FOUND);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_its_artifacts),
        cmocka_unit_test(what_another_has_is_not_exported),
        cmocka_unit_test(attached_ones),
        cmocka_unit_test(a_fork_holds_them_too),
        cmocka_unit_test(what_another_has_is_not_attached),
        cmocka_unit_test(artifacts_that_are_not_what_they_say),
        cmocka_unit_test(out_and_in_again),
        cmocka_unit_test(damage),
        cmocka_unit_test(foreign_files),
        cmocka_unit_test(a_large_file_that_is_damaged_at_its_end),
        cmocka_unit_test(imports_of_others_are_not_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
