/* The plugin that keeps the store: found, loaded, asked, answered from threads, and stopped. */
#include <stdio.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_host/reload.h"
#include "tests/adapters/plugin_host/fixture.h"

#define STORE "hexmcp.test.store"

/* What one operation was told. */
struct asked {
    uint64_t id;
    struct buffer bytes;
    size_t pieces;
    bool pause; /* after each piece */
    unsigned done;
    int code;
    char text[ERROR_TEXT_SIZE]; /* of the error, or the answer */
};

static const struct plugin_store *store;
static const char *given = "{}";

static bool piece(void *arg, struct str json, struct str bytes)
{
    struct asked *a = arg;
    assert_true(str_eq(json, STR("{}")));
    assert_int_equal(a->done, 0);
    buffer_add_str(&a->bytes, bytes);
    a->pieces++;
    return !a->pause;
}

static void done(void *arg, const struct error *err, struct str json)
{
    struct asked *a = arg;
    a->done++;
    a->code = err ? err->code : ST_OK;
    snprintf(a->text, sizeof(a->text), "%.*s", err ? (int)strlen(err->text) : (int)json.len,
             err ? err->text : json.ptr);
}

static int settings(void *ctx, struct str text, struct buffer *out, struct error *err)
{
    (void)ctx;
    (void)err;
    assert_true(str_eq(text, STR("{}")));
    buffer_add_str(out, str_from(given));
    return ST_OK;
}

static void begin(struct asked *a, enum store_op op, const char *key, const char *json,
                  const char *bytes)
{
    const struct store_request q = {op, STR("a space"), str_from(key), str_from(json),
                                    str_from(bytes)};
    const struct store_sink sink = {a, op == STORE_VALUES_GET ? piece : NULL, done};
    *a = (struct asked){.pause = a->pause};
    a->id = store->begin(store->ctx, &q, &sink);
}

static void wait_for(struct fixture *f, const struct asked *a)
{
    while (!a->done)
        if (!fixture_turn(f))
            fail_msg("it does not end");
}

static void ended(struct asked *a, int code, const char *text)
{
    assert_int_equal(a->done, 1);
    assert_string_equal(a->text, text);
    assert_int_equal(a->code, code);
    assert_int_equal(a->id, 0);
    buffer_clear(&a->bytes);
}

/* Asked and answered before begin() returns. */
static void gets(const char *key, int code, const char *text)
{
    struct asked a = {0};
    begin(&a, STORE_VALUES_GET, key, "", "");
    ended(&a, code, text);
}

static void open_store(struct fixture *f, const char *id)
{
    const struct plugin_store_choice choice = {.id = id, .settings = settings};
    fixture_bundle(f, STORE);
    fixture_open(f);
    store = plugin_host_store(f->host, &choice);
    assert_non_null(store);
}

static int set_up(void **state)
{
    given = "{\"url\":\"test:\"}";
    return fixture_setup(state);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    return fixture_teardown(state);
}

static void test_is_loaded_when_used(void **state)
{
    struct fixture *f = *state;
    struct asked a = {0};
    open_store(f, STORE);
    assert_int_equal(fixture_plugin(f, STORE).state, PLUGIN_VERIFIED);
    begin(&a, STORE_VALUES_APPLY, "", "{\"changes\":[]}", "12345");
    ended(&a, ST_OK,
          "{\"url\":\"test:\",\"space\":\"a space\",\"bytes\":5,\"changes\":{\"changes\":[]}}");
    assert_int_equal(fixture_plugin(f, STORE).state, PLUGIN_ACTIVE);
    assert_int_equal(plugin_host_store_calls(f->host), 0);
}

static void test_answers_at_once(void **state)
{
    struct asked a = {0};
    open_store(*state, STORE);
    begin(&a, STORE_VALUES_GET, "now", "", "");
    assert_true(str_eq(buffer_str(&a.bytes), STR("a value")));
    ended(&a, ST_OK, "{\"version\":1,\"ttlMs\":50}");
    gets("absent", ST_NOT_FOUND, "there is no key absent");
    gets("fail", ST_UNAVAILABLE, "the server is gone");
}

static void test_answers_from_a_thread(void **state)
{
    struct fixture *f = *state;
    static struct asked many[300];
    open_store(f, STORE);
    for (size_t i = 0; i < 300; i++)
        begin(&many[i], STORE_VALUES_GET, "later", "", "");
    for (size_t i = 0; i < 300; i++) {
        wait_for(f, &many[i]);
        assert_true(str_eq(buffer_str(&many[i].bytes), STR("from a thread")));
        many[i].id = 0;
        ended(&many[i], ST_OK, "{\"version\":2}");
    }
    assert_int_equal(plugin_host_store_calls(f->host), 0);
}

static void test_breaches(void **state)
{
    open_store(*state, STORE);
    gets("silent", ST_PROTOCOL,
         "plugin " STORE " broke its contract: get returned HEXMCP_OK without completing the call");
    gets("odd", ST_PROTOCOL,
         "plugin " STORE " broke its contract: get returned the unknown status 77");
    gets("outcome", ST_PROTOCOL,
         "plugin " STORE " broke its contract: get completed the call with the unknown outcome 9");
    gets("both", ST_PROTOCOL,
         "plugin " STORE " broke its contract: get returned the error -4 after it completed the "
         "call");
    struct asked a = {0};
    begin(&a, STORE_VALUES_LIST, "", "{}", "");
    ended(&a, ST_UNSUPPORTED, "the store has no list of hexmcp.kv-store/1");
    begin(&a, STORE_EVENTS_APPEND, "", "{}", "");
    ended(&a, ST_UNSUPPORTED, "the store has no append of hexmcp.eventstore/1");
}

/* 10 MiB through a queue of 4. */
static void test_back_pressure(void **state)
{
    struct fixture *f = *state;
    struct asked a = {.pause = true};
    char key[32], byte;
    int waits[2];
    open_store(f, STORE);
    assert_int_equal(pipe(waits), 0);
    snprintf(key, sizeof(key), "flood %d", waits[1]);
    begin(&a, STORE_VALUES_GET, key, "", "");
    assert_int_not_equal(a.id, 0);
    assert_int_equal(read(waits[0], &byte, 1), 1); /* nothing was taken: it has to wait */
    close(waits[0]);
    close(waits[1]);
    for (size_t seen = 0; !a.done;) {
        if (a.pieces == seen && !fixture_turn(f))
            fail_msg("it does not end");
        if (a.pieces > seen) {
            assert_int_equal(a.pieces, seen + 1); /* one a resume() */
            seen = a.pieces;
            store->resume(store->ctx, a.id);
        }
    }
    assert_int_equal(a.bytes.len, 160 * 65536);
    a.id = 0;
    ended(&a, ST_OK, "{\"version\":1,\"ttlMs\":0}"); /* it waited */
}

static void test_cancel(void **state)
{
    struct fixture *f = *state;
    struct asked a = {0}, flood = {.pause = true};
    open_store(f, STORE);
    begin(&a, STORE_VALUES_GET, "never", "", "");
    store->cancel(store->ctx, a.id);
    store->cancel(store->ctx, a.id);
    assert_int_equal(plugin_host_store_calls(f->host), 0);
    begin(&flood, STORE_VALUES_GET, "flood", "", "");
    while (!flood.pieces)
        assert_true(fixture_turn(f));
    store->cancel(store->ctx, flood.id); /* the thread that waits for room is told */
    while (plugin_host_store_calls(f->host))
        assert_true(fixture_turn(f));
    assert_int_equal(a.done + flood.done, 0);
    assert_int_equal(flood.pieces, 1);
    buffer_clear(&flood.bytes);
}

static int write_more(const struct asked *a, const char *bytes, bool last, struct error *err)
{
    return store->write(store->ctx, a->id, STR(""), str_from(bytes), last, err);
}

static void test_put(void **state)
{
    struct fixture *f = *state;
    struct asked a = {0};
    struct error err;
    open_store(f, STORE);
    begin(&a, STORE_BLOBS_PUT, "there", "{}", "");
    ended(&a, ST_OK, "{\"stored\":false}");
    begin(&a, STORE_BLOBS_PUT, "full", "{}", "");
    ended(&a, ST_TOO_LARGE, "there is no room");
    begin(&a, STORE_BLOBS_PUT, "new", "{}", "");
    assert_int_equal(a.done, 0);
    assert_int_equal(write_more(&a, "12", false, &err), ST_OK);
    assert_int_equal(write_more(&a, "345", true, &err), ST_OK);
    assert_int_equal(write_more(&a, "6", true, &err), ST_NOT_FOUND);
    a.id = 0;
    ended(&a, ST_OK, "{\"stored\":true,\"bytes\":5}");
    begin(&a, STORE_BLOBS_PUT, "busy", "{}", "");
    for (int i = 0; i < 3; i++)
        assert_int_equal(write_more(&a, "1", true, &err), ST_BUSY);
    assert_int_equal(write_more(&a, "1", true, &err), ST_OK);
    a.id = 0;
    ended(&a, ST_OK, "{\"stored\":true,\"bytes\":1}");
    begin(&a, STORE_BLOBS_PUT, "new", "{}", "");
    store->cancel(store->ctx, a.id);
    assert_int_equal(a.done, 0);
    assert_int_equal(plugin_host_store_calls(f->host), 0);
}

static void test_put_that_fails(void **state)
{
    struct fixture *f = *state;
    struct asked a = {0};
    struct error err;
    open_store(f, STORE);
    begin(&a, STORE_BLOBS_PUT, "new", "{}", "");
    assert_int_equal(write_more(&a, "bad", false, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "the disk is full");
    assert_int_equal(a.done, 0); /* write() has said it */
    begin(&a, STORE_BLOBS_PUT, "new", "{}", "");
    assert_int_equal(write_more(&a, "early", false, &err), ST_OK);
    a.id = 0;
    ended(&a, ST_UNAVAILABLE, "the disk broke");
    assert_int_equal(plugin_host_store_calls(f->host), 0);
}

static void test_plugins_that_cannot(void **state)
{
    struct fixture *f = *state;
    given = "{\"refuse\":\"\"}";
    open_store(f, STORE);
    for (int i = 0; i < 2; i++)
        gets("now", ST_UNAVAILABLE,
             "the store cannot be used: plugin " STORE ": init failed: the database does not answer");
}

static void test_no_such_plugin(void **state)
{
    open_store(*state, "hexmcp.storage-cloud");
    gets("now", ST_CONFIG,
         "the store cannot be used: there is no plugin hexmcp.storage-cloud; correct storage.url, or "
         "install the plugin");
}

static void test_disabled(void **state)
{
    static const char *const disabled[] = {STORE};
    struct fixture *f = *state;
    f->config.disable = disabled;
    f->config.disable_count = 1;
    open_store(f, STORE);
    gets("now", ST_CONFIG,
         "the store cannot be used: plugin " STORE ": not enabled: \"plugins.disable\" of the "
         "configuration names it");
}

static void test_no_store(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, "hexmcp.test.items");
    open_store(f, "hexmcp.test.items");
    gets("now", ST_CONFIG,
         "the store cannot be used: plugin hexmcp.test.items provides no interface of a store; "
         "correct storage.plugin");
}

static void reload_ended(void *ctx, struct str id, const struct error *err)
{
    (void)ctx;
    (void)id;
    (void)err;
    fail_msg("it was begun");
}

static void test_is_not_reloaded(void **state)
{
    struct fixture *f = *state;
    struct error err;
    open_store(f, STORE);
    gets("absent", ST_NOT_FOUND, "there is no key absent");
    assert_int_equal(plugin_host_reload(f->host, STR(STORE), reload_ended, NULL, &err),
                     ST_UNSUPPORTED);
    assert_string_equal(err.text, "plugin " STORE " keeps the store and is in use; restart hexmcp to "
                                  "replace it");
}

/* It is the last to stop, and what it finishes then is told; nothing is left without an answer. */
static void test_stop(void **state)
{
    struct fixture *f = *state;
    struct asked finished = {0}, lost = {0}, late = {0};
    open_store(f, STORE);
    begin(&lost, STORE_VALUES_GET, "lost", "", "");
    begin(&finished, STORE_VALUES_GET, "held", "", "");
    assert_int_equal(plugin_host_stop_others(f->host, 1000), 0);
    assert_int_equal(fixture_plugin(f, STORE).state, PLUGIN_ACTIVE);
    gets("absent", ST_NOT_FOUND, "there is no key absent");
    assert_int_equal(plugin_host_store_calls(f->host), 2);
    assert_int_equal(plugin_host_stop(f->host, 1000), 0);
    finished.id = lost.id = 0;
    ended(&finished, ST_OK, "{\"version\":9}");
    ended(&lost, ST_CANCELLED, "hexmcp stops, and the store with it");
    begin(&late, STORE_VALUES_GET, "now", "", "");
    ended(&late, ST_CANCELLED, "hexmcp stops, and the store with it");
}

/* What was never used is not loaded for its end. */
static void test_stop_without_use(void **state)
{
    struct fixture *f = *state;
    open_store(f, STORE);
    assert_int_equal(plugin_host_stop(f->host, 1000), 0);
    gets("now", ST_CANCELLED, "hexmcp stops, and the store with it");
    assert_int_equal(fixture_plugin(f, STORE).state, PLUGIN_VERIFIED);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_is_loaded_when_used),
        T(test_answers_at_once),
        T(test_answers_from_a_thread),
        T(test_breaches),
        T(test_back_pressure),
        T(test_cancel),
        T(test_put),
        T(test_put_that_fails),
        T(test_plugins_that_cannot),
        T(test_no_such_plugin),
        T(test_disabled),
        T(test_no_store),
        T(test_is_not_reloaded),
        T(test_stop),
        T(test_stop_without_use),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
