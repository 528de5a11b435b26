#include "contract.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

/* The events of a stream, without what differs from run to run: "versions:n of data". */
static const char *numbers(const struct got *got)
{
    const char *events = joined(got, "events"), *text = "";
    hexmcp_json_iter it = hexmcp_json_iter_begin(str(events));
    hexmcp_str one = {0}, data = {0};
    while (hexmcp_json_next(&it, NULL, &one)) {
        const char *json = textf("%.*s", (int)one.len, one.ptr);
        assert_int_equal(hexmcp_json_get(str(json), "data", &data), HEXMCP_OK);
        text = textf("%s%s%lld:%lld", text, *text ? " " : "", (long long)member(json, "version"),
                     (long long)member(textf("%.*s", (int)data.len, data.ptr), "n"));
    }
    return text;
}

#define assert_read(s, space, query, expected_numbers, expected_answer)                     \
    do {                                                                                    \
        struct got got_ = ask(s, OP_READ, space, query, NULL);                              \
        assert_int_equal(got_.code, HEXMCP_OK);                                             \
        assert_string_equal(numbers(&got_), expected_numbers);                              \
        assert_same(got_.text, expected_answer);                                            \
        got_free(&got_);                                                                    \
    } while (0)

static int64_t append(struct store *s, const char *space, const char *json)
{
    struct got got = ask(s, OP_APPEND, space, json, NULL);
    int64_t position = member(got.text, "position");
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_true(position > 0);
    got_free(&got);
    return position;
}

static void versions_without_gap_and_positions_that_rise(void **state)
{
    struct store *s = *state;
    const char *space = fresh("order");
    int64_t last = 0;
    for (int i = 0; i < 20; i++) {
        const char *stream = i % 2 ? "session/a" : "session/b";
        struct got got = ask(s, OP_APPEND, space, batch("", stream, "\"any\"", "Said", i, 3), NULL);
        int64_t position = member(got.text, "position");
        assert_true(position >= last + 3);
        last = position;
        assert_same(got.text, textf("{\"position\":%lld,\"versions\":{\"%s\":%d},\"repeated\":false}",
                                    (long long)position, stream, (i / 2 + 1) * 3));
        got_free(&got);
    }
    assert_read(s, space, "{\"stream\":\"session/a\",\"from\":29,\"limit\":5}", "29:20 30:21",
                "{\"version\":30,\"more\":false}");
}

static void an_event_comes_back_as_it_went(void **state)
{
    struct store *s = *state;
    const char *space = fresh("exact");
    const char *plain = "\"id\":\"0190aaaa-0000-7000-8000-000000000001\",\"type\":\"MessageSent\","
                        "\"schema\":2,\"at\":\"2026-01-31T12:00:00.000Z\",\"correlation\":\"r\","
                        "\"causation\":\"q\",\"caller\":\"Zo\xC3\xAB\",\"tenant\":\"t\","
                        "\"data\":{\"text\":\"\\u0000 \\\"\\\\ \xF0\x9F\x8E\xB2\",\"list\":[1.5,null,"
                        "true,{}],\"big\":12345678901234567890}";
    struct got got;
    int64_t position;
    position = append(s, space,
                      textf("{\"key\":\"\",\"streams\":[{\"stream\":\"session/\xC3\xA9 \\\"x\\\"\","
                            "\"expected\":\"none\",\"events\":[{%s}]}]}",
                            plain));
    got = ask(s, OP_READ, space, "{\"stream\":\"session/\xC3\xA9 \\\"x\\\"\",\"limit\":10}", NULL);
    assert_same(joined(&got, "events"),
                textf("[{%s,\"stream\":\"session/\xC3\xA9 \\\"x\\\"\",\"version\":1,\"position\":%lld}]",
                      plain, (long long)position));
    got_free(&got);
}

static void a_version_that_is_not_expected_is_a_conflict(void **state)
{
    struct store *s = *state;
    const char *space = fresh("conflict");
    append(s, space, batch("", "a/1", "\"none\"", "X", 1, 2));
    assert_answer(s, OP_APPEND, space, batch("", "a/1", "\"none\"", "X", 3, 1), NULL,
                  "{\"conflict\":{\"stream\":\"a/1\",\"expected\":\"none\",\"actual\":2}}");
    assert_answer(s, OP_APPEND, space, batch("", "a/1", "1", "X", 3, 1), NULL,
                  "{\"conflict\":{\"stream\":\"a/1\",\"expected\":1,\"actual\":2}}");
    assert_answer(s, OP_APPEND, space, batch("", "a/2", "7", "X", 3, 1), NULL,
                  "{\"conflict\":{\"stream\":\"a/2\",\"expected\":7,\"actual\":0}}");
    append(s, space, batch("", "a/1", "2", "X", 3, 1));
    append(s, space, batch("", "a/1", "\"any\"", "X", 4, 1));
    append(s, space, batch("", "a/2", "0", "X", 5, 1));
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":9}", "1:1 2:2 3:3 4:4",
                "{\"version\":4,\"more\":false}");
}

static void several_streams_are_appended_to_or_none(void **state)
{
    struct store *s = *state;
    const char *space = fresh("atomic");
    struct got got;
    got = ask(s, OP_APPEND, space,
              textf("{\"key\":\"\",\"streams\":[{\"stream\":\"a/1\",\"expected\":\"none\",\"events\":"
                    "[%s]},{\"stream\":\"a/2\",\"expected\":\"none\",\"events\":[%s,%s]}]}",
                    event("X", 1), event("X", 2), event("X", 3)),
              NULL);
    assert_same(got.text, textf("{\"position\":%lld,\"versions\":{\"a/1\":1,\"a/2\":2},"
                                "\"repeated\":false}",
                                (long long)member(got.text, "position")));
    got_free(&got);
    assert_answer(s, OP_APPEND, space,
                  textf("{\"key\":\"\",\"streams\":[{\"stream\":\"a/1\",\"expected\":1,\"events\":[%s]},"
                        "{\"stream\":\"a/2\",\"expected\":1,\"events\":[%s]}]}",
                        event("X", 4), event("X", 5)),
                  NULL, "{\"conflict\":{\"stream\":\"a/2\",\"expected\":1,\"actual\":2}}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":9}", "1:1", "{\"version\":1,\"more\":false}");
    assert_read(s, space, "{\"stream\":\"a/2\",\"limit\":9}", "1:2 2:3",
                "{\"version\":2,\"more\":false}");
}

static void a_batch_with_a_key_is_appended_once(void **state)
{
    struct store *s = *state;
    const char *space = fresh("key");
    int64_t position = append(s, space, batch("k1", "a/1", "\"none\"", "X", 1, 2));
    append(s, space, batch("", "a/1", "\"any\"", "X", 3, 1));
    assert_answer(s, OP_APPEND, space, batch("k1", "a/1", "\"none\"", "X", 1, 2), NULL,
                  textf("{\"position\":%lld,\"versions\":{\"a/1\":2},\"repeated\":true}",
                        (long long)position));
    assert_answer(s, OP_APPEND, space, batch("k2", "a/1", "2", "X", 4, 1), NULL,
                  "{\"conflict\":{\"stream\":\"a/1\",\"expected\":2,\"actual\":3}}");
    append(s, space, batch("k2", "a/1", "3", "X", 4, 1));
    append(s, fresh("key"), batch("k1", "a/1", "\"none\"", "X", 1, 2));
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":9}", "1:1 2:2 3:3 4:4",
                "{\"version\":4,\"more\":false}");
}

static void a_key_of_one_group_is_appended_once(void **state)
{
    struct store *s = *state;
    const char *space = fresh("group");
    struct asked asked[30];
    int repeated = 0;
    for (int i = 0; i < 30; i++)
        asked[i] = begin(s, OP_APPEND, space, batch("same", "a/1", "\"any\"", "X", 1, 1), NULL);
    for (int i = 0; i < 30; i++) {
        struct got got = end(s, &asked[i]);
        assert_int_equal(got.code, HEXMCP_OK);
        repeated += strstr(got.text, "\"repeated\":true") != NULL;
        got_free(&got);
    }
    assert_int_equal(repeated, 29);
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":9}", "1:1", "{\"version\":1,\"more\":false}");
}

static void ranges_of_a_stream(void **state)
{
    struct store *s = *state;
    const char *space = fresh("ranges");
    append(s, space, batch("", "a/1", "\"none\"", "X", 1, 10));
    assert_read(s, space, "{\"stream\":\"a/1\",\"from\":3,\"to\":5,\"limit\":9}", "3:3 4:4 5:5",
                "{\"version\":10,\"more\":false}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"from\":9,\"limit\":9}", "9:9 10:10",
                "{\"version\":10,\"more\":false}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":2}", "1:1 2:2", "{\"version\":10,\"more\":true}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":10}", "1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9 10:10",
                "{\"version\":10,\"more\":false}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"backward\":true,\"limit\":3}", "10:10 9:9 8:8",
                "{\"version\":10,\"more\":true}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"backward\":true,\"to\":2,\"limit\":3}", "2:2 1:1",
                "{\"version\":10,\"more\":false}");
    assert_read(s, space,
                "{\"stream\":\"a/1\",\"until\":\"2026-01-31T12:00:00.004Z\",\"limit\":9}",
                "1:1 2:2 3:3 4:4", "{\"version\":10,\"more\":false}");
    assert_read(s, space,
                "{\"stream\":\"a/1\",\"until\":\"2026-01-31T12:00:00.004Z\",\"backward\":true,"
                "\"limit\":1}",
                "4:4", "{\"version\":10,\"more\":true}");
    assert_read(s, space, "{\"stream\":\"a/1\",\"from\":11,\"limit\":9}", "",
                "{\"version\":10,\"more\":false}");
    assert_read(s, space, "{\"stream\":\"a/none\",\"limit\":9}", "", "{\"version\":0,\"more\":false}");
}

static void all_streams_in_the_order_of_positions(void **state)
{
    struct store *s = *state;
    const char *space = fresh("all");
    struct got got;
    int64_t first, last;
    first = append(s, space, batch("", "a/1", "\"none\"", "X", 1, 1));
    append(s, space, batch("", "a/2", "\"none\"", "Y", 2, 1));
    append(s, space, batch("", "a/1", "1", "X", 3, 1));
    last = append(s, space, batch("", "a/3", "\"none\"", "Z", 4, 1));
    got = ask(s, OP_READ_ALL, space, "{\"after\":0,\"limit\":9}", NULL);
    assert_string_equal(numbers(&got), "1:1 1:2 2:3 1:4");
    assert_same(got.text, textf("{\"position\":%lld,\"more\":false}", (long long)last));
    got_free(&got);
    got = ask(s, OP_READ_ALL, space, textf("{\"after\":%lld,\"limit\":2}", (long long)first), NULL);
    assert_string_equal(numbers(&got), "1:2 2:3");
    assert_true(member(got.text, "position") < last);
    assert_non_null(strstr(got.text, "true"));
    got_free(&got);
    got = ask(s, OP_READ_ALL, space, "{\"after\":0,\"types\":[\"X\",\"Z\"],\"limit\":9}", NULL);
    assert_string_equal(numbers(&got), "1:1 2:3 1:4");
    got_free(&got);
    got = ask(s, OP_READ_ALL, space, "{\"after\":0,\"types\":[\"X\"],\"limit\":9}", NULL);
    assert_string_equal(numbers(&got), "1:1 2:3");
    assert_same(got.text, textf("{\"position\":%lld,\"more\":false}", (long long)last));
    got_free(&got);
    got = ask(s, OP_READ_ALL, space, textf("{\"after\":%lld,\"limit\":9}", (long long)last), NULL);
    assert_same(got.text, textf("{\"position\":%lld,\"more\":false}", (long long)last));
    assert_int_equal(got.count, 0);
    got_free(&got);
}

static void spaces_do_not_see_each_other(void **state)
{
    struct store *s = *state;
    const char *one = fresh("space");
    append(s, one, batch("k", "a/1", "\"none\"", "X", 1, 1));
    assert_read(s, textf("%s2", one), "{\"stream\":\"a/1\",\"limit\":9}", "",
                "{\"version\":0,\"more\":false}");
    append(s, textf("%s2", one), batch("k", "a/1", "\"none\"", "X", 2, 1));
    assert_read(s, one, "{\"stream\":\"a/1\",\"limit\":9}", "1:1", "{\"version\":1,\"more\":false}");
}

static void many_appends_at_once(void **state)
{
    struct store *s = *state;
    const char *space = fresh("many");
    enum { COUNT = 400 };
    static struct asked asked[COUNT];
    int64_t last = 0;
    int conflicts = 0;
    struct got got;
    for (int i = 0; i < COUNT; i++)
        asked[i] = begin(s, OP_APPEND, space,
                         batch("", textf("a/%d", i % 7), i % 10 == 9 ? "0" : "\"any\"", "X", i, 1),
                         NULL);
    for (int i = 0; i < COUNT; i++) {
        got = end(s, &asked[i]);
        assert_int_equal(got.code, HEXMCP_OK);
        if (strstr(got.text, "conflict"))
            conflicts++;
        else
            assert_true(member(got.text, "position") > last);
        if (!strstr(got.text, "conflict"))
            last = member(got.text, "position");
        got_free(&got);
    }
    assert_int_equal(conflicts, COUNT / 10);
    got = ask(s, OP_READ_ALL, space, "{\"after\":0,\"limit\":1000}", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_same(got.text, textf("{\"position\":%lld,\"more\":false}", (long long)last));
    got_free(&got);
}

/* Two instances and another process append to one stream: each sees all before what it sees. */
static void others_append_to_the_same_store(void **state)
{
    struct store *s = *state, second;
    const char *space = fresh("others");
    enum { COUNT = 150 };
    static struct asked mine[COUNT], theirs[COUNT];
    char *argv[] = {(char *)(uintptr_t)settings.self,   (char *)(uintptr_t)settings.plugin,
                    (char *)(uintptr_t)settings.config, (char *)(uintptr_t) "append",
                    (char *)(uintptr_t)space,           (char *)(uintptr_t) "a/1",
                    (char *)(uintptr_t) "150",          NULL};
    int64_t position = 0, seen = 0;
    pid_t child;
    int status;
    if (settings.is_memory) {
        print_message("# the memory store belongs to one instance\n");
        return;
    }
    store_open(&second, settings.plugin, settings.config);
    assert_int_equal(posix_spawn(&child, settings.self, NULL, NULL, argv, environ), 0);
    for (int i = 0; i < COUNT; i++) {
        struct got got;
        const char *events;
        hexmcp_json_iter it;
        hexmcp_str one = {0};
        mine[i] = begin(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
        theirs[i] = begin(&second, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
        got = ask(s, OP_READ_ALL, space,
                  textf("{\"after\":%lld,\"limit\":10000}", (long long)position), NULL);
        assert_int_equal(got.code, HEXMCP_OK);
        events = joined(&got, "events");
        it = hexmcp_json_iter_begin(str(events));
        /* one stream: if an event came to light behind a later one, a version would be missing */
        while (hexmcp_json_next(&it, NULL, &one)) {
            assert_int_equal(member(textf("%.*s", (int)one.len, one.ptr), "version"), ++seen);
        }
        position = member(got.text, "position");
        got_free(&got);
    }
    for (int i = 0; i < COUNT; i++) {
        struct got a = end(s, &mine[i]), b = end(&second, &theirs[i]);
        assert_int_equal(a.code, HEXMCP_OK);
        assert_int_equal(b.code, HEXMCP_OK);
        got_free(&a);
        got_free(&b);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_answer(s, OP_READ, space, "{\"stream\":\"a/1\",\"from\":450,\"limit\":1}", NULL,
                  "{\"version\":450,\"more\":false}");
    store_close(&second);
}

int append_many(const char *space, const char *stream, int count)
{
    struct store s;
    store_open(&s, settings.plugin, settings.config);
    for (int i = 0; i < count; i++) {
        struct got got = ask(&s, OP_APPEND, space, batch("", stream, "\"any\"", "X", i, 1), NULL);
        if (got.code != HEXMCP_OK) {
            fprintf(stderr, "%s\n", got.text);
            return 1;
        }
        got_free(&got);
    }
    store_close(&s);
    return 0;
}

static void large_events(void **state)
{
    struct store *s = *state;
    const char *space = fresh("large");
    enum { BYTES = 900000 };
    char *data = malloc(BYTES + 1);
    struct got got;
    memset(data, 'x', BYTES);
    data[BYTES] = '\0';
    for (int i = 0; i < 8; i++)
        append(s, space,
               textf("{\"key\":\"\",\"streams\":[{\"stream\":\"a/1\",\"expected\":%d,\"events\":[{"
                     "\"id\":\"i%d\",\"type\":\"X\",\"schema\":1,\"at\":\"2026-01-31T12:00:00.000Z\","
                     "\"correlation\":\"c\",\"caller\":\"l\",\"tenant\":\"d\",\"data\":{\"n\":%d,"
                     "\"t\":\"%s\"}}]}]}",
                     i, i, i, data));
    got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":100}", NULL);
    assert_string_equal(numbers(&got), "1:0 2:1 3:2 4:3 5:4 6:5 7:6 8:7");
    assert_true(got.count >= 8);
    got_free(&got);
    got = ask(s, OP_APPEND, space,
              textf("{\"key\":\"\",\"streams\":[{\"stream\":\"a/1\",\"expected\":8,\"events\":[{"
                    "\"id\":\"i\",\"type\":\"X\",\"schema\":1,\"at\":\"2026-01-31T12:00:00.000Z\","
                    "\"correlation\":\"c\",\"caller\":\"l\",\"tenant\":\"d\",\"data\":\"%s%s\"}]}]}",
                    data, data),
              NULL);
    assert_int_equal(got.code, HEXMCP_E_TOO_LARGE);
    got_free(&got);
    free(data);
}

static void requests_that_make_no_sense(void **state)
{
    struct store *s = *state;
    const char *space = fresh("sense");
    assert_error(s, OP_APPEND, space, "{\"key\":\"\",\"streams\":[]}", NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_APPEND, space,
                 "{\"key\":\"\",\"streams\":[{\"stream\":\"a/1\",\"expected\":\"any\",\"events\":[]}]}",
                 NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_APPEND, space, batch("", "a/1", "\"some\"", "X", 1, 1), NULL,
                 HEXMCP_E_INVALID);
    assert_error(s, OP_APPEND, space, batch("", "", "\"any\"", "X", 1, 1), NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_READ, space, "{\"limit\":1}", NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":0}", NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_READ, "", "{\"stream\":\"a/1\",\"limit\":1}", NULL, HEXMCP_E_INVALID);
    assert_read(s, space, "{\"stream\":\"a/1\",\"limit\":9}", "", "{\"version\":0,\"more\":false}");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_events(void)
{
    const struct CMUnitTest tests[] = {
        CASE(versions_without_gap_and_positions_that_rise),
        CASE(an_event_comes_back_as_it_went),
        CASE(a_version_that_is_not_expected_is_a_conflict),
        CASE(several_streams_are_appended_to_or_none),
        CASE(a_batch_with_a_key_is_appended_once),
        CASE(a_key_of_one_group_is_appended_once),
        CASE(ranges_of_a_stream),
        CASE(all_streams_in_the_order_of_positions),
        CASE(spaces_do_not_see_each_other),
        CASE(many_appends_at_once),
        CASE(others_append_to_the_same_store),
        CASE(large_events),
        CASE(requests_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
