/* Each draft interface, and reload and self-test, implemented as small as can be and driven by the fake
 * host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/await.h"
#include "hexmcp/test/fake_drafts.h"

#define S(text) ((hexmcp_str){text, sizeof(text) - 1})

static const hexmcp_host *host;
static const hexmcp_stream_1 *stream;
static char kept[64] = "nothing"; /* one value, one blob, one document: as the tests need */
static size_t kept_len;
static unsigned events;

static int32_t done(hexmcp_call call, const char *json)
{
    host->complete(host->ctx, call, HEXMCP_RESULT, hexmcp_str_from(json));
    return HEXMCP_OK;
}

/* Emits, and waits for room if there is none. */
static int32_t emit(hexmcp_call call, hexmcp_str json, hexmcp_str bytes)
{
    int32_t status = stream->emit(stream->ctx, call, json, bytes);
    while (status == HEXMCP_E_BUSY) {
        hexmcp_await *a = hexmcp_await_new(host);
        int32_t asked = stream->drained(stream->ctx, call, hexmcp_await_reply, a);
        hexmcp_await_wait(a, asked, 60000, NULL, NULL);
        status = stream->emit(stream->ctx, call, json, bytes);
    }
    return status;
}

static int32_t models(void *self, hexmcp_call call, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return done(call, "{\"models\":[{\"id\":\"parrot\"}]}");
}

static int32_t generate(void *self, hexmcp_call call, hexmcp_str request, hexmcp_error *err)
{
    hexmcp_str model;
    (void)self;
    if (hexmcp_json_get(request, "model", &model) != HEXMCP_OK ||
        !hexmcp_json_equals(model, "parrot"))
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is only the model parrot; list them");
    emit(call, S("{\"type\":\"text\",\"index\":0,\"text\":\"squ\"}"), S(""));
    emit(call, S("{\"type\":\"text\",\"index\":0,\"text\":\"awk\"}"), S(""));
    return done(call, "{\"model\":\"parrot\",\"content\":[{\"type\":\"text\",\"text\":\"squawk\"}],"
                      "\"stopReason\":\"endTurn\",\"usage\":{\"inputTokens\":1,"
                      "\"outputTokens\":2}}");
}

static int32_t run_hook(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str point,
                        hexmcp_str data, hexmcp_error *err)
{
    (void)self;
    (void)data;
    (void)err;
    if (hexmcp_str_equals(name, "gate") && hexmcp_str_equals(point, "BeforeToolExecution"))
        return done(call, "{\"result\":\"cancel\",\"reason\":\"not today\"}");
    return done(call, "{\"result\":\"continue\"}");
}

static int32_t keep(hexmcp_str value, hexmcp_error *err)
{
    if (value.len >= sizeof(kept) - kept_len)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "no room");
    memcpy(kept + kept_len, value.ptr, value.len);
    kept_len += value.len;
    return HEXMCP_OK;
}

static int32_t kv_get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_error *err)
{
    (void)self;
    (void)space;
    if (!hexmcp_str_equals(key, "k"))
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such key");
    emit(call, S("{}"), (hexmcp_str){kept, kept_len});
    return done(call, "{\"version\":1}");
}

static int32_t kv_set(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_str value, hexmcp_str options, hexmcp_error *err)
{
    (void)self;
    (void)space;
    (void)key;
    if (hexmcp_str_equals(options, "{\"ifVersion\":7}"))
        return done(call, "{\"conflict\":1}");
    kept_len = 0;
    int32_t status = keep(value, err);
    return status == HEXMCP_OK ? done(call, "{\"version\":1}") : status;
}

static int32_t blob_put(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str info, hexmcp_error *err)
{
    (void)self;
    (void)space;
    (void)info;
    (void)err;
    if (hexmcp_str_equals(key, "there"))
        return done(call, "{\"stored\":false}");
    kept_len = 0;
    return HEXMCP_PENDING;
}

static int32_t blob_write(void *self, hexmcp_call call, hexmcp_str bytes, uint32_t flags,
                          hexmcp_error *err)
{
    int32_t status = keep(bytes, err);
    (void)self;
    if (status != HEXMCP_OK || !(flags & HEXMCP_BLOB_LAST))
        return status;
    done(call, "{\"stored\":true}");
    return HEXMCP_PENDING;
}

static int32_t append(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str batch,
                      hexmcp_error *err)
{
    char json[100];
    (void)self;
    (void)space;
    (void)batch;
    (void)err;
    snprintf(json, sizeof(json), "{\"position\":%u,\"versions\":{\"a/1\":%u},\"repeated\":false}",
             events + 1, events + 1);
    events++;
    return done(call, json);
}

static int32_t find(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                    hexmcp_error *err)
{
    (void)self;
    (void)space;
    (void)query;
    (void)err;
    return done(call, "{\"hits\":[{\"id\":\"d\",\"score\":1}]}");
}

static int32_t save(void *self, void (*give)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err)
{
    (void)self;
    if (kept_len == 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "nothing to save");
    give(arg, (hexmcp_str){kept, kept_len});
    if (kept[0] == '2')
        give(arg, (hexmcp_str){kept, kept_len});
    return HEXMCP_OK;
}

static int32_t load_state(void *self, hexmcp_str bytes, hexmcp_error *err)
{
    (void)self;
    kept_len = 0;
    return keep(bytes, err);
}

static int32_t examine(void *self, hexmcp_call call, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return done(call, "{}");
}

static const hexmcp_provider_1 provider = {
    .size = sizeof(provider), .models = models, .generate = generate};
static const hexmcp_hook_1 hook = {.size = sizeof(hook), .run = run_hook};
static const hexmcp_kv_store_1 kv = {.size = sizeof(kv), .get = kv_get, .set = kv_set};
static const hexmcp_blob_1 blob = {.size = sizeof(blob), .put = blob_put, .write = blob_write};
static const hexmcp_eventstore_1 store = {.size = sizeof(store), .append = append};
static const hexmcp_state_1 state_table = {
    .size = sizeof(state_table), .save = save, .load = load_state};
static const hexmcp_selftest_1 test_table = {.size = sizeof(test_table), .run = examine};
static const hexmcp_search_1 search = {.size = sizeof(search), .query = find};

static const struct {
    const char *id;
    const void *table;
} tables[] = {{HEXMCP_PROVIDER_1, &provider}, {HEXMCP_HOOK_1, &hook},
              {HEXMCP_KV_STORE_1, &kv},       {HEXMCP_BLOB_1, &blob},
              {HEXMCP_EVENTSTORE_1, &store},  {HEXMCP_STATE_1, &state_table},
              {HEXMCP_SEARCH_1, &search},     {HEXMCP_SELFTEST_1, &test_table}};

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    stream = host->get_interface(host->ctx, HEXMCP_STREAM_1);
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (strcmp(tables[i].id, id) == 0)
            return tables[i].table;
    return NULL;
}

static void destroy(void *self)
{
    (void)self;
}

static const hexmcp_plugin plugin = {
    .size = sizeof(plugin), .init = init, .get_interface = get_interface, .destroy = destroy};

static int32_t create(const hexmcp_host *given, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)err;
    host = given;
    *out = &plugin;
    return HEXMCP_OK;
}

static const hexmcp_plugin_info_1 info = {
    {'H', 'E', 'X', 'M', 'C', 'P', '\r', '\n'}, sizeof(info), 1, 0, 0, "org.example.d", "1.0.0", {0}};

static hexmcp_fake_plugin p;
static hexmcp_fake_stream pieces;

static int begin(void **state)
{
    hexmcp_error err;
    hexmcp_fake *fake = hexmcp_fake_new();
    (void)state;
    kept_len = 0;
    hexmcp_fake_stream_begin(&pieces, fake);
    assert_int_equal(hexmcp_fake_create(&p, fake, &info, create, &err), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_init(&p, "{}", &err), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_start(&p, &err), HEXMCP_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hexmcp_fake_destroy(&p);
    hexmcp_fake_stream_end(&pieces);
    hexmcp_fake_free(p.fake);
    return 0;
}

/* Makes a call with up to four texts and compares its result. */
static void answers(uint32_t kind, const char *const texts[4], const char *json)
{
    hexmcp_str x[4];
    hexmcp_fake_answer a;
    for (int i = 0; i < 4; i++)
        x[i] = hexmcp_str_from(texts[i]);
    hexmcp_fake_draft(&p, kind, x, 4, &a);
    assert_string_equal(a.error.text, "");
    assert_int_equal(a.outcome, HEXMCP_RESULT);
    assert_string_equal(a.json, json);
    hexmcp_fake_answer_free(&a);
}

static void fails(uint32_t kind, const char *text, int32_t code, const char *message)
{
    hexmcp_str x[2] = {hexmcp_str_from(text), hexmcp_str_from(text)};
    hexmcp_fake_answer a;
    hexmcp_fake_draft(&p, kind, x, 2, &a);
    assert_int_equal(a.status, code);
    assert_string_equal(a.error.text, message);
}

#define TEXTS(...) ((const char *const[4]){__VA_ARGS__})

static void drives_a_provider(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_MODELS, TEXTS(NULL), "{\"models\":[{\"id\":\"parrot\"}]}");
    hexmcp_fake_stream_busy(&pieces, 3);
    answers(HEXMCP_FAKE_GENERATE, TEXTS("{\"model\":\"parrot\"}"),
            "{\"model\":\"parrot\",\"content\":[{\"type\":\"text\",\"text\":\"squawk\"}],"
            "\"stopReason\":\"endTurn\",\"usage\":{\"inputTokens\":1,\"outputTokens\":2}}");
    assert_string_equal(pieces.pieces->json, "{\"type\":\"text\",\"index\":0,\"text\":\"squ\"}");
    assert_string_equal(pieces.pieces->next->json,
                        "{\"type\":\"text\",\"index\":0,\"text\":\"awk\"}");
    assert_null(pieces.pieces->next->next);
    fails(HEXMCP_FAKE_GENERATE, "{\"model\":\"crow\"}", HEXMCP_E_NOT_FOUND,
          "there is only the model parrot; list them");
    fails(HEXMCP_FAKE_COUNT_TOKENS, "{}", HEXMCP_E_UNSUPPORTED,
          "the plugin's table has no such function");
}

static void drives_a_hook(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_HOOK_RUN, TEXTS("gate", "BeforeToolExecution", "{}"),
            "{\"result\":\"cancel\",\"reason\":\"not today\"}");
    answers(HEXMCP_FAKE_HOOK_RUN, TEXTS("gate", "AfterToolExecution", "{}"),
            "{\"result\":\"continue\"}");
}

static void drives_a_store_of_keys(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_KV_SET, TEXTS("s", "k", "value", "{}"), "{\"version\":1}");
    answers(HEXMCP_FAKE_KV_SET, TEXTS("s", "k", "other", "{\"ifVersion\":7}"), "{\"conflict\":1}");
    answers(HEXMCP_FAKE_KV_GET, TEXTS("s", "k"), "{\"version\":1}");
    assert_int_equal(pieces.pieces->len, 5);
    assert_memory_equal(pieces.pieces->bytes, "value", 5);
    fails(HEXMCP_FAKE_KV_GET, "x", HEXMCP_E_NOT_FOUND, "there is no such key");
    fails(HEXMCP_FAKE_KV_LIST, "x", HEXMCP_E_UNSUPPORTED, "the plugin's table has no such function");
    fails(HEXMCP_FAKE_KV_APPLY, "x", HEXMCP_E_UNSUPPORTED, "the plugin's table has no such function");
    fails(HEXMCP_FAKE_DUMP, "{}", HEXMCP_E_UNSUPPORTED, "the plugin has no hexmcp.dump/1");
}

static void keeps_several_calls_of_a_store_waiting(void **state)
{
    const hexmcp_str put[] = {S("s"), S("k"), S("value"), S("{}")};
    hexmcp_fake_asked *calls[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        calls[i] = hexmcp_fake_begin_draft(&p, HEXMCP_FAKE_KV_SET, put, 4);
    for (int i = 0; i < 3; i++) {
        hexmcp_fake_answer a;
        hexmcp_fake_cancel_draft(&p, HEXMCP_FAKE_KV_SET, calls[i]);
        hexmcp_fake_end(calls[i], &a);
        assert_string_equal(a.json, "{\"version\":1}");
        hexmcp_fake_answer_free(&a);
    }
}

static void refuses_a_restore_without_a_table(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
    hexmcp_fake_restore(&p, NULL, &a);
    assert_int_equal(a.status, HEXMCP_E_UNSUPPORTED);
    assert_string_equal(a.error.text, "the plugin has no hexmcp.dump/1");
}

static void drives_a_store_of_bytes(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_BLOB_PUT, TEXTS("s", "there", "{}", "abc"), "{\"stored\":false}");
    answers(HEXMCP_FAKE_BLOB_PUT, TEXTS("s", "new", "{}", "abcde"), "{\"stored\":true}");
    assert_int_equal(kept_len, 5);
    assert_memory_equal(kept, "abcde", 5);
    fails(HEXMCP_FAKE_BLOB_STAT, "x", HEXMCP_E_UNSUPPORTED,
          "the plugin's table has no such function");
}

static void drives_events_and_search(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_EVENTS_APPEND, TEXTS("s", "{}"),
            "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":false}");
    fails(HEXMCP_FAKE_EVENTS_ROWS, "x", HEXMCP_E_UNSUPPORTED,
          "the plugin's table has no such function");
    answers(HEXMCP_FAKE_SEARCH_QUERY, TEXTS("s", "{}"), "{\"hits\":[{\"id\":\"d\",\"score\":1}]}");
}

static void carries_state(void **state)
{
    hexmcp_fake_state taken;
    hexmcp_error err;
    char breach[200];
    (void)state;
    assert_int_equal(hexmcp_fake_save(&p, &taken, &err), HEXMCP_E_UNAVAILABLE);
    assert_string_equal(err.text, "nothing to save");
    assert_int_equal(hexmcp_fake_load_state(&p, "a\0b", 3, &err), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_save(&p, &taken, &err), HEXMCP_OK);
    assert_int_equal(taken.len, 3);
    assert_memory_equal(taken.bytes, "a\0b", 3);
    hexmcp_fake_state_free(&taken);
    assert_int_equal(hexmcp_fake_load_state(&p, "2", 1, &err), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_save(&p, &taken, &err), HEXMCP_OK);
    hexmcp_fake_state_free(&taken);
    assert_int_equal(hexmcp_fake_take_breach(p.fake, breach, sizeof(breach)), 1);
    assert_string_equal(breach, "save() returned 0 and called emit() 2 times");
}

static void lets_the_plugin_examine_itself(void **state)
{
    hexmcp_fake_answer a;
    (void)state;
    hexmcp_fake_selftest(&p, &a);
    assert_int_equal(a.outcome, HEXMCP_RESULT);
    hexmcp_fake_answer_free(&a);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(drives_a_provider),
        T(drives_a_hook),
        T(drives_a_store_of_keys),
        T(keeps_several_calls_of_a_store_waiting),
        T(refuses_a_restore_without_a_table),
        T(drives_a_store_of_bytes),
        T(drives_events_and_search),
        T(carries_state),
        T(lets_the_plugin_examine_itself),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("drafts", tests, NULL, NULL);
}
