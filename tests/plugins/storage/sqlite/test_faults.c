/*
 * test_storage_sqlite_faults [ROUNDS]: writes that fail, fall short or find the disk full at random places.
 * What was told to be written stays, what was told to have failed can be asked for again, and the store
 * goes on when the disk is well again.
 */
#include "tests/plugins/storage/sqlite/faulty_vfs.h"
#include "tests/plugins/storage/sqlite/opened.h"

#include <stdlib.h>
#include <time.h>

#define BATCHES 12

static int rounds = 40;
static char folder[256];
static struct opened o;

static int begin(void **state)
{
    (void)state;
    faulty_vfs_set(FAULT_NONE, 0, 0);
    folder_make(folder);
    opened_start(&o, folder, "");
    return 0;
}

static int end(void **state)
{
    (void)state;
    faulty_vfs_set(FAULT_NONE, 0, 0);
    opened_end(&o);
    folder_remove(folder);
    return 0;
}

static void a_full_disk_is_named(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "one", "{}", "{\"version\":1}");
    faulty_vfs_set(FAULT_FULL, 0, 1000);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "two", "{}",
                 textf("{\"code\":-10,\"message\":\"cannot write %s/store.sqlite: the disk, or what the "
                       "setting maxBytes allows, is full; make room and try again\"}", folder));
    faulty_vfs_set(FAULT_NONE, 0, 0);
    assert_asked(&o, HEXMCP_FAKE_KV_GET, "s", "k", NULL, NULL, "{\"version\":1}");
    assert_string_equal(o.stream.pieces->bytes, "one");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "three", "{}", "{\"version\":2}");
}

static void a_file_that_may_not_grow_is_named(void **state)
{
    char *large = calloc(1, 900001);
    (void)state;
    memset(large, 'x', 900000);
    opened_end(&o);
    opened_start(&o, folder, ",\"maxBytes\":1048576");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "a", large, "{}", "{\"version\":1}");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "b", large, "{}",
                 textf("{\"code\":-10,\"message\":\"cannot write %s/store.sqlite: the disk, or what the "
                       "setting maxBytes allows, is full; make room and try again\"}", folder));
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "b", "small", "{}", "{\"version\":1}");
    free(large);
}

static void a_disk_that_fails_is_named(void **state)
{
    (void)state;
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "one", "{}", "{\"version\":1}");
    faulty_vfs_set(FAULT_SYNC, 0, 1000);
    const char *answer = asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "two", "{}");
    faulty_vfs_set(FAULT_NONE, 0, 0);
    const char *begin_of = textf("{\"code\":-10,\"message\":\"cannot write %s/store.sqlite: the disk "
                                 "fails (", folder);
    assert_int_equal(strncmp(answer, begin_of, strlen(begin_of)), 0);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "three", "{\"ifVersion\":1}", "{\"version\":2}");
}

/* Each batch has a key; one that failed is asked for again with the same key when the disk is well. */
static void append_until_told(int round, int *again)
{
    hexmcp_fake_asked *calls[BATCHES];
    bool told[BATCHES];
    for (int i = 0; i < BATCHES; i++)
        calls[i] = begun(&o, HEXMCP_FAKE_EVENTS_APPEND, "events",
                         batch(textf("s/%d", i), "\"any\"", textf("%d-%d", round, i), round), NULL, NULL);
    for (int i = 0; i < BATCHES; i++)
        told[i] = strncmp(ended(calls[i]), "{\"position\":", 12) == 0;
    faulty_vfs_set(FAULT_NONE, 0, 0);
    for (int i = 0; i < BATCHES; i++) {
        const char *answer = asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events",
                                   batch(textf("s/%d", i), "\"any\"", textf("%d-%d", round, i), round),
                                   NULL, NULL);
        *again += !told[i];
        assert_non_null(strstr(answer, textf("\"versions\":{\"s/%d\":%d}", i, round)));
        if (told[i])
            assert_non_null(strstr(answer, "\"repeated\":true"));
    }
}

static void what_was_told_is_there(void **state)
{
    int again = 0;
    (void)state;
    for (int round = 1; round <= rounds; round++) {
        enum fault fault = (enum fault)(1 + rand() % (FAULTS - 1));
        faulty_vfs_set(fault, rand() % 12, 1 + rand() % 4);
        hexmcp_fake_asked *set =
            begun(&o, HEXMCP_FAKE_KV_SET, "s", "k", textf("%0200d", round), "{}");
        append_until_told(round, &again);
        ended(set);
        if (round % 10 == 0) {
            opened_end(&o);
            opened_start(&o, folder, "");
        }
    }
    print_message("# %d rounds: %d batches failed and were asked for again\n", rounds, again);
    assert_true(again > 0);
    assert_int_equal(sql(folder, "SELECT count(*) FROM events"), rounds * BATCHES);
    assert_int_equal(sql(folder, "SELECT count(DISTINCT position) FROM events"), rounds * BATCHES);
    assert_int_equal(sql(folder, "SELECT count(*) FROM pragma_integrity_check WHERE "
                                 "integrity_check <> 'ok'"), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(a_full_disk_is_named),
        T(a_file_that_may_not_grow_is_named),
        T(a_disk_that_fails_is_named),
        T(what_was_told_is_there),
    };
    unsigned seed = (unsigned)time(NULL);
    if (argc > 1)
        rounds = atoi(argv[1]);
    srand(seed);
    printf("# seed %u\n", seed);
    fflush(stdout);
    faulty_vfs_register();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
