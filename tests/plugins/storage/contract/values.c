#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t set(struct store *s, const char *space, const char *key, const char *value,
                   const char *options)
{
    struct got got = ask_with(s, OP_SET, space, str(key), str(value), str(options));
    int64_t version = member(got.text, "version");
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    return version;
}

static void assert_value(struct store *s, const char *space, const char *key, const char *value,
                         int64_t version)
{
    struct got got = ask(s, OP_GET, space, key, NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(got.len, strlen(value));
    assert_memory_equal(got.bytes, value, got.len);
    assert_same(got.text, textf("{\"version\":%lld}", (long long)version));
    got_free(&got);
}

static void a_key_has_a_value_and_a_version(void **state)
{
    struct store *s = *state;
    const char *space = fresh("kv");
    int64_t one, two, three;
    assert_error(s, OP_GET, space, "k", NULL, HEXMCP_E_NOT_FOUND);
    one = set(s, space, "k", "one", "{}");
    assert_true(one > 0);
    assert_value(s, space, "k", "one", one);
    two = set(s, space, "k", "", "{}");
    assert_true(two > one);
    assert_value(s, space, "k", "", two);
    assert_answer(s, OP_REMOVE, space, "k", "{}", "{\"removed\":true}");
    assert_answer(s, OP_REMOVE, space, "k", "{}", "{\"removed\":false}");
    assert_error(s, OP_GET, space, "k", NULL, HEXMCP_E_NOT_FOUND);
    three = set(s, space, "k", "three", "{}");
    assert_true(three > two);
    assert_error(s, OP_GET, textf("%s2", space), "k", NULL, HEXMCP_E_NOT_FOUND);
}

static void compare_and_set(void **state)
{
    struct store *s = *state;
    const char *space = fresh("cas");
    int64_t version = set(s, space, "k", "a", "{\"ifVersion\":0}");
    struct got got;
    assert_true(version > 0);
    got = ask_with(s, OP_SET, space, str("k"), str("b"), str("{\"ifVersion\":0}"));
    assert_same(got.text, textf("{\"conflict\":%lld}", (long long)version));
    got_free(&got);
    assert_value(s, space, "k", "a", version);
    version = set(s, space, "k", "c", textf("{\"ifVersion\":%lld}", (long long)version));
    assert_value(s, space, "k", "c", version);
    assert_answer(s, OP_REMOVE, space, "k", "{\"ifVersion\":999999999}",
                  textf("{\"conflict\":%lld}", (long long)version));
    assert_answer(s, OP_REMOVE, space, "k", textf("{\"ifVersion\":%lld}", (long long)version),
                  "{\"removed\":true}");
    assert_answer(s, OP_REMOVE, space, "k", textf("{\"ifVersion\":%lld}", (long long)version),
                  "{\"conflict\":0}");
    got = ask_with(s, OP_SET, space, str("k"), str("b"), str("{\"ifVersion\":7}"));
    assert_same(got.text, "{\"conflict\":0}");
    got_free(&got);
}

static void one_of_many_sets_wins(void **state)
{
    struct store *s = *state;
    const char *space = fresh("race");
    struct asked asked[50];
    int won = 0;
    for (int i = 0; i < 50; i++)
        asked[i] = begin_with(s, OP_SET, space, str("k"), str(textf("%d", i)),
                              str("{\"ifVersion\":0}"));
    for (int i = 0; i < 50; i++) {
        struct got got = end(s, &asked[i]);
        assert_int_equal(got.code, HEXMCP_OK);
        won += strstr(got.text, "conflict") == NULL;
        got_free(&got);
    }
    assert_int_equal(won, 1);
}

static void calls_on_one_key_are_seen_in_their_order(void **state)
{
    struct store *s = *state;
    const char *space = fresh("sequence");
    struct asked asked[60];
    for (int i = 0; i < 60; i += 2) {
        asked[i] = begin_with(s, OP_SET, space, str("k"), str(textf("%d", i)), str("{}"));
        asked[i + 1] = begin(s, OP_GET, space, "k", NULL);
    }
    for (int i = 0; i < 60; i += 2) {
        struct got a = end(s, &asked[i]), b = end(s, &asked[i + 1]);
        assert_int_equal(a.code, HEXMCP_OK);
        assert_int_equal(b.code, HEXMCP_OK);
        assert_string_equal(b.bytes, textf("%d", i));
        got_free(&a);
        got_free(&b);
    }
}

static void odd_bytes_and_keys(void **state)
{
    struct store *s = *state;
    const char *space = fresh("odd \xF0\x9F\x8E\xB2 \"x\\");
    char bytes[256], key[513];
    struct got got;
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    memset(key, 'k', 510);
    memcpy(key + 510, "\xC3\xA9", 3);
    got = ask_with(s, OP_SET, space, str(key), bytes_of(bytes, 256), str("{}"));
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    got = ask(s, OP_GET, space, key, NULL);
    assert_int_equal(got.len, 256);
    assert_memory_equal(got.bytes, bytes, 256);
    got_free(&got);
    set(s, space, "\"\\\n\x01%_*?[a]", "v", "{}");
    got = ask(s, OP_LIST, space, "{\"prefix\":\"\\\"\\\\\\n\\u0001%\",\"limit\":9}", NULL);
    assert_non_null(strstr(got.text, "%_*?[a]"));
    assert_null(strstr(got.text, "kkk"));
    got_free(&got);
    got = ask_with(s, OP_SET, space, bytes_of(key, 513), str("v"), str("{}"));
    assert_int_equal(got.code, HEXMCP_E_INVALID);
    got_free(&got);
    got = ask_with(s, OP_SET, space, bytes_of("a\0b", 3), str("v"), str("{}"));
    assert_int_equal(got.code, HEXMCP_E_INVALID);
    got_free(&got);
    assert_error(s, OP_GET, space, "", NULL, HEXMCP_E_INVALID);
}

static void a_value_of_16_mib(void **state)
{
    struct store *s = *state;
    const char *space = fresh("large");
    const size_t len = (size_t)16 << 20;
    char *bytes = malloc(len + 1);
    struct got got;
    for (size_t i = 0; i < len + 1; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    got = ask_with(s, OP_SET, space, str("k"), bytes_of(bytes, len), str("{}"));
    if (got.code != HEXMCP_OK)
        print_error("%s\n", got.text);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    got = ask(s, OP_GET, space, "k", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(got.len, len);
    assert_true(memcmp(got.bytes, bytes, len) == 0);
    assert_true(got.count >= 16);
    got_free(&got);
    got = ask_with(s, OP_SET, space, str("k"), bytes_of(bytes, len + 1), str("{}"));
    assert_int_equal(got.code, HEXMCP_E_TOO_LARGE);
    got_free(&got);
    assert_answer(s, OP_REMOVE, space, "k", "{}", "{\"removed\":true}");
    free(bytes);
}

static void a_value_runs_out(void **state)
{
    struct store *s = *state;
    const char *space = fresh("ttl");
    int64_t version = set(s, space, "short", "x", "{\"ttlMs\":300}"), next;
    struct got got;
    set(s, space, "long", "y", "{\"ttlMs\":3600000}");
    set(s, space, "renewed", "y", "{\"ttlMs\":300}");
    set(s, space, "renewed", "z", "{}");
    got = ask(s, OP_GET, space, "long", NULL);
    assert_in_range(member(got.text, "ttlMs"), 3500000, 3600000);
    got_free(&got);
    got = ask(s, OP_LIST, space, "{\"prefix\":\"long\",\"limit\":9}", NULL);
    assert_non_null(strstr(got.text, "ttlMs"));
    got_free(&got);
    usleep(400000);
    assert_error(s, OP_GET, space, "short", NULL, HEXMCP_E_NOT_FOUND);
    got = ask(s, OP_LIST, space, "{\"limit\":9}", NULL);
    assert_null(strstr(got.text, "short"));
    assert_non_null(strstr(got.text, "renewed"));
    got_free(&got);
    assert_answer(s, OP_REMOVE, space, "short", "{}", "{\"removed\":false}");
    next = set(s, space, "short", "x", "{\"ifVersion\":0}");
    assert_true(next > version);
    got = ask(s, OP_GET, space, "short", NULL);
    assert_same(got.text, textf("{\"version\":%lld}", (long long)next));
    got_free(&got);
}

static void changes_are_made_all_or_none(void **state)
{
    struct store *s = *state;
    const char *space = fresh("apply");
    int64_t a = set(s, space, "a", "1", "{}"), v1, v2;
    struct got got;
    got = ask(s, OP_APPLY, space,
              textf("{\"changes\":[{\"key\":\"a\",\"bytes\":3,\"ifVersion\":%lld},{\"key\":\"b\","
                    "\"bytes\":0},{\"key\":\"c\",\"bytes\":2,\"ttlMs\":3600000},{\"key\":\"none\","
                    "\"remove\":true}]}",
                    (long long)a),
              "xyzuv");
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(sscanf(got.text, "{\"versions\":[%ld,%ld", &v1, &v2), 2);
    assert_true(v1 > a);
    assert_non_null(strstr(got.text, ",0]}"));
    got_free(&got);
    assert_value(s, space, "a", "xyz", v1);
    assert_value(s, space, "b", "", v2);
    got = ask(s, OP_GET, space, "c", NULL);
    assert_string_equal(got.bytes, "uv");
    got_free(&got);
    assert_answer(s, OP_APPLY, space,
                  "{\"changes\":[{\"key\":\"b\",\"bytes\":1},{\"key\":\"d\",\"bytes\":1},{\"key\":\"a\","
                  "\"remove\":true,\"ifVersion\":999999999}]}",
                  "pq",
                  textf("{\"conflict\":{\"key\":\"a\",\"version\":%lld}}", (long long)v1));
    assert_value(s, space, "b", "", v2);
    assert_error(s, OP_GET, space, "d", NULL, HEXMCP_E_NOT_FOUND);
    assert_answer(s, OP_APPLY, space,
                  "{\"changes\":[{\"key\":\"new\",\"bytes\":1,\"ifVersion\":5}]}", "p",
                  "{\"conflict\":{\"key\":\"new\",\"version\":0}}");
    assert_error(s, OP_APPLY, space, "{\"changes\":[{\"key\":\"x\",\"bytes\":5}]}", "p",
                 HEXMCP_E_INVALID);
    assert_error(s, OP_APPLY, space,
                 "{\"changes\":[{\"key\":\"x\",\"bytes\":1},{\"key\":\"x\",\"remove\":true}]}", "p",
                 HEXMCP_E_INVALID);
    assert_error(s, OP_APPLY, space, "{\"changes\":[]}", "", HEXMCP_E_INVALID);
}

static void a_thousand_changes(void **state)
{
    struct store *s = *state;
    const char *space = fresh("thousand"), *after = "";
    char *changes = calloc(1, 100000), *values = calloc(1, 10001);
    size_t len = 0;
    int total = 0;
    struct got got;
    for (int i = 0; i < 1000; i++) {
        len += (size_t)snprintf(changes + len, 100000 - len, "%s{\"key\":\"k%04d\",\"bytes\":10}",
                                i ? "," : "", i);
        snprintf(values + i * 10, 11, "value %04d", i);
    }
    got = ask(s, OP_APPLY, space, textf("{\"changes\":[%s]}", changes), values);
    assert_int_equal(got.code, HEXMCP_OK);
    got_free(&got);
    for (int more = 1; more; total++) {
        got = ask(s, OP_LIST, space, textf("{\"after\":\"%s\",\"limit\":300,\"values\":true}", after),
                  NULL);
        assert_int_equal(got.code, HEXMCP_OK);
        more = strstr(got.text, "true") != NULL;
        assert_int_equal(got.len, more ? 3000 : 1000);
        assert_memory_equal(got.bytes, values + total * 3000, got.len);
        after = textf("k%04d", total * 300 + 299);
        got_free(&got);
    }
    assert_int_equal(total, 4);
    free(changes);
    free(values);
}

static void keys_are_listed(void **state)
{
    struct store *s = *state;
    const char *space = fresh("list");
    int64_t v[6];
    static const char *const keys[] = {"a", "a/1", "a/2", "a0", "b", "\xC3\xA9"};
    for (int i = 0; i < 6; i++)
        v[i] = set(s, space, keys[i], textf("v%d", i), "{}");
    assert_answer(s, OP_LIST, space, "{\"prefix\":\"a/\",\"limit\":9}", NULL,
                  textf("{\"keys\":[{\"key\":\"a/1\",\"version\":%lld,\"bytes\":2},{\"key\":\"a/2\","
                        "\"version\":%lld,\"bytes\":2}],\"more\":false}",
                        (long long)v[1], (long long)v[2]));
    assert_answer(s, OP_LIST, space, "{\"after\":\"a/2\",\"limit\":2}", NULL,
                  textf("{\"keys\":[{\"key\":\"a0\",\"version\":%lld,\"bytes\":2},{\"key\":\"b\","
                        "\"version\":%lld,\"bytes\":2}],\"more\":true}",
                        (long long)v[3], (long long)v[4]));
    assert_answer(s, OP_LIST, space, "{\"after\":\"b\",\"limit\":1}", NULL,
                  textf("{\"keys\":[{\"key\":\"\xC3\xA9\",\"version\":%lld,\"bytes\":2}],"
                        "\"more\":false}",
                        (long long)v[5]));
    assert_answer(s, OP_LIST, space, "{\"prefix\":\"a/\",\"after\":\"a/1\",\"limit\":9}", NULL,
                  textf("{\"keys\":[{\"key\":\"a/2\",\"version\":%lld,\"bytes\":2}],\"more\":false}",
                        (long long)v[2]));
    assert_answer(s, OP_LIST, space, "{\"prefix\":\"c\",\"limit\":9}", NULL,
                  "{\"keys\":[],\"more\":false}");
    assert_answer(s, OP_LIST, space, "{\"prefix\":\"a/\",\"after\":\"a1\",\"limit\":9}", NULL,
                  "{\"keys\":[],\"more\":false}");
    assert_error(s, OP_LIST, space, "{\"limit\":0}", NULL, HEXMCP_E_INVALID);
    assert_error(s, OP_LIST, space, "{\"limit\":1001}", NULL, HEXMCP_E_INVALID);
}

static void a_list_with_values_leaves_long_ones(void **state)
{
    struct store *s = *state;
    const char *space = fresh("left");
    char *bytes = calloc(1, 65538);
    struct got got;
    memset(bytes, 'x', 65537);
    set(s, space, "c", bytes, "{}");
    bytes[65536] = '\0';
    set(s, space, "b", bytes, "{}");
    set(s, space, "a", "short", "{}");
    got = ask(s, OP_LIST, space, "{\"limit\":9,\"values\":true}", NULL);
    assert_same(got.text, "{\"more\":false}");
    assert_int_equal(got.len, 5 + 65536);
    assert_memory_equal(got.bytes, "shortxxx", 8);
    assert_non_null(strstr(joined(&got, "keys"), "\"left\":true"));
    assert_null(strstr(strstr(joined(&got, "keys"), "\"left\":true") + 7, "left"));
    assert_non_null(strstr(joined(&got, "keys"), "65537"));
    got_free(&got);
    free(bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_values(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_key_has_a_value_and_a_version),
        CASE(compare_and_set),
        CASE(one_of_many_sets_wins),
        CASE(calls_on_one_key_are_seen_in_their_order),
        CASE(odd_bytes_and_keys),
        CASE(a_value_of_16_mib),
        CASE(a_value_runs_out),
        CASE(changes_are_made_all_or_none),
        CASE(a_thousand_changes),
        CASE(keys_are_listed),
        CASE(a_list_with_values_leaves_long_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
