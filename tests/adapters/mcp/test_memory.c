/*
 * Want of memory: a conversation is led once for each allocation that it makes, and that allocation
 * fails, alone or with all that follow. Whatever happens, what is sent is JSON, each request gets
 * one message back, and nothing leaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/mcp.h"
#include "core/json/json.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void __real_free(void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
void __wrap_free(void *data);

static struct {
    bool on;
    bool from_then_on;
    size_t left; /* allocations until one fails */
    bool failed;
    long live; /* blocks */
} memory;

static bool refuses(void)
{
    if (!memory.on || memory.left > 1) {
        memory.left -= memory.on;
        return false;
    }
    if (memory.left == 0 && !memory.from_then_on)
        return false;
    memory.left = 0;
    return memory.failed = true;
}

void *__wrap_malloc(size_t size)
{
    void *data = refuses() ? NULL : __real_malloc(size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *data = refuses() ? NULL : __real_calloc(count, size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_realloc(void *old, size_t size)
{
    void *data = refuses() ? NULL : __real_realloc(old, size);
    memory.live += data != NULL && old == NULL;
    return data;
}

void __wrap_free(void *data)
{
    memory.live -= data != NULL;
    __real_free(data);
}

/* ---- the core ---------------------------------------------------------------------------- */

static const struct item tool = {
    .name = STR_INIT("echo"),
    .json = STR_INIT("{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"},"
                     "\"outputSchema\":{\"type\":\"array\"}}"),
};

static uint64_t generation(void *ctx, enum item_kind kind)
{
    (void)ctx;
    (void)kind;
    return 1;
}

/* Two of them, so that a page of one has a cursor. */
static const struct item *next(void *ctx, const struct call_context *context, enum item_kind kind,
                               uint64_t after)
{
    static struct item tools[2];
    (void)ctx;
    (void)context;
    if (kind != ITEM_TOOL || after >= 2)
        return NULL;
    tools[after] = tool;
    tools[after].order = after + 1;
    return &tools[after];
}

static const struct item *find(void *ctx, const struct call_context *context, enum item_kind kind,
                               struct str name)
{
    (void)ctx;
    (void)context;
    return kind == ITEM_TOOL && str_eq(name, tool.name) ? &tool : NULL;
}

static int check_resource(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err)
{
    (void)ctx;
    (void)context;
    return error_set(err, ST_NOT_FOUND, "there is no resource \"%.*s\"", STR_ARG(uri));
}

static int call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    static const char text[] =
        "{\"content\":[{\"type\":\"audio\",\"mimeType\":\"audio/wav\",\"data\":\"AAAA\"},"
        "{\"type\":\"resource_link\",\"name\":\"n\",\"uri\":\"a:b\"}],\"structuredContent\":[1]}";
    struct json_doc *doc;
    if (!find(ctx, &request->context, ITEM_TOOL, request->target))
        return error_set(err, ST_NOT_FOUND, "no such tool");
    memory.on = false;
    assert_int_equal(json_parse(str_from(text), &doc, NULL), 0);
    memory.on = true;
    *id = 0;
    request->observer->progress(request->user, 1, 2, STR("half"));
    request->observer->done(request->user,
                            &(struct call_outcome){.end = CALL_RESULT, .result = json_root(doc)});
    request->release(request->hold);
    json_free(doc);
    return ST_OK;
}

static void cancel(void *ctx, uint64_t id)
{
    (void)ctx;
    (void)id;
}

static uint64_t now(void *ctx)
{
    (void)ctx;
    return 1;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 7, len);
    return ST_OK;
}

static int digest(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, (int)data.len, SHA256_BYTES);
    return ST_OK;
}

static int authenticate(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
                        struct error *err)
{
    (void)key;
    return digest(ctx, data, out, err);
}

static bool equal(void *ctx, const void *a, const void *b, size_t len)
{
    (void)ctx;
    return memcmp(a, b, len) == 0;
}

static int current_key(void *ctx, struct seal_key *out, struct error *err)
{
    (void)ctx;
    (void)err;
    *out = (struct seal_key){.id = 1};
    return ST_OK;
}

static bool find_key(void *ctx, uint32_t id, struct seal_key *out)
{
    return id == 1 && current_key(ctx, out, NULL) == ST_OK;
}

struct timer {
    void (*fire)(void *arg);
};

static struct timer *timer_create_fake(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    (void)arg;
    struct timer *timer = malloc(sizeof(*timer));
    if (timer)
        timer->fire = fire;
    return timer;
}

static void timer_set_fake(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    (void)delay_ms;
}

static void timer_free_fake(void *ctx, struct timer *timer)
{
    (void)ctx;
    free(timer);
}

static void listen_fake(void *ctx, struct change_listener *listener)
{
    (void)ctx;
    (void)listener;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return 1;
}

static int submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                  struct error *err)
{
    (void)ctx;
    (void)work;
    (void)done;
    (void)arg;
    return error_set(err, ST_BUSY, "no worker");
}

/* ---- the wire ---------------------------------------------------------------------------- */

static unsigned answers;

static bool on_send(void *ctx, enum message_kind kind, struct str message)
{
    (void)ctx;
    struct json_doc *doc;
    memory.on = false;
    if (json_parse(message, &doc, NULL))
        fail_msg("no JSON: \"%.*s\"", STR_ARG(message));
    /* An empty cursor would lead the client round in a circle. */
    struct json result = json_get(json_root(doc), STR("result"));
    assert_false(json_is(json_get(result, STR("nextCursor")), STR("")));
    json_free(doc);
    memory.on = true;
    answers += kind == MESSAGE_ANSWER;
    return true;
}

static void on_resume(void *ctx)
{
    (void)ctx;
}

static void give(struct message_endpoint *end, const char *text, unsigned expected)
{
    memory.on = false;
    size_t len = strlen(text);
    char *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, text, len);
    memory.on = true;
    answers = 0;
    end->receive(end->ctx, copy, len);
    memory.on = false;
    if (answers != expected)
        fail_msg("%u answers to %s", answers, text);
}

/* ---- the conversations ------------------------------------------------------------------- */

#define CALL_PARAMS "{\"name\":\"\\u0065cho\",\"_meta\":{\"progressToken\":1}}"
#define MODERN(version)                                                                            \
    "{\"name\":\"echo\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" version "\","   \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}}"
#define MESSAGE(id, method, params)                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}"
#define INITIALIZE(version)                                                                        \
    MESSAGE("0", "initialize", "{\"protocolVersion\":\"" version "\",\"capabilities\":{},"            \
                                  "\"clientInfo\":{}}")

#define LONG "a version that is longer than a buffer is to begin with, together with its like "

static const char *const old_session[] = {
    INITIALIZE("2025-03-26"),
    MESSAGE("1", "tools/list", "{}"),
    MESSAGE("2", "tools/list", "{\"cursor\":\"dG9vbHM6MTplY2hv\"}"),
    MESSAGE("\"\\u0033\"", "tools/call", CALL_PARAMS),
    MESSAGE("4", "tools/call", "{\"name\":\"eko\"}"),
    "[" MESSAGE("5", "ping", "{}") "," MESSAGE("6", "tools/call", CALL_PARAMS) ",7]",
    "[1,2,3,4,5,6,7,8,9]",
    MESSAGE("7", "no/such", "{}"),
    "{",
    NULL,
};

static const char *const new_session[] = {
    INITIALIZE("2025-11-25"),
    MESSAGE("1", "tools/call", CALL_PARAMS),
    MESSAGE("2", "tools/list", MODERN("2026-07-28")),
    MESSAGE("3", "tools/call", MODERN("2026-07-28")),
    MESSAGE("4", "server/discover", MODERN("2026-07-28")),
    MESSAGE("5", "server/discover", MODERN(LONG LONG LONG LONG LONG)),
    NULL,
};

static void lead(const char *const *messages)
{
    static const struct caller caller = {STR_INIT("stdio"), STR_INIT("local"), false};
    struct catalog_service catalog = {NULL, generation, next, find, check_resource};
    struct call_service service = {NULL, call, cancel};
    struct clock_port clock = {NULL, now, wall};
    struct executor_port executor = {NULL, submit};
    struct timer_port timer = {.create = timer_create_fake,
                               .set = timer_set_fake,
                               .free = timer_free_fake};
    struct change_service changes = {NULL, listen_fake, listen_fake};
    struct random_port random = {NULL, fill};
    struct crypto_port crypto = {NULL, digest, authenticate, equal};
    struct seal_keys_port keys = {NULL, current_key, find_key};
    struct sealer_parts sealing = {&crypto, &random, &clock, &keys};
    struct sealer *sealer = sealer_new(&sealing);
    struct mcp_options options = {.catalog = &catalog,
                                  .calls = &service,
                                  .clock = &clock,
                                  .changes = &changes,
                                  .timer = &timer,
                                  .executor = &executor,
                                  .random = &random,
                                  .sealer = sealer,
                                  .caller = &caller,
                                  .server_name = STR("s"),
                                  .server_version = STR("1"),
                                  .page_size = 1,
                                  .max_in_flight = 9,
                                  .max_held_bytes = 1 << 20};
    struct message_sink sink = {NULL, on_send, on_resume};
    struct message_endpoint end;
    struct error err;
    struct mcp *mcp;
    memory.on = true;
    if (mcp_new(&options, &mcp, &err) == ST_OK) {
        const struct endpoint_factory *factory = mcp_endpoints(mcp);
        if (factory->open(factory->ctx, &sink, &end, &err) == ST_OK) {
            for (size_t i = 0; messages[i]; i++)
                give(&end, messages[i], 1);
            end.close(end.ctx);
        } else {
            assert_int_equal(err.code, ST_NOMEM);
        }
        mcp_free(mcp);
    } else {
        assert_int_equal(err.code, ST_NOMEM);
    }
    memory.on = false;
    sealer_free(sealer);
}

static void lead_with_failures(const char *const *messages, bool from_then_on)
{
    size_t runs = 0;
    do {
        long live = memory.live;
        memory.from_then_on = from_then_on;
        memory.failed = false;
        memory.left = ++runs;
        lead(messages);
        assert_int_equal(memory.live, live);
    } while (memory.failed);
    /* As many as the conversation makes: with fewer the test looks at nothing. */
    assert_in_range(runs, 20, 2000);
}

static void test_s2_one_allocation_fails(void **state)
{
    (void)state;
    lead_with_failures(old_session, false);
    lead_with_failures(new_session, false);
}

static void test_s2_all_allocations_fail_from_one_on(void **state)
{
    (void)state;
    lead_with_failures(old_session, true);
    lead_with_failures(new_session, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s2_one_allocation_fails),
        cmocka_unit_test(test_s2_all_allocations_fail_from_one_on),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_memory", tests, NULL, NULL);
}
