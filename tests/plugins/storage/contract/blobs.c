#include "contract.h"

#include <stdlib.h>

/* A key in the form of a digest. */
static const char *key(int n)
{
    return textf("blake3:%064x", (unsigned)n);
}

static void a_blob_comes_and_goes_in_pieces(void **state)
{
    struct store *s = *state;
    const char *space = fresh("blob");
    char bytes[5000];
    struct got got;
    for (int i = 0; i < 5000; i++)
        bytes[i] = (char)(i * 7);
    assert_error(s, OP_BLOB_GET, space, key(1), "{}", HEXMCP_E_NOT_FOUND);
    assert_error(s, OP_STAT, space, key(1), NULL, HEXMCP_E_NOT_FOUND);
    got = put(s, space, key(1), bytes, 5000, 999);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_same(got.text, "{\"stored\":true}");
    got_free(&got);
    got = put(s, space, key(1), bytes, 5000, 999);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_same(got.text, "{\"stored\":false}");
    got_free(&got);
    got = ask(s, OP_BLOB_GET, space, key(1), "{}");
    assert_same(got.text, "{\"bytes\":5000}");
    assert_int_equal(got.len, 5000);
    assert_memory_equal(got.bytes, bytes, 5000);
    got_free(&got);
    got = ask(s, OP_STAT, space, key(1), NULL);
    assert_int_equal(member(got.text, "bytes"), 5000);
    assert_true(member(got.text, "storedBytes") >= 0);
    got_free(&got);
    assert_answer(s, OP_BLOB_REMOVE, space, key(1), NULL, "{\"removed\":true}");
    assert_answer(s, OP_BLOB_REMOVE, space, key(1), NULL, "{\"removed\":false}");
    assert_error(s, OP_BLOB_GET, space, key(1), "{}", HEXMCP_E_NOT_FOUND);
}

static void ranges_of_a_blob(void **state)
{
    struct store *s = *state;
    const char *space = fresh("range");
    struct got got = put(s, space, key(1), "0123456789", 10, 4);
    static const struct {
        const char *range, *bytes;
    } cases[] = {{"{\"offset\":3}", "3456789"},
                 {"{\"length\":4}", "0123"},
                 {"{\"offset\":3,\"length\":4}", "3456"},
                 {"{\"offset\":8,\"length\":4}", "89"},
                 {"{\"offset\":10}", ""},
                 {"{\"offset\":99,\"length\":1}", ""},
                 {"{\"offset\":2,\"length\":0}", ""}};
    got_free(&got);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        got = ask(s, OP_BLOB_GET, space, key(1), cases[i].range);
        assert_int_equal(got.code, HEXMCP_OK);
        assert_string_equal(got.bytes, cases[i].bytes);
        assert_same(got.text, "{\"bytes\":10}");
        got_free(&got);
    }
}

static void a_blob_of_nothing(void **state)
{
    struct store *s = *state;
    const char *space = fresh("empty");
    struct got got = put(s, space, key(1), "", 0, 10);
    assert_same(got.text, "{\"stored\":true}");
    got_free(&got);
    got = ask(s, OP_BLOB_GET, space, key(1), "{}");
    assert_same(got.text, "{\"bytes\":0}");
    assert_int_equal(got.len, 0);
    got_free(&got);
}

static void a_put_that_is_dropped_leaves_nothing(void **state)
{
    struct store *s = *state;
    const char *space = fresh("drop");
    struct asked asked = begin(s, OP_PUT, space, key(1), "{\"bytes\":10}");
    struct got got;
    assert_int_equal(asked.status, HEXMCP_PENDING);
    assert_int_equal(s->blob->write(s->blob->self, asked.call, str("01234"), 0, &asked.err),
                     HEXMCP_OK);
    assert_error(s, OP_STAT, space, key(1), NULL, HEXMCP_E_NOT_FOUND);
    cancel(s, &asked);
    got = end(s, &asked);
    assert_int_equal(got.code, HEXMCP_E_CANCELLED);
    got_free(&got);
    assert_error(s, OP_STAT, space, key(1), NULL, HEXMCP_E_NOT_FOUND);
    assert_answer(s, OP_BLOB_LIST, space, "{\"limit\":9}", NULL, "{\"blobs\":[],\"more\":false}");
    got = put(s, space, key(1), "9876543210", 10, 3);
    assert_same(got.text, "{\"stored\":true}");
    got_free(&got);
}

static void other_bytes_than_were_announced(void **state)
{
    struct store *s = *state;
    const char *space = fresh("announced");
    for (int more = 0; more < 2; more++) {
        struct asked asked = begin(s, OP_PUT, space, key(1), "{\"bytes\":10}");
        struct got got;
        int32_t status = s->blob->write(s->blob->self, asked.call, str(more ? "01234567890" : "012"),
                                        HEXMCP_BLOB_LAST, &asked.err);
        if (status < HEXMCP_OK)
            asked.status = status;
        got = end(s, &asked);
        assert_int_equal(got.code, HEXMCP_E_INVALID);
        got_free(&got);
        assert_error(s, OP_STAT, space, key(1), NULL, HEXMCP_E_NOT_FOUND);
    }
}

static void two_puts_of_one_blob(void **state)
{
    struct store *s = *state;
    const char *space = fresh("twice");
    struct asked one = begin(s, OP_PUT, space, key(1), "{\"bytes\":4}");
    struct asked two = begin(s, OP_PUT, space, key(1), "{\"bytes\":4}");
    struct got a, b;
    assert_int_equal(one.status, HEXMCP_PENDING);
    assert_int_equal(two.status, HEXMCP_PENDING);
    s->blob->write(s->blob->self, one.call, str("ab"), 0, &one.err);
    s->blob->write(s->blob->self, two.call, str("abc"), 0, &two.err);
    s->blob->write(s->blob->self, one.call, str("cd"), HEXMCP_BLOB_LAST, &one.err);
    s->blob->write(s->blob->self, two.call, str("d"), HEXMCP_BLOB_LAST, &two.err);
    a = end(s, &one);
    b = end(s, &two);
    assert_int_equal(a.code, HEXMCP_OK);
    assert_int_equal(b.code, HEXMCP_OK);
    got_free(&a);
    got_free(&b);
    a = ask(s, OP_BLOB_GET, space, key(1), "{}");
    assert_string_equal(a.bytes, "abcd");
    got_free(&a);
    assert_answer(s, OP_BLOB_REMOVE, space, key(1), NULL, "{\"removed\":true}");
    assert_answer(s, OP_BLOB_LIST, space, "{\"limit\":9}", NULL, "{\"blobs\":[],\"more\":false}");
}

static void blobs_are_listed(void **state)
{
    struct store *s = *state;
    const char *space = fresh("list");
    struct got got;
    for (int i = 1; i <= 5; i++) {
        got = put(s, space, key(6 - i), "0123456789", (size_t)(6 - i), 4);
        got_free(&got);
    }
    got = ask(s, OP_BLOB_LIST, space, "{\"limit\":2}", NULL);
    assert_non_null(strstr(got.text, key(1)));
    assert_non_null(strstr(got.text, key(2)));
    assert_null(strstr(got.text, key(3)));
    assert_non_null(strstr(got.text, "\"more\":true"));
    got_free(&got);
    got = ask(s, OP_BLOB_LIST, space, textf("{\"after\":\"%s\",\"limit\":9}", key(3)), NULL);
    assert_null(strstr(got.text, key(3)));
    assert_non_null(strstr(got.text, key(4)));
    assert_non_null(strstr(got.text, key(5)));
    assert_non_null(strstr(got.text, "\"more\":false"));
    got_free(&got);
    assert_answer(s, OP_BLOB_LIST, textf("%s2", space), "{\"limit\":9}", NULL,
                  "{\"blobs\":[],\"more\":false}");
}

static void a_blob_of_64_mib(void **state)
{
    struct store *s = *state;
    const char *space = fresh("large");
    const size_t len = (size_t)64 << 20;
    char *bytes = malloc(len);
    struct got got;
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < len; i += 8) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(bytes + i, &x, 8);
    }
    got = put(s, space, key(1), bytes, len, (size_t)1 << 20);
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_same(got.text, "{\"stored\":true}");
    got_free(&got);
    got = ask(s, OP_BLOB_GET, space, key(1), "{}");
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(got.len, len);
    assert_true(memcmp(got.bytes, bytes, len) == 0);
    got_free(&got);
    got = ask(s, OP_BLOB_GET, space, key(1), "{\"offset\":50000001,\"length\":3000000}");
    assert_int_equal(got.len, 3000000);
    assert_true(memcmp(got.bytes, bytes + 50000001, 3000000) == 0);
    got_free(&got);
    assert_answer(s, OP_BLOB_REMOVE, space, key(1), NULL, "{\"removed\":true}");
    free(bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_blobs(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_blob_comes_and_goes_in_pieces),
        CASE(ranges_of_a_blob),
        CASE(a_blob_of_nothing),
        CASE(a_put_that_is_dropped_leaves_nothing),
        CASE(other_bytes_than_were_announced),
        CASE(two_puts_of_one_blob),
        CASE(blobs_are_listed),
        CASE(a_blob_of_64_mib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
