/* What is stored comes back, is found, counted, held and removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/artifact/content.h"
#include "tests/core/artifact/fixture.h"

#define NONE ((struct str){NULL, 0})
#define HELLO "blake3:ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f"

static void test_put(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, "artifact.put",
                         "{\"name\":\"greeting\",\"mimeType\":\"text/plain\",\"kind\":\"tool_result\","
                         "\"tags\":[\"a\",\"b\"],\"session\":\"s1\",\"custom\":{\"k\":1}}",
                         STR("hello")),
                     ST_OK);
    assert_string_equal(
        w->text.data,
        "{\"artifact\":{\"id\":\"" HELLO "\",\"name\":\"greeting\",\"mimeType\":\"text/plain\","
        "\"kind\":\"tool_result\",\"size\":5,\"storedBytes\":5,\"tags\":[\"a\",\"b\"],"
        "\"session\":\"s1\",\"version\":{\"n\":1},\"createdBy\":\"me\","
        "\"createdAt\":\"2026-11-21T12:00:00.000Z\",\"custom\":{\"k\":1}},\"stored\":true}");
    assert_int_equal(ask(w, "artifact.get", "{\"id\":\"" HELLO "\"}", NONE), ST_OK);
    assert_int_equal(w->pieces.len, 5);
    assert_memory_equal(w->pieces.data, "hello", 5);
    assert_int_equal(ask(w, "artifact.stat", "{\"id\":\"" HELLO "\",\"session\":\"s1\"}", NONE), ST_OK);
    assert_string_equal(answer_text(w, "name"), "greeting");
    /* The same again is no new version. */
    store(w, "greeting", "s1", "hello");
    assert_string_equal(strstr(w->text.data, "\"stored\""), "\"stored\":false}");
}

static void test_refuses(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"\"}", STR("x")), ST_INVALID);
    assert_int_equal(ask(w, "artifact.put", "{}", STR("x")), ST_INVALID);
    assert_int_equal(ask(w, "artifact.stat", "{}", NONE), ST_INVALID);
    assert_string_equal(w->text.data, "give the id or the name of an artifact");
    assert_int_equal(ask(w, "artifact.stat", "{\"id\":\"" HELLO "\"}", NONE), ST_NOT_FOUND);
    assert_string_equal(w->text.data,
                        "there is no artifact " HELLO "; artifact.list shows what there is");
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"no\"}", NONE), ST_NOT_FOUND);
    assert_string_equal(w->text.data, "there is no artifact with the name \"no\"; artifact.list shows "
                                      "what there is");
    char *custom = malloc(40000);
    int at = snprintf(custom, 40000, "{\"name\":\"x\",\"custom\":{\"k\":\"");
    memset(custom + at, 'a', 39000);
    memcpy(custom + at + 38000, "\"}}", 4);
    assert_int_equal(ask(w, "artifact.put", custom, STR("x")), ST_TOO_LARGE);
    free(custom);
    store(w, "greeting", "", "hello");
    assert_int_equal(ask(w, "artifact.get", "{\"id\":\"" HELLO "\",\"offset\":6}", NONE), ST_INVALID);
    assert_string_equal(w->text.data, "the artifact has 5 bytes, and offset 6 is behind them");
}

/* Two blocks and a half, of which the second can be compressed. */
static char *large(size_t len)
{
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = i / BLOCK_BYTES == 1 ? 'x' : (char)(i * 2654435761u >> 24);
    return bytes;
}

static void upload(struct world *w, const char *begin, const char *bytes, size_t len, size_t step)
{
    char arguments[200], id[40];
    assert_int_equal(ask(w, "artifact.begin", begin, NONE), ST_OK);
    snprintf(id, sizeof(id), "%s", answer_text(w, "upload"));
    for (size_t at = 0; at < len; at += step) {
        size_t part = len - at < step ? len - at : step;
        snprintf(arguments, sizeof(arguments), "{\"upload\":\"%s\",\"offset\":%zu}", id, at);
        assert_int_equal(ask(w, "artifact.write", arguments, (struct str){bytes + at, part}), ST_OK);
        assert_int_equal(answer_number(w, "size"), at + part);
    }
    snprintf(arguments, sizeof(arguments), "{\"upload\":\"%s\"}", id);
    ask(w, "artifact.finish", arguments, NONE);
}

static void test_streams_and_ranges(void **state)
{
    struct world *w = *state;
    const size_t len = 5 * BLOCK_BYTES / 2;
    char *bytes = large(len), id[80], arguments[200];
    upload(w, "{\"name\":\"big\"}", bytes, len, 777777);
    assert_int_equal(w->code, ST_OK);
    assert_int_equal(answer_number(w, "size"), len);
    assert_int_equal(answer_number(w, "storedBytes"), len - BLOCK_BYTES + strlen("1048576x"));
    snprintf(id, sizeof(id), "%s", answer_text(w, "id"));
    assert_int_equal(fake_blob_store_count(&w->blobs), 3);
    static const struct {
        size_t offset, length;
        unsigned blobs;
    } ranges[] = {{0, 0, 3},
                  {5, 10, 1},
                  {BLOCK_BYTES + 1, 100, 1},
                  {BLOCK_BYTES - 1, BLOCK_BYTES + 2, 3},
                  {BLOCK_BYTES, BLOCK_BYTES, 1},
                  {5 * BLOCK_BYTES / 2 - 1, 100, 1},
                  {5 * BLOCK_BYTES / 2, 0, 0}};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        size_t expected = len - ranges[i].offset;
        if (ranges[i].length && ranges[i].length < expected)
            expected = ranges[i].length;
        w->blobs.gets = 0;
        snprintf(arguments, sizeof(arguments), "{\"id\":\"%s\",\"offset\":%zu,\"length\":%zu}", id,
                 ranges[i].offset, ranges[i].length);
        assert_int_equal(ask(w, "artifact.get", arguments, NONE), ST_OK);
        assert_int_equal(w->pieces.len, expected);
        if (expected)
            assert_memory_equal(w->pieces.data, bytes + ranges[i].offset, expected);
        assert_int_equal(w->blobs.gets, ranges[i].blobs);
        assert_int_equal(answer_number(w, "length"), expected);
    }
    /* Pieces of another size give the same artifact, and no block twice. */
    upload(w, "{\"name\":\"other\",\"session\":\"s\"}", bytes, len, len);
    assert_string_equal(answer_text(w, "id"), id);
    assert_int_equal(fake_blob_store_count(&w->blobs), 3);
    free(bytes);
}

static void test_empty(void **state)
{
    struct world *w = *state;
    char arguments[200];
    snprintf(arguments, sizeof(arguments), "{\"id\":\"%s\"}", store(w, "empty", "", ""));
    assert_int_equal(ask(w, "artifact.get", arguments, NONE), ST_OK);
    assert_int_equal(w->pieces.len, 0);
    assert_int_equal(fake_blob_store_count(&w->blobs), 0);
}

static void test_uploads(void **state)
{
    struct world *w = *state;
    char id[40], arguments[200];
    assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_OK);
    snprintf(id, sizeof(id), "%s", answer_text(w, "upload"));
    snprintf(arguments, sizeof(arguments), "{\"upload\":\"%s\",\"offset\":3}", id);
    assert_int_equal(ask(w, "artifact.write", arguments, STR("x")), ST_INVALID);
    assert_string_equal(w->text.data, "the upload has 0 bytes, and the piece is for offset 3");
    snprintf(arguments, sizeof(arguments), "{\"upload\":\"%s\"}", id);
    become(w, "you", "local");
    assert_int_equal(ask(w, "artifact.write", arguments, STR("x")), ST_NOT_FOUND);
    become(w, "me", "other");
    assert_int_equal(ask(w, "artifact.drop", arguments, NONE), ST_NOT_FOUND);
    become(w, "me", "local");
    assert_int_equal(ask(w, "artifact.drop", arguments, NONE), ST_OK);
    assert_int_equal(ask(w, "artifact.finish", arguments, NONE), ST_NOT_FOUND);
    for (int i = 0; i < 16; i++)
        assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_OK);
    assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_BUSY);
    assert_string_equal(w->text.data, "16 uploads are open; finish or drop one with artifact.drop");
    become(w, "you", "local");
    assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_OK);
    w->now_ms += HOUR_MS;
    become(w, "me", "local");
    assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_OK);
}

static void test_versions(void **state)
{
    struct world *w = *state;
    char first[80];
    snprintf(first, sizeof(first), "%s", store(w, "report", "s", "one"));
    w->now_ms++;
    store(w, "report", "s", "two");
    assert_int_equal(strstr(w->text.data, "\"version\":{\"n\":2,\"previous\":\"") != NULL, 1);
    assert_non_null(strstr(w->text.data, first));
    w->now_ms++;
    assert_string_equal(store(w, "report", "s", "one"), first);
    assert_non_null(strstr(w->text.data, "\"version\":{\"n\":3,"));
    store(w, "report", "other", "three");
    assert_non_null(strstr(w->text.data, "\"version\":{\"n\":1}"));
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"report\",\"session\":\"s\",\"version\":2}", NONE),
                     ST_OK);
    assert_memory_equal(w->pieces.data, "two", 3);
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"report\",\"session\":\"s\"}", NONE), ST_OK);
    assert_memory_equal(w->pieces.data, "one", 3);
    /* The newest goes; the one before it takes its place. */
    char arguments[200];
    snprintf(arguments, sizeof(arguments), "{\"id\":\"%s\",\"session\":\"s\"}", first);
    assert_int_equal(ask(w, "artifact.remove", arguments, NONE), ST_OK);
    assert_string_equal(w->text.data, "{\"removed\":2,\"held\":0}");
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"report\",\"session\":\"s\"}", NONE), ST_OK);
    assert_memory_equal(w->pieces.data, "two", 3);
    store(w, "report", "s", "four");
    assert_non_null(strstr(w->text.data, "\"version\":{\"n\":3,"));
    assert_int_equal(ask(w, "artifact.remove", "{\"session\":\"s\"}", NONE), ST_OK);
    store(w, "report", "s", "five");
    assert_non_null(strstr(w->text.data, "\"version\":{\"n\":1}"));
}

static void expect_names(struct world *w, const char *arguments, const char *names)
{
    char got[300] = "";
    if (ask(w, "artifact.search", arguments, NONE))
        fail_msg("%s", w->text.data);
    for (const char *at = w->text.data; (at = strstr(at, "\"name\":\"")); at += 8)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%c", at[8]);
    assert_string_equal(got, names);
}

static void test_search(void **state)
{
    struct world *w = *state;
    ask(w, "artifact.put", "{\"name\":\"a.TXT\",\"kind\":\"user_input\",\"tags\":[\"t\",\"u\"]}", STR("1"));
    w->now_ms += HOUR_MS;
    ask(w, "artifact.put", "{\"name\":\"b.txt\",\"tags\":[\"t\"],\"session\":\"s\"}", STR("22"));
    w->now_ms += HOUR_MS;
    ask(w, "artifact.put", "{\"name\":\"c.png\",\"mimeType\":\"image/png\"}", STR("333"));
    expect_names(w, "{}", "cba");
    expect_names(w, "{\"text\":\"txt\"}", "ba");
    expect_names(w, "{\"kind\":\"user_input\"}", "a");
    expect_names(w, "{\"tags\":[\"t\"]}", "ba");
    expect_names(w, "{\"tags\":[\"t\",\"u\"]}", "a");
    expect_names(w, "{\"session\":\"s\"}", "b");
    expect_names(w, "{\"mimeType\":\"image/png\"}", "c");
    expect_names(w, "{\"minBytes\":2,\"maxBytes\":2}", "b");
    expect_names(w, "{\"from\":\"2026-11-21T13:00:00.000Z\"}", "cb");
    expect_names(w, "{\"to\":\"2026-11-21T13:00:00.000Z\"}", "a");
    expect_names(w, "{\"name\":\"b.txt\"}", "b");
    expect_names(w, "{\"limit\":2}", "cb");
    char after[100];
    snprintf(after, sizeof(after), "{\"limit\":2,\"after\":\"%s\"}", answer_text(w, "next"));
    expect_names(w, after, "a");
    assert_string_equal(answer_text(w, "next"), "");
}

static void test_many(void **state)
{
    struct world *w = *state;
    char name[20], arguments[100] = "{\"limit\":130}";
    unsigned seen = 0;
    for (int i = 0; i < 700; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        w->now_ms++;
        store(w, name, i % 2 ? "odd" : "even", name);
    }
    do {
        assert_int_equal(ask(w, "artifact.list", arguments, NONE), ST_OK);
        for (const char *at = w->text.data; (at = strstr(at, "\"name\":\"")); at += 8)
            seen++;
        snprintf(arguments, sizeof(arguments), "{\"limit\":130,\"after\":\"%s\"}",
                 answer_text(w, "next"));
    } while (*answer_text(w, "next"));
    assert_int_equal(seen, 700);
    assert_int_equal(ask(w, "artifact.remove", "{\"session\":\"odd\"}", NONE), ST_OK);
    assert_string_equal(w->text.data, "{\"removed\":350,\"held\":0}");
    assert_int_equal(ask(w, "artifact.usage", "{\"session\":\"odd\"}", NONE), ST_OK);
    assert_string_equal(w->text.data,
                        "{\"tenant\":{\"artifacts\":350,\"bytes\":1345,\"limit\":8388608},\"session\":{"
                        "\"artifacts\":0,\"bytes\":0,\"limit\":5242880},\"artifactLimit\":4194304}");
}

static void test_tags(void **state)
{
    struct world *w = *state;
    char arguments[2000];
    ask(w, "artifact.put", "{\"name\":\"n\",\"tags\":[\"a\",\"b\"]}", STR("x"));
    assert_int_equal(ask(w, "artifact.tag", "{\"name\":\"n\",\"add\":[\"b\",\"c\"],\"remove\":[\"a\"]}", NONE),
                     ST_OK);
    assert_non_null(strstr(w->text.data, "\"tags\":[\"b\",\"c\"]"));
    int at = snprintf(arguments, sizeof(arguments), "{\"name\":\"n\",\"add\":[\"0\"");
    for (int i = 1; i < 31; i++)
        at += snprintf(arguments + at, sizeof(arguments) - (size_t)at, ",\"%d\"", i);
    snprintf(arguments + at, sizeof(arguments) - (size_t)at, "]}");
    assert_int_equal(ask(w, "artifact.tag", arguments, NONE), ST_TOO_LARGE);
    assert_string_equal(w->text.data, "an artifact has at most 32 tags; remove some first");
}

static void test_holds(void **state)
{
    struct world *w = *state;
    store(w, "greeting", "s", "hello");
    store(w, "other", "s", "other");
    assert_int_equal(ask(w, "artifact.hold", "{\"id\":\"" HELLO "\",\"owner\":\"session/2\"}", NONE), ST_OK);
    assert_int_equal(ask(w, "artifact.hold", "{\"name\":\"other\",\"session\":\"s\",\"owner\":\"x\"}", NONE),
                     ST_OK);
    assert_int_equal(ask(w, "artifact.remove", "{\"id\":\"" HELLO "\"}", NONE), ST_DENIED);
    assert_string_equal(w->text.data,
                        "the artifact " HELLO " is held by session/2; release it first");
    assert_int_equal(ask(w, "artifact.release", "{\"owner\":\"x\"}", NONE), ST_OK);
    assert_string_equal(w->text.data, "{\"released\":1}");
    assert_int_equal(ask(w, "artifact.remove", "{\"session\":\"s\"}", NONE), ST_OK);
    assert_string_equal(w->text.data, "{\"removed\":1,\"held\":1}");
    assert_int_equal(ask(w, "artifact.release", "{\"id\":\"" HELLO "\",\"owner\":\"session/2\"}", NONE),
                     ST_OK);
    assert_int_equal(ask(w, "artifact.remove", "{\"id\":\"" HELLO "\"}", NONE), ST_OK);
    assert_int_equal(ask(w, "artifact.remove", "{\"id\":\"" HELLO "\"}", NONE), ST_NOT_FOUND);
}

static void test_quotas(void **state)
{
    struct world *w = *state;
    const size_t len = 3 << 20;
    char *bytes = malloc(2 * len);
    memset(bytes, 'q', 2 * len);
    const struct str three = {bytes, len};
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"a\"}", (struct str){bytes, 2 * len}), ST_TOO_LARGE);
    assert_string_equal(w->text.data, "an artifact has at most 4194304 bytes, and this one would have "
                                      "6291456; artifacts.max_bytes sets the limit");
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"a\",\"session\":\"s\"}", three), ST_OK);
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"b\",\"session\":\"s\"}", three), ST_TOO_LARGE);
    assert_string_equal(w->text.data,
                        "the artifacts of this session would have 6291456 bytes and may have 5242880; "
                        "remove some with artifact.remove, or raise artifacts.max_session_bytes");
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"b\"}", three), ST_OK);
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"c\"}", three), ST_TOO_LARGE);
    assert_int_equal(ask(w, "artifact.remove", "{\"session\":\"s\"}", NONE), ST_OK);
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"c\"}", three), ST_OK);
    become(w, "me", "another");
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"c\"}", three), ST_OK);
    free(bytes);
}

/* Who knows an id, a name, a session or a handle of another's artifact gets nothing by it. */
static void test_others(void **state)
{
    struct world *w = *state;
    static const char *const questions[][2] = {
        {"artifact.get", "{\"id\":\"" HELLO "\"}"},
        {"artifact.get", "{\"id\":\"" HELLO "\",\"session\":\"s\"}"},
        {"artifact.get", "{\"name\":\"greeting\",\"session\":\"s\"}"},
        {"artifact.get", "{\"name\":\"greeting\",\"session\":\"s\",\"version\":1}"},
        {"artifact.stat", "{\"id\":\"" HELLO "\"}"},
        {"artifact.tag", "{\"id\":\"" HELLO "\",\"add\":[\"x\"]}"},
        {"artifact.hold", "{\"id\":\"" HELLO "\",\"owner\":\"x\"}"},
        {"artifact.remove", "{\"id\":\"" HELLO "\"}"},
    };
    static const char *const who[][2] = {{"you", "local"}, {"me", "other"}, {"", "local"},
                                         {"me/", "local"}, {"me", "local/../other"}};
    store(w, "greeting", "s", "hello");
    size_t before = fake_kv_count(&w->kv, NONE);
    for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
        become(w, who[i][0], who[i][1]);
        for (size_t j = 0; j < sizeof(questions) / sizeof(questions[0]); j++)
            assert_int_equal(ask(w, questions[j][0], questions[j][1], NONE), ST_NOT_FOUND);
        assert_int_equal(ask(w, "artifact.list", "{}", NONE), ST_OK);
        assert_string_equal(w->text.data, "{\"artifacts\":[]}");
        assert_int_equal(ask(w, "artifact.remove", "{\"session\":\"s\"}", NONE), ST_OK);
        assert_string_equal(w->text.data, "{\"removed\":0,\"held\":0}");
        assert_int_equal(ask(w, "artifact.usage", "{\"session\":\"s\"}", NONE), ST_OK);
        assert_non_null(strstr(w->text.data, "\"session\":{\"artifacts\":0,"));
    }
    assert_int_equal(fake_kv_count(&w->kv, NONE), before);
    become(w, "me", "local");
    assert_int_equal(ask(w, "artifact.get", "{\"id\":\"" HELLO "\",\"session\":\"other\"}", NONE),
                     ST_NOT_FOUND);
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"greeting\"}", NONE), ST_NOT_FOUND);
}

static void test_damage(void **state)
{
    struct world *w = *state;
    store(w, "plain", "", "hello");
    fake_blob_store_bytes(&w->blobs, "artifacts/local", HELLO, NULL)[2] ^= 1;
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"plain\"}", NONE), ST_INVALID);
    assert_string_equal(w->text.data,
                        "the blob " HELLO " is damaged in the store; restore it from a backup");
    assert_int_equal(w->pieces.len, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
    const struct CMUnitTest tests[] = {
        TEST(test_put),    TEST(test_refuses), TEST(test_streams_and_ranges), TEST(test_empty),
        TEST(test_uploads), TEST(test_versions), TEST(test_search),           TEST(test_many),
        TEST(test_tags),   TEST(test_holds),   TEST(test_quotas),             TEST(test_others),
        TEST(test_damage),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
