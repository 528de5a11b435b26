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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driving/mcp/mcp.h"
#include "core/changes/changes.h"
#include "core/json/json.h"
#include "core/task/task.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void __real_free(void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
void __wrap_free(void *data);
char *__wrap_strndup(const char *text, size_t len);

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

/* The C library's own calls are not wrapped. */
char *__wrap_strndup(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

/* ---- the core ---------------------------------------------------------------------------- */

/* Two of each kind, so that a page of one has a cursor. The second tool can be a task; it asks for
 * input once, like the second resource and the second prompt. */
static const struct item items[ITEM_KINDS][2] = {
    [ITEM_TOOL] = {{.name = STR_INIT("echo"),
                    .json = STR_INIT("{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"},"
                                     "\"outputSchema\":{\"type\":\"array\"}}")},
                   {.name = STR_INIT("ask"),
                    .task_support = TASK_OPTIONAL,
                    .json = STR_INIT("{\"name\":\"ask\",\"inputSchema\":{\"type\":\"object\"}}")}},
    [ITEM_RESOURCE] = {{.name = STR_INIT("a:b"),
                        .json = STR_INIT("{\"uri\":\"a:b\",\"name\":\"n\",\"annotations\":"
                                         "{\"lastModified\":\"2026-01-01T00:00:00Z\"}}")},
                       {.name = STR_INIT("a:ask"),
                        .json = STR_INIT("{\"uri\":\"a:ask\",\"name\":\"n\"}")}},
    [ITEM_TEMPLATE] = {{.name = STR_INIT("a:{b}"),
                        .json = STR_INIT("{\"uriTemplate\":\"a:{b}\",\"name\":\"n\"}")},
                       {.name = STR_INIT("b:{b}"),
                        .json = STR_INIT("{\"uriTemplate\":\"b:{b}\",\"name\":\"n\"}")}},
    [ITEM_PROMPT] = {{.name = STR_INIT("greet"),
                      .json = STR_INIT("{\"name\":\"greet\",\"arguments\":[{\"name\":\"who\","
                                       "\"title\":\"Who\"}]}")},
                     {.name = STR_INIT("p-ask"), .json = STR_INIT("{\"name\":\"p-ask\"}")}},
};

static uint64_t generation(void *ctx, enum item_kind kind)
{
    (void)ctx;
    (void)kind;
    return 1;
}

static const struct item *next(void *ctx, const struct call_context *context, enum item_kind kind,
                               uint64_t after)
{
    static struct item found;
    (void)ctx;
    (void)context;
    if (after >= 2)
        return NULL;
    found = items[kind][after];
    found.kind = kind;
    found.order = after + 1;
    return &found;
}

static const struct item *find(void *ctx, const struct call_context *context, enum item_kind kind,
                               struct str name)
{
    (void)ctx;
    (void)context;
    for (size_t i = 0; i < 2; i++)
        if (str_eq(name, items[kind][i].name))
            return &items[kind][i];
    return NULL;
}

static bool is_same_for_all(void *ctx, enum item_kind kind)
{
    (void)ctx;
    (void)kind;
    return true;
}

static int check_resource(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err)
{
    if (find(ctx, context, ITEM_RESOURCE, uri))
        return ST_OK;
    return error_set(err, ST_NOT_FOUND, "there is no resource \"%.*s\"", STR_ARG(uri));
}

static const char *result_of(enum action action)
{
    switch (action) {
    case ACTION_CALL:
        return "{\"content\":[{\"type\":\"audio\",\"mimeType\":\"audio/wav\",\"data\":\"AAAA\"},"
               "{\"type\":\"resource_link\",\"name\":\"n\",\"uri\":\"a:b\"}],"
               "\"structuredContent\":[1]}";
    case ACTION_READ:
        return "{\"contents\":[{\"uri\":\"a:b\",\"text\":\"t\",\"_meta\":{}}]}";
    case ACTION_RENDER:
        return "{\"description\":\"d\",\"messages\":[{\"role\":\"user\",\"content\":"
               "{\"type\":\"text\",\"text\":\"t\"}}]}";
    default:
        return "{\"values\":[\"v\"],\"total\":1}";
    }
}

static const char wanted[] =
    "{\"requests\":{\"name\":{\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who?\","
    "\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"string\"}}}}},"
    "\"url\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"message\":\"Open\","
    "\"url\":\"https://a.example/\",\"elicitationId\":\"e1\"}},"
    "\"roots\":{\"method\":\"roots/list\",\"optional\":true}},\"state\":{\"n\":1}}";

static bool asks(const struct call_request *request)
{
    struct str end = request->target;
    return !request->resume && request->action != ACTION_COMPLETE && end.len >= 3 &&
           memcmp(end.ptr + end.len - 3, "ask", 3) == 0;
}

static int call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    static const enum item_kind kinds[] = {[ACTION_CALL] = ITEM_TOOL,
                                           [ACTION_READ] = ITEM_RESOURCE,
                                           [ACTION_RENDER] = ITEM_PROMPT,
                                           [ACTION_COMPLETE] = ITEM_PROMPT};
    struct json_doc *doc;
    bool asking = asks(request);
    if (!find(ctx, &request->context, kinds[request->action], request->target))
        return error_set(err, ST_NOT_FOUND, "no such thing");
    memory.on = false;
    assert_int_equal(
        json_parse(str_from(asking ? wanted : result_of(request->action)), &doc, NULL), 0);
    memory.on = true;
    *id = 0;
    request->observer->progress(request->user, 1, 2, STR("half"));
    request->observer->done(request->user,
                            &(struct call_outcome){.end = asking ? CALL_INPUT_REQUIRED : CALL_RESULT,
                                                   .result = json_root(doc)});
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
    uint32_t *count = ctx;
    (void)err;
    memset(out, 7, len);
    memcpy(out, count, len < sizeof(*count) ? len : sizeof(*count));
    (*count)++;
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

static void timer_stop_fake(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
}

static void timer_free_fake(void *ctx, struct timer *timer)
{
    (void)ctx;
    free(timer);
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

/* What was sent for the message that is being received. */
static struct {
    unsigned answers;
    unsigned strays; /* answers without an id */
    unsigned others; /* requests and notifications */
} sent;

/* Texts of answers that later messages bring back. */
static char state[4096], task[64];

static void keep(char *to, size_t size, struct json value)
{
    struct str text;
    if (json_plain(value, &text) && text.len < size)
        snprintf(to, size, "%.*s", STR_ARG(text));
}

static bool on_send(void *ctx, const struct message_about *about, struct str message)
{
    (void)ctx;
    (void)about;
    struct json_doc *doc;
    bool on = memory.on;
    memory.on = false;
    if (json_parse(message, &doc, NULL))
        fail_msg("no JSON: \"%.*s\"", STR_ARG(message));
    struct json root = json_root(doc), result = json_get(root, STR("result"));
    /* An empty cursor would lead the client round in a circle. */
    assert_false(json_is(json_get(result, STR("nextCursor")), STR("")));
    keep(state, sizeof(state), json_get(result, STR("requestState")));
    keep(task, sizeof(task), json_get(result, STR("taskId")));
    keep(task, sizeof(task), json_get(json_get(result, STR("task")), STR("taskId")));
    bool other = json_exists(json_get(root, STR("method")));
    sent.others += other;
    sent.answers += !other;
    sent.strays += !other && !json_exists(json_get(root, STR("id")));
    json_free(doc);
    memory.on = on;
    return true;
}

static void on_resume(void *ctx)
{
    (void)ctx;
}

/* The message with %S and %T replaced. */
static char *filled(const char *text, size_t *len)
{
    char *copy = malloc(strlen(text) + sizeof(state) + sizeof(task));
    char *at = copy;
    assert_non_null(copy);
    for (; *text; text++)
        if (strncmp(text, "%S", 2) == 0 || strncmp(text, "%T", 2) == 0)
            at += sprintf(at, "%s", *++text == 'S' ? state : task);
        else
            *at++ = *text;
    *len = (size_t)(at - copy);
    return copy;
}

static void give(struct message_endpoint *end, const char *text)
{
    size_t len;
    memory.on = false;
    char *copy = filled(text, &len);
    memset(&sent, 0, sizeof(sent));
    memory.on = true;
    end->receive(end->ctx, copy, len);
    memory.on = false;
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

/* Requests that begin so are answered later, if not at once: the client is asked, or they listen. */
#define LATER "\t"
/* The same, and nothing need be sent before. */
#define QUIET "\v"
/* An answer of the client, or a notification. */
#define NO_REQUEST " "

#define CLIENT                                                                                     \
    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                  \
    "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{},\"url\":{}},"    \
    "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}"
/* The same without tasks. */
#define PLAIN_CLIENT                                                                               \
    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                  \
    "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{},\"url\":{}}}"
#define OF(id, method, members) MESSAGE(id, method, "{" members ",\"_meta\":{" CLIENT "}}")
#define OF_PLAIN(id, method, members)                                                              \
    MESSAGE(id, method, "{" members ",\"_meta\":{" PLAIN_CLIENT "}}")
#define GIVEN                                                                                      \
    "{\"name\":{\"action\":\"accept\",\"content\":{\"n\":\"x\"}},\"url\":{\"action\":\"decline\"}}"
#define RESPONSE(id, result) NO_REQUEST "{\"jsonrpc\":\"2.0\",\"id\":\"" id "\",\"result\":" result "}"
#define ACCEPTED "{\"action\":\"accept\",\"content\":{\"n\":\"x\"}}"
#define DECLINED "{\"action\":\"decline\"}"
#define ABLE "{\"elicitation\":{\"form\":{},\"url\":{}}}"

static const char *const lists_and_reads[] = {
    INITIALIZE("2025-03-26"),
    MESSAGE("1", "resources/list", "{}"),
    MESSAGE("2", "resources/templates/list", "{}"),
    MESSAGE("3", "prompts/list", "{}"),
    MESSAGE("4", "resources/read", "{\"uri\":\"\\u0061:b\"}"),
    MESSAGE("5", "resources/read", "{\"uri\":\"a:none\"}"),
    MESSAGE("6", "prompts/get", "{\"name\":\"greet\"}"),
    MESSAGE("7", "prompts/get", "{\"name\":\"gret\"}"),
    MESSAGE("8", "completion/complete",
            "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greet\"},"
            "\"argument\":{\"name\":\"who\",\"value\":\"\"}}"),
    MESSAGE("9", "resources/subscribe", "{\"uri\":\"a:b\"}"),
    MESSAGE("10", "resources/subscribe", "{\"uri\":\"a:none\"}"),
    MESSAGE("11", "resources/unsubscribe", "{\"uri\":\"a:b\"}"),
    OF("12", "resources/read", "\"uri\":\"a:b\""),
    OF("13", "prompts/list", "\"cursor\":\"\""),
    NULL,
};

static const char *const legacy_asking[] = {
    MESSAGE("0", "initialize",
            "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":" ABLE "}"),
    LATER MESSAGE("1", "tools/call", "{\"name\":\"ask\"}"),
    RESPONSE("hexmcp-1", ACCEPTED),
    RESPONSE("hexmcp-2", DECLINED),
    LATER MESSAGE("2", "resources/read", "{\"uri\":\"a:ask\"}"),
    RESPONSE("hexmcp-3", ACCEPTED),
    NO_REQUEST "{\"jsonrpc\":\"2.0\",\"id\":\"hexmcp-4\",\"error\":{\"code\":1,\"message\":\"n\\u006f\"}}",
    LATER MESSAGE("3", "prompts/get", "{\"name\":\"p-ask\"}"),
    NO_REQUEST "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
               "{\"requestId\":4}}",
    NULL,
};

static const char *const modern_asking[] = {
    OF_PLAIN("1", "tools/call", "\"name\":\"ask\""),
    OF_PLAIN("2", "tools/call", "\"name\":\"ask\",\"requestState\":\"%S\""),
    OF_PLAIN("3", "tools/call",
             "\"name\":\"ask\",\"requestState\":\"%S\",\"inputResponses\":" GIVEN),
    OF_PLAIN("4", "prompts/get", "\"name\":\"p-ask\""),
    OF_PLAIN("5", "prompts/get",
             "\"name\":\"p-ask\",\"requestState\":\"%S\",\"inputResponses\":" GIVEN),
    MESSAGE("6", "resources/read", "{\"uri\":\"a:ask\",\"_meta\":{\"io.modelcontextprotocol/"
            "protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}}"),
    NULL,
};

static const char *const listening[] = {
    LATER OF("1", "subscriptions/listen",
             "\"notifications\":{\"toolsListChanged\":true,\"resourceSubscriptions\":"
             "[\"\\u0061:b\",\"a:none\"]}"),
    OF("2", "tools/call", "\"name\":\"ask\""),
    LATER OF("3", "subscriptions/listen", "\"notifications\":{\"taskIds\":[\"%T\"]}"),
    OF("4", "tasks/get", "\"taskId\":\"%T\""),
    OF("5", "tasks/update", "\"taskId\":\"%T\",\"inputResponses\":" GIVEN),
    OF("6", "tasks/get", "\"taskId\":\"%T\""),
    OF("7", "tools/call", "\"name\":\"ask\""),
    OF("8", "tasks/cancel", "\"taskId\":\"%T\""),
    NULL,
};

static const char *const legacy_tasks[] = {
    MESSAGE("0", "initialize",
            "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":" ABLE "}"),
    MESSAGE("1", "tools/call",
            "{\"name\":\"ask\",\"task\":{},\"_meta\":{\"progressToken\":\"t\"}}"),
    LATER MESSAGE("2", "tasks/result", "{\"taskId\":\"%T\"}"),
    QUIET MESSAGE("3", "tasks/result", "{\"taskId\":\"%T\"}"),
    RESPONSE("hexmcp-1", ACCEPTED),
    RESPONSE("hexmcp-2", DECLINED),
    MESSAGE("4", "tasks/get", "{\"taskId\":\"%T\"}"),
    NULL,
};

/* Each request gets one answer. With little memory the client's own answers may get one too, which
 * has no id. */
static void converse(struct message_endpoint *end, struct changes *changes,
                     const char *const *messages)
{
    unsigned open = 0;
    for (size_t i = 0; messages[i]; i++) {
        const char *text = messages[i];
        bool quiet = text[0] == '\v', later = quiet || text[0] == '\t', request = text[0] != ' ';
        give(end, text);
        open += request;
        if (request && (sent.answers > open || (!later && sent.answers == 0)))
            fail_msg("%u answers to %s", sent.answers, text);
        if (later && !quiet && sent.answers == 0 && sent.others == 0)
            fail_msg("neither an answer nor a word to %s", text);
        open -= request ? sent.answers : sent.answers - sent.strays;
        memory.on = true;
        changes_tell(changes, CHANGE_RESOURCE, STR("a:b"));
        changes_tell(changes, CHANGE_ELICITATION, STR("e1"));
        memory.on = false;
    }
    memset(&sent, 0, sizeof(sent));
    memory.on = true;
    end->shutdown(end->ctx);
    memory.on = false;
    assert_int_equal(sent.answers, open);
    memory.on = true;
    end->close(end->ctx);
}

static void lead(const char *const *messages)
{
    static const struct caller caller = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};
    uint32_t count = 0;
    struct catalog_service catalog = {NULL, generation, is_same_for_all, next, next, find, check_resource};
    struct call_service service = {NULL, call, cancel};
    struct clock_port clock = {NULL, now, wall};
    struct executor_port executor = {NULL, submit};
    struct timer_port timer = {.create = timer_create_fake,
                               .set = timer_set_fake,
                               .stop = timer_stop_fake,
                               .free = timer_free_fake};
    struct random_port random = {&count, fill};
    struct crypto_port crypto = {NULL, digest, authenticate, equal};
    struct seal_keys_port keys = {NULL, current_key, find_key};
    struct sealer_parts sealing = {&crypto, &random, &clock, &keys};
    struct sealer *sealer = sealer_new(&sealing);
    struct task_store_memory *store = task_store_memory_new();
    struct changes *changes;
    struct tasks *tasks;
    struct error err;
    assert_int_equal(changes_new(&timer, &changes, &err), ST_OK);
    struct task_parts task_parts = {.calls = &service,
                                    .store = task_store_memory_port(store),
                                    .clock = &clock,
                                    .timer = &timer,
                                    .random = &random,
                                    .changes = changes,
                                    .limits = task_limits_default()};
    assert_int_equal(tasks_new(&task_parts, &tasks, &err), ST_OK);
    struct mcp_options options = {.catalog = &catalog,
                                  .calls = &service,
                                  .clock = &clock,
                                  .changes = changes_service(changes),
                                  .tasks = tasks_service(tasks),
                                  .timer = &timer,
                                  .executor = &executor,
                                  .random = &random,
                                  .sealer = sealer,
                                  .server_name = STR("s"),
                                  .server_version = STR("1"),
                                  .page_size = 1,
                                  .max_in_flight = 9,
                                  .max_held_bytes = 1 << 20};
    struct message_sink sink = {.send = on_send, .resume = on_resume};
    struct message_endpoint end;
    struct mcp *mcp;
    memory.on = true;
    if (mcp_new(&options, &mcp, &err) == ST_OK) {
        const struct endpoint_factory *factory = mcp_endpoints(mcp);
        if (factory->open(factory->ctx, &caller, &sink, &end, &err) == ST_OK)
            converse(&end, changes, messages);
        else
            assert_int_equal(err.code, ST_NOMEM);
        mcp_free(mcp);
    } else {
        assert_int_equal(err.code, ST_NOMEM);
    }
    memory.on = false;
    tasks_free(tasks);
    task_store_memory_free(store);
    changes_free(changes);
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

static const char *const *const conversations[] = {
    old_session, new_session, lists_and_reads, legacy_asking,
    modern_asking, listening, legacy_tasks,
};

static void lead_all(bool from_then_on)
{
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++)
        lead_with_failures(conversations[i], from_then_on);
}

static void test_s2_one_allocation_fails(void **state_)
{
    (void)state_;
    lead_all(false);
}

static void test_s2_all_allocations_fail_from_one_on(void **state_)
{
    (void)state_;
    lead_all(true);
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
