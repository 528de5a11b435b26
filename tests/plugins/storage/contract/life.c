#include "contract.h"

#include <stdlib.h>

static void number_is(struct store *s, const char *space, int64_t version)
{
    assert_answer(s, OP_READ, space, "{\"stream\":\"a/1\",\"backward\":true,\"limit\":1}", NULL,
                  textf("{\"version\":%lld,\"more\":%s}", (long long)version,
                        version > 1 ? "true" : "false"));
}

static void what_was_told_is_there_after_a_restart(void **state)
{
    struct store *s = *state;
    const char *space = fresh("again");
    struct got got;
    if (settings.is_memory) {
        print_message("# the memory store keeps nothing\n");
        return;
    }
    for (int i = 0; i < 5; i++) {
        got = ask(s, OP_APPEND, space, batch("", "a/1", textf("%d", i), "X", i, 1), NULL);
        assert_int_equal(got.code, HEXMCP_OK);
        got_free(&got);
    }
    got = ask(s, OP_SET, space, "k", "v");
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    store_close(s);
    store_open(s, settings.plugin, settings.config);
    number_is(s, space, 5);
    got = ask(s, OP_GET, space, "k", NULL);
    assert_string_equal(got.bytes, "v");
    got_free(&got);
}

/* Calls that are under way when the plugin stops end once each, and what they said is true. */
static void the_end_with_calls_under_way(void **state)
{
    struct store *s = *state;
    const char *space = fresh("end");
    enum { COUNT = 200 };
    static struct asked asked[COUNT];
    struct asked blob, restore;
    int64_t made = 0;
    struct got got;
    for (int i = 0; i < COUNT; i++)
        asked[i] = begin(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
    blob = begin(s, OP_PUT, space, textf("blake3:%064x", 1), "{\"bytes\":10}");
    restore = begin(s, OP_RESTORE, "", NULL, NULL);
    hexmcp_fake_stop(&s->p);
    for (int i = 0; i < COUNT; i++) {
        got = end(s, &asked[i]);
        made += got.code == HEXMCP_OK;
        assert_true(got.code == HEXMCP_OK || got.code == HEXMCP_E_CANCELLED ||
                    got.code == HEXMCP_E_UNAVAILABLE);
        got_free(&got);
    }
    got = end(s, &blob);
    assert_int_equal(got.code, HEXMCP_E_CANCELLED);
    got_free(&got);
    got = end(s, &restore);
    assert_int_equal(got.code, HEXMCP_E_CANCELLED);
    got_free(&got);
    store_close(s);
    store_open(s, settings.plugin, settings.config);
    if (!settings.is_memory && made > 0)
        number_is(s, space, made);
}

static void calls_that_are_cancelled_end_once(void **state)
{
    struct store *s = *state;
    const char *space = fresh("cancel");
    enum { COUNT = 60 };
    static struct asked asked[COUNT];
    int64_t made = 0;
    for (int i = 0; i < COUNT; i++)
        asked[i] = begin(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i, 1), NULL);
    for (int i = 0; i < COUNT; i += 2)
        cancel(s, &asked[i]);
    for (int i = 0; i < COUNT; i++) {
        struct got got = end(s, &asked[i]);
        assert_true(got.code == HEXMCP_OK || (i % 2 == 0 && got.code == HEXMCP_E_CANCELLED));
        made += got.code == HEXMCP_OK;
        got_free(&got);
    }
    assert_true(made >= COUNT / 2);
    number_is(s, space, made);
    cancel(s, &asked[0]);
}

/* The host has no room for pieces: they come when it has. */
static void a_slow_reader_gets_all_pieces(void **state)
{
    struct store *s = *state;
    const char *space = fresh("slow"), *key = textf("blake3:%064x", 1);
    const size_t len = (size_t)5 << 20;
    char *bytes = malloc(len);
    struct got got;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 2654435761u >> 9);
    got = put(s, space, key, bytes, len, (size_t)1 << 20);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    hexmcp_fake_stream_busy(&s->stream, 3);
    got = ask(s, OP_BLOB_GET, space, key, "{}");
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(got.len, len);
    assert_true(memcmp(got.bytes, bytes, len) == 0);
    got_free(&got);
    for (int i = 0; i < 3; i++) {
        got = ask(s, OP_APPEND, space, batch("", "a/1", "\"any\"", "X", i * 500, 500), NULL);
        assert_int_equal(got.code, HEXMCP_OK);
        got_free(&got);
    }
    hexmcp_fake_stream_busy(&s->stream, 2);
    got = ask(s, OP_READ, space, "{\"stream\":\"a/1\",\"limit\":10000}", NULL);
    assert_same(got.text, "{\"version\":1500,\"more\":false}");
    assert_non_null(strstr(got.pieces, "\"version\":1500"));
    got_free(&got);
    hexmcp_fake_stream_busy(&s->stream, 1);
    got = ask(s, OP_LIST, space, "{\"limit\":9,\"values\":true}", NULL);
    assert_same(got.text, "{\"more\":false}");
    got_free(&got);
    hexmcp_fake_stream_busy(&s->stream, 0);
    free(bytes);
}

static void unknown_interfaces_are_not_there(void **state)
{
    struct store *s = *state;
    assert_null(hexmcp_fake_interface(&s->p, "hexmcp.kv-store/2"));
    assert_null(hexmcp_fake_interface(&s->p, "hexmcp.kv-store/"));
    assert_null(hexmcp_fake_interface(&s->p, HEXMCP_TOOL_1));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_life(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_told_is_there_after_a_restart),
        CASE(the_end_with_calls_under_way),
        CASE(calls_that_are_cancelled_end_once),
        CASE(a_slow_reader_gets_all_pieces),
        CASE(unknown_interfaces_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
