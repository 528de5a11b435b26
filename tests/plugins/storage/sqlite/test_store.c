/* What is SQLite's own: the file, the transactions, what is removed in passing. */
#include "tests/plugins/storage/sqlite/opened.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static struct opened o;

static int begin(void **state)
{
    (void)state;
    folder_make(folder);
    opened_start(&o, folder, "");
    return 0;
}

static int end(void **state)
{
    (void)state;
    opened_end(&o);
    folder_remove(folder);
    return 0;
}

static void again(const char *settings)
{
    opened_end(&o);
    opened_start(&o, folder, settings);
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    assert_int_equal(stat(textf("%s/%s", folder, name), &st), 0);
    return st.st_mode & 0777;
}

static void is_for_its_owner_alone(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    assert_int_equal(mode_of("store.sqlite"), 0600);
    assert_int_equal(mode_of("store.sqlite-wal"), 0600);
    assert_int_equal(mode_of("store.sqlite-shm"), 0600);
}

static void makes_its_folder(void **state)
{
    hexmcp_error err;
    (void)state;
    assert_true(opened_try(textf("{\"folder\":\"%s/below\"}", folder), &err));
    assert_int_equal(mode_of("below"), 0700);
    assert_int_equal(mode_of("below/store.sqlite"), 0600);
}

static void keeps_events_over_a_restart(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "\"none\"", "k1", 7), NULL, NULL,
                 "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":false}");
    again("");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "\"none\"", "k1", 7), NULL, NULL,
                 "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":true}");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_READ, "events", "{\"stream\":\"a/1\",\"limit\":10}", NULL, NULL,
                 "{\"version\":1,\"more\":false}");
    assert_string_equal(o.stream.pieces->json,
                        "{\"events\":[{\"id\":\"id-7\",\"stream\":\"a/1\",\"version\":1,\"position\":1,"
                        "\"type\":\"Counted\",\"schema\":1,\"at\":\"2026-01-31T12:00:00.007Z\","
                        "\"correlation\":\"c\",\"caller\":\"p\",\"tenant\":\"t\",\"data\":{\"n\":7}}]}");
}

#define WAITING 40

/* So many wait at once that the store makes one transaction of many; each third is refused. */
static void one_that_is_refused_does_not_spoil_the_others(void **state)
{
    hexmcp_fake_asked *calls[WAITING];
    (void)state;
    for (int i = 0; i < WAITING; i++) {
        const char *expected = i % 3 == 2 ? "77" : "\"any\"";
        calls[i] = begun(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", expected, NULL, i), NULL,
                         NULL);
    }
    for (int i = 0, version = 0; i < WAITING; i++) {
        if (i % 3 != 2)
            version++;
        assert_string_equal(
            ended(calls[i]),
            i % 3 == 2 ? textf("{\"conflict\":{\"stream\":\"a/1\",\"expected\":77,\"actual\":%d}}", version)
                       : textf("{\"position\":%d,\"versions\":{\"a/1\":%d},\"repeated\":false}", version,
                               version));
    }
    assert_int_equal(sql(folder, "SELECT count(*) FROM events"), 27);
}

/* What SQLite itself refuses in the middle of a group: here a trigger that the test adds. */
static void one_that_fails_is_done_alone(void **state)
{
    hexmcp_fake_asked *calls[WAITING];
    (void)state;
    sql(folder, "CREATE TRIGGER t BEFORE INSERT ON events WHEN new.id LIKE '%-13' "
                "BEGIN SELECT raise(ABORT, 'no thirteen'); END");
    for (int i = 0; i < WAITING; i++)
        calls[i] = begun(&o, HEXMCP_FAKE_EVENTS_APPEND, "events",
                         batch(textf("a/%d", i), "\"none\"", NULL, i), NULL, NULL);
    for (int i = 0, position = 0; i < WAITING; i++) {
        const char *answer = ended(calls[i]);
        if (i == 13)
            assert_string_equal(answer, textf("{\"code\":-1,\"message\":\"cannot write %s/store.sqlite: "
                                              "SQLite says \\\"no thirteen\\\"\"}", folder));
        else
            assert_string_equal(answer,
                                textf("{\"position\":%d,\"versions\":{\"a/%d\":1},\"repeated\":false}",
                                      ++position, i));
    }
    assert_int_equal(sql(folder, "SELECT count(*) FROM streams"), WAITING - 1);
}

static void reads_what_was_asked_to_be_written_before(void **state)
{
    hexmcp_fake_asked *writes[WAITING], *reads[WAITING], *lists[WAITING];
    (void)state;
    for (int i = 0; i < WAITING; i++) {
        writes[i] = begun(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}");
        reads[i] = begun(&o, HEXMCP_FAKE_KV_GET, "s", "k", NULL, NULL);
        lists[i] = begun(&o, HEXMCP_FAKE_KV_LIST, "s", "{\"limit\":9}", NULL, NULL);
    }
    for (int i = 0; i < WAITING; i++) {
        int64_t version = 0;
        hexmcp_str value = {0};
        assert_string_equal(ended(writes[i]), textf("{\"version\":%d}", i + 1));
        assert_int_equal(hexmcp_json_get(hexmcp_str_from(ended(reads[i])), "version", &value), HEXMCP_OK);
        hexmcp_json_int64(value, &version);
        assert_true(version > i);
        assert_non_null(strstr(ended(lists[i]), "\"key\":\"k\""));
    }
}

static void cancels_what_waits(void **state)
{
    hexmcp_fake_asked *calls[WAITING];
    int cancelled = 0;
    (void)state;
    for (int i = 0; i < WAITING; i++)
        calls[i] = begun(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}");
    for (int i = 0; i < WAITING; i++)
        hexmcp_fake_cancel_draft(&o.p, HEXMCP_FAKE_KV_SET, calls[i]);
    for (int i = 0; i < WAITING; i++)
        cancelled += strcmp(ended(calls[i]), "cancelled") == 0;
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}",
                 textf("{\"version\":%d}", WAITING - cancelled + 1));
}

static void answers_all_when_it_stops(void **state)
{
    hexmcp_fake_asked *calls[WAITING];
    (void)state;
    for (int i = 0; i < WAITING; i++)
        calls[i] = begun(&o, HEXMCP_FAKE_KV_SET, "s", textf("k%d", i), "v", "{}");
    o.p.plugin->stop(o.p.plugin->self);
    for (int i = 0; i < WAITING; i++)
        assert_string_equal(ended(calls[i]), "{\"version\":1}");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "-10 the store has stopped");
    assert_int_equal(sql(folder, "SELECT count(*) FROM entries"), WAITING);
}

/* Waits until the store, which does it when nobody waits, has brought it so far. */
static void comes_to(const char *text, int64_t number)
{
    for (int tries = 0; tries < 20000 && sql(folder, text) != number; tries++)
        usleep(1000);
    assert_int_equal(sql(folder, text), number);
}

/* Time passes by changing the file. */
static void removes_in_passing_what_has_expired(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "old", "v", "{\"ttlMs\":3600000}", "{\"version\":1}");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "young", "v", "{\"ttlMs\":3600000}", "{\"version\":1}");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "0", "k", 1), NULL, NULL,
                 "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":false}");
    sql(folder, "UPDATE entries SET expires = 5 WHERE key = 'old'");
    sql(folder, "UPDATE keys SET at = 5");
    assert_asked(&o, HEXMCP_FAKE_KV_GET, "s", "old", NULL, NULL,
                 "{\"code\":-4,\"message\":\"there is no key old; list the keys\"}");
    again("");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "other", "k", "v", "{}", "{\"version\":1}");
    comes_to("SELECT count(*) FROM entries", 2);
    comes_to("SELECT count(*) FROM keys", 0);
    assert_int_equal(sql(folder, "SELECT version FROM floors WHERE space = 's'"), 2);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "old", "v", "{}", "{\"version\":3}");
}

static const char *blob(int c)
{
    char name[65];
    memset(name, c, 64);
    name[64] = '\0';
    return textf("blake3:%s", name);
}

/* A put that began and never ended, as of a process that was killed. */
static void removes_the_rest_of_a_put_that_died(void **state)
{
    (void)state;
    sql(folder, "INSERT INTO blobs(number, space, key, lease) VALUES(9, 'b', 'blake3:dead', 1)");
    sql(folder, "INSERT INTO parts(number, data) VALUES(9 * 1048576, 'dead')");
    sql(folder, "INSERT INTO parts(number, data) VALUES(9 * 1048576 + 1, 'dead')");
    assert_asked(&o, HEXMCP_FAKE_BLOB_STAT, "b", "blake3:dead", NULL, NULL,
                 "{\"code\":-4,\"message\":\"there is no blob blake3:dead; list the blobs\"}");
    assert_asked(&o, HEXMCP_FAKE_BLOB_PUT, "b", blob('a'), "{\"bytes\":5}", "hello", "{\"stored\":true}");
    again("");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    comes_to("SELECT count(*) FROM parts", 1);
    comes_to("SELECT count(*) FROM blobs", 1);
}

static void a_put_that_is_cancelled_leaves_nothing(void **state)
{
    const hexmcp_blob_1 *table = hexmcp_fake_interface(&o.p, HEXMCP_BLOB_1);
    hexmcp_call call = hexmcp_fake_open(o.p.fake);
    hexmcp_fake_answer a;
    hexmcp_error err = {.size = sizeof(err)};
    char *bytes = calloc(1, 1 << 20);
    (void)state;
    assert_int_equal(table->put(table->self, call, hexmcp_str_from("b"), hexmcp_str_from(blob('a')),
                                hexmcp_str_from("{\"bytes\":9000000}"), &err), HEXMCP_PENDING);
    for (int i = 0; i < 4; i++)
        assert_int_equal(table->write(table->self, call, (hexmcp_str){bytes, 1 << 20}, 0, &err),
                         HEXMCP_OK);
    table->cancel(table->self, call);
    assert_int_equal(table->write(table->self, call, (hexmcp_str){bytes, 1}, 0, &err),
                     HEXMCP_E_NOT_FOUND);
    assert_string_equal(err.text, "the put of the blob has ended; put it again");
    hexmcp_fake_close(o.p.fake, call, HEXMCP_PENDING, &err, &a);
    assert_int_equal(a.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&a);
    free(bytes);
    assert_asked(&o, HEXMCP_FAKE_BLOB_PUT, "b", blob('a'), "{\"bytes\":3}", "abc", "{\"stored\":true}");
    again("");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    comes_to("SELECT sum(length(data)) FROM parts", 3);
}

static void a_dropped_projection_goes_in_small_pieces(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_EVENTS_PROJECT, "events",
                 "{\"projection\":\"old\",\"expected\":0,\"position\":5,\"rows\":[{\"key\":\"a\","
                 "\"value\":1}]}", NULL, NULL, "{\"position\":5}");
    sql(folder, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300) "
                "INSERT INTO rows SELECT (SELECT number FROM projections), 'k' || i, '1' FROM n");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_PROJECT, "events",
                 "{\"projection\":\"new\",\"expected\":0,\"position\":7,\"replaces\":\"old\",\"rows\":["
                 "{\"key\":\"b\",\"value\":[2]}]}", NULL, NULL, "{\"position\":7}");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_ROWS, "events", "{\"projection\":\"old\",\"limit\":9}", NULL, NULL,
                 "{\"position\":7,\"rows\":[{\"key\":\"b\",\"value\":[2]}],\"more\":false}");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_ROWS, "events", "{\"projection\":\"new\",\"limit\":9}", NULL, NULL,
                 "{\"position\":0,\"rows\":[],\"more\":false}");
    again("");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    comes_to("SELECT count(*) FROM rows", 1);
    comes_to("SELECT count(*) FROM projections", 1);
}

/* The reader takes one piece, is slow with the rest, and others are served meanwhile. */
static void a_slow_reader_keeps_nobody_waiting(void **state)
{
    char *bytes = malloc((5 << 20) + 1);
    (void)state;
    memset(bytes, 'x', 5 << 20);
    bytes[5 << 20] = '\0';
    assert_asked(&o, HEXMCP_FAKE_BLOB_PUT, "b", blob('a'), "{\"bytes\":5242880}", bytes,
                 "{\"stored\":true}");
    hexmcp_fake_stream_busy(&o.stream, 1);
    hexmcp_fake_asked *slow = begun(&o, HEXMCP_FAKE_BLOB_GET, "b", blob('a'), "{}", NULL);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    assert_string_equal(ended(slow), "{\"bytes\":5242880}");
    size_t got = 0;
    for (const hexmcp_fake_piece *p = o.stream.pieces; p; p = p->next) {
        assert_memory_equal(p->bytes, bytes + got, p->len);
        got += p->len;
    }
    assert_int_equal(got, 5 << 20);
    free(bytes);
}

static void two_processes_share_the_file(void **state)
{
    struct opened other;
    (void)state;
    opened_start(&other, folder, "");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "\"none\"", NULL, 1), NULL, NULL,
                 "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":false}");
    assert_asked(&other, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "1", NULL, 2), NULL, NULL,
                 "{\"position\":2,\"versions\":{\"a/1\":2},\"repeated\":false}");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "1", NULL, 3), NULL, NULL,
                 "{\"conflict\":{\"stream\":\"a/1\",\"expected\":1,\"actual\":2}}");
    opened_end(&other);
}

static void one_that_holds_the_file_too_long_is_named(void **state)
{
    (void)state;
    again(",\"busyTimeoutMs\":50");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":1}");
    struct sqlite3 *held = file_hold(folder);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}",
                 textf("{\"code\":-8,\"message\":\"cannot write %s/store.sqlite: another process "
                       "holds the file for longer than busyTimeoutMs; try again\"}", folder));
    file_release(held);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "v", "{}", "{\"version\":2}");
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(is_for_its_owner_alone),
        T(makes_its_folder),
        T(keeps_events_over_a_restart),
        T(one_that_is_refused_does_not_spoil_the_others),
        T(one_that_fails_is_done_alone),
        T(reads_what_was_asked_to_be_written_before),
        T(cancels_what_waits),
        T(answers_all_when_it_stops),
        T(removes_in_passing_what_has_expired),
        T(removes_the_rest_of_a_put_that_died),
        T(a_put_that_is_cancelled_leaves_nothing),
        T(a_dropped_projection_goes_in_small_pieces),
        T(a_slow_reader_keeps_nobody_waiting),
        T(two_processes_share_the_file),
        T(one_that_holds_the_file_too_long_is_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
