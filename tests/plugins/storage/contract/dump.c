#include "contract.h"

#include <stdlib.h>

/* What is put into a store, and where it stands there. */
struct filled {
    const char *space;
    int64_t position[2]; /* of two appends */
    int64_t version[3];  /* of values */
    char *large;         /* 3 MiB: a value, and a blob */
};
#define LARGE ((size_t)3 << 20)

static int64_t number(struct got got, const char *key)
{
    int64_t n = member(got.text, key);
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    return n;
}

static const char *blob_key(int n)
{
    return textf("blake3:%064x", (unsigned)n);
}

static struct filled fill(struct store *s)
{
    struct filled f = {.space = fresh("dump")};
    const char *rows = "";
    f.large = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        f.large[i] = (char)(i * 2654435761u >> 11);
    f.position[0] = number(ask(s, OP_APPEND, f.space, batch("", "a/1", "\"none\"", "X", 1, 2), NULL),
                           "position");
    number(ask(s, OP_APPEND, textf("%s.b", f.space), batch("", "a/1", "\"none\"", "X", 9, 1), NULL),
           "position");
    f.position[1] = number(ask(s, OP_APPEND, f.space, batch("", "a/2", "\"none\"", "Y", 3, 1), NULL),
                           "position");
    for (int i = 0; i < 40; i++)
        rows = textf("%s%s{\"key\":\"k%02d\",\"value\":{\"n\":%d,\"t\":\"\xC3\xA9\\n\"}}", rows,
                     i ? "," : "", i, i);
    number(ask(s, OP_PROJECT, f.space,
               textf("{\"projection\":\"p\",\"expected\":0,\"position\":2,\"rows\":[%s]}", rows), NULL),
           "position");
    number(ask(s, OP_PROJECT, f.space,
               "{\"projection\":\"bare\",\"expected\":0,\"position\":1,\"rows\":[]}", NULL),
           "position");
    f.version[0] = number(ask(s, OP_SET, f.space, "k/\xC3\xA9", "value"), "version");
    f.version[1] = number(ask_with(s, OP_SET, f.space, str("large"), bytes_of(f.large, LARGE),
                                   str("{}")),
                          "version");
    f.version[2] = number(ask_with(s, OP_SET, f.space, str("ttl"), str(""),
                                   str("{\"ttlMs\":3600000}")),
                          "version");
    number(put(s, f.space, blob_key(1), f.large, LARGE, (size_t)1 << 20), "stored");
    number(put(s, f.space, blob_key(2), "", 0, 10), "stored");
    number(ask(s, OP_INDEX, f.space,
               "{\"documents\":[{\"id\":\"1\",\"text\":\"the quick fox\",\"fields\":{\"n\":1}},"
               "{\"id\":\"2\",\"text\":\"a lazy dog\"}]}",
               NULL),
           "indexed");
    return f;
}

static void check_events(struct store *s, const struct filled *f)
{
    struct got got = ask(s, OP_READ_ALL, f->space, "{\"after\":0,\"limit\":100}", NULL);
    hexmcp_json_iter it = hexmcp_json_iter_begin(str(joined(&got, "events")));
    hexmcp_str one = {0}, members = {0};
    const char *streams[] = {"a/1", "a/1", "a/2"};
    const int64_t versions[] = {1, 2, 1};
    const int64_t positions[] = {f->position[0] - 1, f->position[0], f->position[1]};
    for (int i = 0; i < 3; i++) {
        const char *want = event(i < 2 ? "X" : "Y", i + 1);
        assert_true(hexmcp_json_next(&it, NULL, &one));
        members = str(want);
        assert_same(textf("%.*s", (int)one.len, one.ptr),
                    textf("{\"stream\":\"%s\",\"version\":%lld,\"position\":%lld,%.*s", streams[i],
                          (long long)versions[i], (long long)positions[i], (int)members.len - 1,
                          members.ptr + 1));
    }
    assert_false(hexmcp_json_next(&it, NULL, &one));
    got_free(&got);
    assert_answer(s, OP_READ, textf("%s.b", f->space), "{\"stream\":\"a/1\",\"limit\":9}", NULL,
                  "{\"version\":1,\"more\":false}");
}

static void check_values(struct store *s, const struct filled *f)
{
    struct got got = ask(s, OP_GET, f->space, "k/\xC3\xA9", NULL);
    assert_string_equal(got.bytes, "value");
    assert_same(got.text, textf("{\"version\":%lld}", (long long)f->version[0]));
    got_free(&got);
    got = ask(s, OP_GET, f->space, "large", NULL);
    assert_int_equal(got.len, LARGE);
    assert_true(memcmp(got.bytes, f->large, LARGE) == 0);
    assert_int_equal(member(got.text, "version"), f->version[1]);
    got_free(&got);
    got = ask(s, OP_GET, f->space, "ttl", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(member(got.text, "version"), f->version[2]);
    assert_in_range(member(got.text, "ttlMs"), 3000000, 3600000);
    got_free(&got);
    assert_true(number(ask(s, OP_SET, f->space, "fresh", "x"), "version") > f->version[2]);
    assert_answer(s, OP_REMOVE, f->space, "fresh", "{}", "{\"removed\":true}");
}

static void check_filled(struct store *s, const struct filled *f)
{
    struct got got;
    check_events(s, f);
    check_values(s, f);
    assert_answer(s, OP_ROWS, f->space, "{\"projection\":\"p\",\"after\":\"k37\",\"limit\":9}", NULL,
                  "{\"position\":2,\"rows\":[{\"key\":\"k38\",\"value\":{\"n\":38,\"t\":\"\xC3\xA9\\n\"}},"
                  "{\"key\":\"k39\",\"value\":{\"n\":39,\"t\":\"\xC3\xA9\\n\"}}],\"more\":false}");
    assert_answer(s, OP_ROWS, f->space, "{\"projection\":\"bare\",\"limit\":9}", NULL,
                  "{\"position\":1,\"rows\":[],\"more\":false}");
    got = ask(s, OP_BLOB_GET, f->space, blob_key(1), "{}");
    assert_int_equal(got.len, LARGE);
    assert_true(memcmp(got.bytes, f->large, LARGE) == 0);
    got_free(&got);
    assert_answer(s, OP_BLOB_GET, f->space, blob_key(2), "{}", "{\"bytes\":0}");
    got = ask(s, OP_QUERY, f->space, "{\"text\":\"lazy\",\"limit\":9}", NULL);
    assert_non_null(strstr(got.text, "\"id\":\"2\""));
    got_free(&got);
    got = ask(s, OP_QUERY, f->space, "{\"text\":\"fox\",\"filter\":{\"n\":1},\"limit\":9}", NULL);
    assert_non_null(strstr(got.text, "\"id\":\"1\""));
    got_free(&got);
    /* New events come behind those that were restored. */
    assert_true(number(ask(s, OP_APPEND, fresh("behind"), batch("", "b/1", "\"none\"", "X", 1, 1),
                           NULL),
                       "position") > 0);
}

/* Gives all records of a dump to a restore; `damage`: the n-th is left out. */
static struct got restore(struct store *to, const struct got *dump, int64_t leave_out)
{
    struct asked asked = begin(to, OP_RESTORE, "", NULL, NULL);
    hexmcp_json_iter it = hexmcp_json_iter_begin(str(dump->pieces));
    hexmcp_str record;
    size_t at = 0;
    int64_t i = 0;
    int32_t status = HEXMCP_OK;
    assert_int_equal(asked.status, HEXMCP_PENDING);
    for (; status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &record); i++) {
        if (i != leave_out)
            status = load(to, &asked, record, bytes_of(dump->bytes + at, dump->lens[i]), 0);
        at += dump->lens[i];
    }
    if (status == HEXMCP_OK)
        load(to, &asked, str(""), str(""), HEXMCP_DUMP_LAST);
    return end(to, &asked);
}

static void a_dump_is_restored(void **state)
{
    struct store *s = *state;
    struct filled f;
    struct got dump, got;
    const char *before;
    if (settings.no_dump) {
        assert_error(s, OP_DUMP, "", "{}", NULL, HEXMCP_E_UNSUPPORTED);
        return;
    }
    f = fill(s);
    dump = ask(s, OP_DUMP, "", "{}", NULL);
    assert_int_equal(dump.code, HEXMCP_OK);
    assert_int_equal(member(dump.text, "records"), dump.count);
    assert_true(member(dump.text, "position") >= f.position[1]);
    before = fresh("gone");
    number(ask(s, OP_SET, before, "k", "v"), "version");
    number(ask(s, OP_APPEND, f.space, batch("", "a/1", "2", "X", 7, 1), NULL), "position");
    got = restore(s, &dump, -1);
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_same(got.text, textf("{\"records\":%zu}", dump.count));
    got_free(&got);
    check_filled(s, &f);
    assert_error(s, OP_GET, before, "k", NULL, HEXMCP_E_NOT_FOUND);
    got_free(&dump);
    free(f.large);
}

static void a_dump_of_some_kinds(void **state)
{
    struct store *s = *state;
    struct filled f;
    struct got got;
    if (settings.no_dump)
        return;
    f = fill(s);
    got = ask(s, OP_DUMP, "", "{\"kinds\":[\"value\"]}", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_non_null(strstr(got.pieces, "\"value\""));
    assert_null(strstr(got.pieces, "\"kind\":\"event\""));
    assert_null(strstr(got.pieces, "\"kind\":\"blob\""));
    got_free(&got);
    free(f.large);
}

static void a_dump_is_of_one_moment(void **state)
{
    struct store *s = *state;
    const char *space = fresh("moment");
    struct asked appends[100], dump;
    struct got got;
    hexmcp_json_iter it;
    hexmcp_str record = {0}, value = {0};
    int64_t last = 0, position, events = 0, count = 0;
    if (settings.no_dump)
        return;
    for (int i = 0; i < 100; i++) {
        appends[i] = begin(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
        if (i == 50)
            dump = begin(s, OP_DUMP, "", "{\"kinds\":[\"event\"]}", NULL);
    }
    got = end(s, &dump);
    assert_int_equal(got.code, HEXMCP_OK);
    it = hexmcp_json_iter_begin(str(got.pieces));
    while (hexmcp_json_next(&it, NULL, &record)) {
        const char *json = textf("%.*s", (int)record.len, record.ptr);
        assert_int_equal(hexmcp_json_get(str(json), "event", &value), HEXMCP_OK);
        position = member(textf("%.*s", (int)value.len, value.ptr), "position");
        if (position > last)
            last = position;
        count++;
        if (strstr(json, space))
            events = member(textf("%.*s", (int)value.len, value.ptr), "version") == events + 1
                         ? events + 1
                         : -1000;
    }
    assert_true(events >= 0);
    assert_int_equal(member(got.text, "position"), last);
    assert_int_equal(member(got.text, "records"), count);
    got_free(&got);
    for (int i = 0; i < 100; i++) {
        got = end(s, &appends[i]);
        assert_int_equal(got.code, HEXMCP_OK);
        got_free(&got);
    }
}

static void a_restore_that_is_dropped_changes_nothing(void **state)
{
    struct store *s = *state;
    const char *space = fresh("stays");
    struct asked asked;
    struct got got;
    number(ask(s, OP_SET, space, "k", "v"), "version");
    asked = begin(s, OP_RESTORE, "", NULL, NULL);
    assert_int_equal(asked.status, HEXMCP_PENDING);
    load(s, &asked, str("{\"kind\":\"value\",\"space\":\"x\",\"key\":\"y\",\"version\":1}"), str("z"), 0);
    cancel(s, &asked);
    got = end(s, &asked);
    assert_int_equal(got.code, HEXMCP_E_CANCELLED);
    got_free(&got);
    got = ask(s, OP_GET, space, "k", NULL);
    assert_string_equal(got.bytes, "v");
    got_free(&got);
    assert_error(s, OP_GET, "x", "y", NULL, HEXMCP_E_NOT_FOUND);
}

static void a_bad_record_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "{\"kind\":\"surprise\",\"space\":\"x\"}",
        "{\"kind\":\"value\",\"space\":\"x\",\"key\":\"y\"}",
        "{\"kind\":\"event\",\"space\":\"x\",\"event\":{}}",
        "{\"kind\":\"value\",\"space\":\"x\",\"key\":\"y\",\"version\":1,\"size\":9,\"offset\":5}"};
    struct store *s = *state;
    const char *space = fresh("stays");
    number(ask(s, OP_SET, space, "k", "v"), "version");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct asked asked = begin(s, OP_RESTORE, "", NULL, NULL);
        struct got got;
        assert_int_equal(asked.status, HEXMCP_PENDING);
        if (load(s, &asked, str(bad[i]), str("z"), 0) == HEXMCP_OK)
            load(s, &asked, str(""), str(""), HEXMCP_DUMP_LAST);
        got = end(s, &asked);
        assert_int_equal(got.code, HEXMCP_E_INVALID);
        got_free(&got);
        got = ask(s, OP_GET, space, "k", NULL);
        assert_string_equal(got.bytes, "v");
        got_free(&got);
    }
}

/* What one kind of store has goes into another, and is the same there. */
static void a_dump_goes_to_another_kind_of_store(void **state)
{
    struct store *s = *state, other;
    struct filled f;
    struct got dump, got;
    if (!settings.other) {
        print_message("# no other store was named\n");
        return;
    }
    store_open(&other, settings.other, settings.other_config);
    f = fill(&other);
    dump = ask(&other, OP_DUMP, "", "{}", NULL);
    assert_int_equal(dump.code, HEXMCP_OK);
    got = restore(s, &dump, -1);
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    got_free(&dump);
    store_close(&other);
    check_filled(s, &f);
    if (!settings.no_dump) {
        store_open(&other, settings.other, settings.other_config);
        dump = ask(s, OP_DUMP, "", "{}", NULL);
        assert_int_equal(dump.code, HEXMCP_OK);
        got = restore(&other, &dump, -1);
        assert_int_equal(got.code, HEXMCP_OK);
        got_free(&got);
        got_free(&dump);
        check_filled(&other, &f);
        store_close(&other);
    }
    free(f.large);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_dump(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_dump_is_restored),
        CASE(a_dump_of_some_kinds),
        CASE(a_dump_is_of_one_moment),
        CASE(a_restore_that_is_dropped_changes_nothing),
        CASE(a_bad_record_changes_nothing),
        CASE(a_dump_goes_to_another_kind_of_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
