/* Several processes on one file: each appends, and one reads on. */
#include "tests/plugins/storage/sqlite/opened.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 3
#define EVENTS 120
#define WAITING 8

static char folder[256];

/* To a stream of its own and to one of all. */
static void write_all(int writer)
{
    struct opened o;
    opened_start(&o, folder, ",\"busyTimeoutMs\":60000");
    for (int n = 0; n < EVENTS; n += WAITING) {
        hexmcp_fake_asked *calls[WAITING];
        for (int i = 0; i < WAITING; i++)
            calls[i] = begun(&o, HEXMCP_FAKE_EVENTS_APPEND, "events",
                             batch(i % 2 ? "all/1" : textf("own/%d", writer), "\"any\"",
                                   textf("%d-%d", writer, n + i), n + i), NULL, NULL);
        for (int i = 0; i < WAITING; i++) {
            const char *answer = ended(calls[i]);
            if (strstr(answer, "\"repeated\":false") == NULL) {
                fprintf(stderr, "writer %d: %s\n", writer, answer);
                _exit(1);
            }
        }
    }
    opened_end(&o);
    _exit(0);
}

static int64_t number_in(hexmcp_str json, const char *name)
{
    hexmcp_str value = {0};
    int64_t number = -1;
    assert_int_equal(hexmcp_json_get(json, name, &value), HEXMCP_OK);
    assert_int_equal(hexmcp_json_int64(value, &number), HEXMCP_OK);
    return number;
}

/* What comes behind `after`: positions rise, and none comes late. Returns the last. */
static int64_t read_on(struct opened *o, int64_t after, int *count)
{
    hexmcp_str events = {0}, event = {0};
    const char *answer =
        asked(o, HEXMCP_FAKE_EVENTS_READ_ALL, "events",
              textf("{\"after\":%lld,\"limit\":50}", (long long)after), NULL, NULL);
    for (const hexmcp_fake_piece *p = o->stream.pieces; p; p = p->next) {
        assert_int_equal(hexmcp_json_get(hexmcp_str_from(p->json), "events", &events), HEXMCP_OK);
        hexmcp_json_iter it = hexmcp_json_iter_begin(events);
        while (hexmcp_json_next(&it, NULL, &event)) {
            int64_t position = number_in(event, "position");
            assert_true(position > after);
            after = position;
            ++*count;
        }
    }
    hexmcp_fake_stream_clear(&o->stream);
    assert_int_equal(number_in(hexmcp_str_from(answer), "position"), after);
    return after;
}

static void a_reader_sees_all_in_order(void **state)
{
    struct opened o;
    pid_t children[WRITERS];
    int64_t after = 0;
    int count = 0, running = WRITERS;
    (void)state;
    folder_make(folder);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_all(i);
    }
    opened_start(&o, folder, ",\"busyTimeoutMs\":60000");
    while (running > 0 || count < WRITERS * EVENTS) {
        int status;
        int64_t before = after;
        after = read_on(&o, after, &count);
        if (waitpid(-1, &status, WNOHANG) > 0) {
            running--;
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
        } else if (running == 0 && after == before) {
            break;
        }
    }
    opened_end(&o);
    /* What was seen one by one is all that there is: nothing came behind the reader's back. */
    assert_int_equal(count, WRITERS * EVENTS);
    assert_int_equal(sql(folder, "SELECT count(*) FROM events"), WRITERS * EVENTS);
    assert_int_equal(sql(folder, "SELECT version FROM streams WHERE name = 'all/1'"),
                     WRITERS * EVENTS / 2);
    assert_int_equal(sql(folder, "SELECT count(*) FROM (SELECT stream FROM events GROUP BY stream "
                                 "HAVING max(version) <> count(*))"), 0);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_reader_sees_all_in_order)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}
