/*
 * test_storage_sqlite_kill [ROUNDS]: a process that writes as fast as it can is killed at a random moment.
 * All that was told to be written is there, in order and once, and the store opens without repair.
 */
#include "tests/plugins/storage/sqlite/opened.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAITING 16

static int rounds = 20;
static char folder[256];

static void tell(int fd, int number)
{
    if (write(fd, &number, sizeof(number)) != sizeof(number))
        _exit(3);
}

/* Appends to one stream, each event with the version that it expects: 16 wait at once. */
static void write_for_ever(int fd, int from)
{
    struct opened o;
    opened_start(&o, folder, "");
    for (int next = from;;) {
        hexmcp_fake_asked *calls[WAITING];
        char *value = calloc(1, 3000);
        memset(value, 'v', 2999);
        for (int i = 0; i < WAITING; i++)
            calls[i] = begun(&o, HEXMCP_FAKE_EVENTS_APPEND, "events",
                             batch("a/1", textf("%d", next + i - 1), textf("key-%d", next + i), next + i),
                             NULL, NULL);
        hexmcp_fake_asked *set = begun(&o, HEXMCP_FAKE_KV_SET, "s", textf("k%d", next), value, "{}");
        for (int i = 0; i < WAITING; i++) {
            if (strstr(ended(calls[i]), textf("\"a/1\":%d}", next + i)) == NULL)
                _exit(4);
            tell(fd, next + i);
        }
        ended(set);
        free(value);
        next += WAITING;
    }
}

/* The last number that was told before the child was killed; `from` - 1 if none was. */
static int kill_one(int from, unsigned microseconds)
{
    int fds[2], number, last = from - 1, status;
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fds[0]);
        write_for_ever(fds[1], from);
    }
    close(fds[1]);
    usleep(microseconds);
    kill(child, SIGKILL);
    while (read(fds[0], &number, sizeof(number)) == sizeof(number)) {
        assert_int_equal(number, last + 1);
        last = number;
    }
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return last;
}

static int64_t number_in(hexmcp_str json, const char *name)
{
    hexmcp_str value = {0};
    int64_t number = -1;
    assert_int_equal(hexmcp_json_get(json, name, &value), HEXMCP_OK);
    hexmcp_json_int64(value, &number);
    return number;
}

/* Reads all: versions and numbers from 1 without a gap. Returns how many there are. */
static int check(void)
{
    struct opened o;
    int count = 0;
    opened_start(&o, folder, "");
    for (bool more = true; more;) {
        hexmcp_str events = {0}, event = {0};
        const char *answer = asked(&o, HEXMCP_FAKE_EVENTS_READ, "events",
                                   textf("{\"stream\":\"a/1\",\"from\":%d,\"limit\":10000}", count + 1),
                                   NULL, NULL);
        more = strstr(answer, "\"more\":true") != NULL;
        for (const hexmcp_fake_piece *p = o.stream.pieces; p; p = p->next) {
            assert_int_equal(hexmcp_json_get(hexmcp_str_from(p->json), "events", &events), HEXMCP_OK);
            hexmcp_json_iter it = hexmcp_json_iter_begin(events);
            while (hexmcp_json_next(&it, NULL, &event)) {
                hexmcp_str data = {0};
                count++;
                assert_int_equal(number_in(event, "version"), count);
                assert_int_equal(hexmcp_json_get(event, "data", &data), HEXMCP_OK);
                assert_int_equal(number_in(data, "n"), count);
            }
        }
        hexmcp_fake_stream_clear(&o.stream);
        if (!more)
            assert_int_equal(number_in(hexmcp_str_from(answer), "version"), count);
    }
    opened_end(&o);
    assert_int_equal(sql(folder, "SELECT count(*) = max(position) FROM events"), count > 0);
    return count;
}

static void what_was_told_is_there(void **state)
{
    int count = 0, told = 0;
    (void)state;
    folder_make(folder);
    for (int i = 0; i < rounds; i++) {
        int last = kill_one(count + 1, 20000u + (unsigned)rand() % 60000u);
        told += last - count;
        count = check();
        assert_true(count >= last);
        /* What was not told may be there all the same, at most what waited. */
        assert_true(count <= last + WAITING);
    }
    print_message("# %d rounds: %d events were told, %d are there\n", rounds, told, count);
    assert_true(told > rounds);
    assert_int_equal(sql(folder, "SELECT count(*) FROM pragma_integrity_check WHERE "
                                 "integrity_check <> 'ok'"), 0);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_told_is_there)};
    unsigned seed = (unsigned)time(NULL);
    if (argc > 1)
        rounds = atoi(argv[1]);
    srand(seed);
    printf("# seed %u\n", seed);
    fflush(stdout);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
