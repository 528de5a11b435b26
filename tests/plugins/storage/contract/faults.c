#include "contract.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void server(const char *what)
{
    char *argv[] = {(char *)(uintptr_t)settings.server, (char *)(uintptr_t)what, NULL};
    pid_t child;
    int status;
    assert_int_equal(posix_spawn(&child, settings.server, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int thaw_server(void **state)
{
    server("thaw");
    return close_store(state);
}

static int start_server(void **state)
{
    server("start");
    return close_store(state);
}

static struct got append_any(struct store *s, const char *space)
{
    return ask(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", 1, 1), NULL);
}

/* Until the server is back: the store tries again by itself. */
static void works_again(struct store *s, const char *space)
{
    struct got got = {0};
    for (int i = 0; i < 200; i++) {
        got_free(&got);
        got = append_any(s, space);
        if (got.code == HEXMCP_OK)
            break;
        usleep(50000);
    }
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":10}", NULL);
    for (int i = 0; i < 200 && got.code != HEXMCP_OK; i++) {
        got_free(&got);
        usleep(50000);
        got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":10}", NULL);
    }
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
}

static void refused_with(struct store *s, const char *space, int32_t code)
{
    static const enum op ops[] = {OP_APPEND, OP_READ, OP_GET, OP_QUERY, OP_STAT};
    const char *key = textf("blake3:%064x", 1);
    const char *texts[] = {batch("", "a/1", "\"any\"", "X", 1, 1), "{\"stream\":\"a/1\",\"limit\":1}",
                           "k", "{\"text\":\"x\",\"limit\":1}", key};
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        struct got got = ask(s, ops[i], space, texts[i], NULL);
        if (i == 0)
            print_message("# %s\n", got.text);
        assert_int_equal(got.code, code);
        assert_true(strlen(got.text) > 20);
        assert_null(strstr(got.text, "s3cret"));
        got_free(&got);
    }
}

static void a_server_that_goes_and_comes_back(void **state)
{
    struct store *s = *state;
    const char *space = fresh("gone");
    struct got got = append_any(s, space);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    server("stop");
    refused_with(s, space, HEXMCP_E_UNAVAILABLE);
    server("start");
    works_again(s, space);
}

static void a_server_that_goes_under_load(void **state)
{
    struct store *s = *state;
    const char *space = fresh("load");
    enum { COUNT = 300 };
    static struct asked asked[COUNT];
    int64_t made = 0, version;
    struct got got;
    for (int i = 0; i < COUNT; i++) {
        asked[i] = begin(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
        if (i == COUNT / 2)
            server("stop");
    }
    for (int i = 0; i < COUNT; i++) {
        got = end(s, &asked[i]);
        made += got.code == HEXMCP_OK;
        assert_true(got.code == HEXMCP_OK || got.code == HEXMCP_E_UNAVAILABLE);
        got_free(&got);
    }
    server("start");
    works_again(s, space);
    got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":1}", NULL);
    version = member(got.text, "version");
    got_free(&got);
    /* All that was told is there; one group may have been made without having been told. */
    assert_true(version >= made + 1);
    assert_true(version <= COUNT + 200);
}

static void a_server_that_does_not_answer(void **state)
{
    struct store *s = *state;
    const char *space = fresh("frozen");
    struct got got;
    store_close(s);
    store_open(s, settings.plugin, settings.slow);
    got = append_any(s, space);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":10}", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    server("freeze");
    refused_with(s, space, HEXMCP_E_TIMEOUT);
    server("thaw");
    works_again(s, space);
}

static void a_wrong_password_is_not_told(void **state)
{
    struct store *s = *state;
    store_close(s);
    store_open(s, settings.plugin, settings.refused);
    refused_with(s, fresh("refused"), HEXMCP_E_DENIED);
}

int run_faults(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_server_that_goes_and_comes_back, open_store, start_server),
        cmocka_unit_test_setup_teardown(a_server_that_goes_under_load, open_store, start_server),
        cmocka_unit_test_setup_teardown(a_server_that_does_not_answer, open_store, thaw_server),
        cmocka_unit_test_setup_teardown(a_wrong_password_is_not_told, open_store, close_store),
    };
    if (!settings.server || !settings.slow || !settings.refused)
        return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
