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
        {"{\"format\":\"hexsession\",\"formatVersion\":2,\"events\":1}\n",
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
        cmocka_unit_test(out_and_in_again),
        cmocka_unit_test(damage),
        cmocka_unit_test(foreign_files),
        cmocka_unit_test(a_large_file_that_is_damaged_at_its_end),
        cmocka_unit_test(imports_of_others_are_not_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
