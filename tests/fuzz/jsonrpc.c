/*
 * Lines from a hostile client through the protocol adapter, over a tool service that ends calls at
 * once, later or never. A line that begins with one of the bytes below is something else that
 * happens to the connection, so that the fuzzer also finds the order in which things happen.
 *
 * Holds: whatever is sent is one line of JSON; an id is answered, byte for byte, as often as it was
 * asked and never more often; each call is ended once and its text given back once.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/mcp.h"
#include "core/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CALLS 64
#define MAX_IDS 256
#define PADDING ((size_t)64 * 1024)

enum event {
    EVENT_LARGE = 1,     /* the rest is a message with 64 KiB of blanks in front */
    EVENT_FINISH_OLDEST, /* a running call ends                                  */
    EVENT_FINISH_NEWEST,
    EVENT_REPORT, /* the newest running call makes progress and logs      */
    EVENT_REJECT,
    EVENT_SHUTDOWN,
    EVENT_TIME_PASSES,
};

struct fake_call {
    struct call_request call;
    char last; /* of the tool's name: how the call ends */
    bool done;
    bool released;
};

struct id_count {
    struct str id; /* malloc'ed */
    unsigned asked;
    unsigned answered;
    bool exact; /* each of them must have been answered in the end */
};

struct job {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct world {
    struct message_endpoint end;
    struct fake_call calls[MAX_CALLS];
    size_t call_count;
    struct id_count ids[MAX_IDS];
    size_t id_count;
    struct job job;
    bool job_waits;
    bool paused;
    bool shut_down;
    bool closed;
    bool cancels; /* the client cancelled something: it may stay unanswered */
    uint64_t now_ns;
};

/* ---- ids --------------------------------------------------------------------------------- */

static struct id_count *count_of(struct world *w, struct json id)
{
    struct str text = json_text(id);
    for (size_t i = 0; i < w->id_count; i++)
        if (str_eq(w->ids[i].id, text))
            return &w->ids[i];
    if (w->id_count == MAX_IDS)
        return NULL;
    char *copy = malloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    w->ids[w->id_count] = (struct id_count){.id = {copy, text.len}, .exact = true};
    return &w->ids[w->id_count++];
}

static bool is_readable_id(struct json id)
{
    return json_type(id) == JSON_STRING || json_is_integer_text(id);
}

static bool is_response(struct json v)
{
    return !json_exists(json_get(v, STR("method"))) &&
           (json_exists(json_get(v, STR("result"))) || json_exists(json_get(v, STR("error"))));
}

static void note_asked(struct world *w, struct json v, bool exact)
{
    struct json id = json_get(v, STR("id"));
    w->cancels |= json_is(json_get(v, STR("method")), STR("notifications/cancelled"));
    struct id_count *count = is_readable_id(id) && !is_response(v) ? count_of(w, id) : NULL;
    if (!count)
        return;
    count->asked++;
    count->exact &= exact;
}

/* Members of a batch may stay unanswered: it may be refused as a whole. */
static void note_message(struct world *w, struct str text)
{
    struct json_doc *doc;
    if (w->shut_down || json_parse(text, &doc, NULL))
        return;
    struct json root = json_root(doc);
    struct json_iter it = json_iter(root);
    if (json_type(root) == JSON_ARRAY)
        while (json_next(&it))
            note_asked(w, it.value, false);
    else
        note_asked(w, root, true);
    json_free(doc);
}

static void note_answer(struct world *w, struct json v)
{
    struct json id = json_get(v, STR("id"));
    assert(json_type(v) == JSON_OBJECT);
    assert(json_is(json_get(v, STR("jsonrpc")), STR("2.0")));
    assert(json_exists(json_get(v, STR("result"))) != json_exists(json_get(v, STR("error"))));
    if (!is_readable_id(id))
        return;
    struct id_count *count = count_of(w, id);
    if (count)
        assert(++count->answered <= count->asked);
}

static void check_ids(struct world *w)
{
    for (size_t i = 0; i < w->id_count; i++) {
        struct id_count *count = &w->ids[i];
        if (count->exact && !w->cancels)
            assert(count->answered == count->asked);
        free((char *)count->id.ptr);
    }
}

/* ---- the wire ---------------------------------------------------------------------------- */

static bool wire_send(void *ctx, const struct message_about *about, struct str message)
{
    enum message_kind kind = about->kind;
    struct world *w = ctx;
    struct json_doc *doc;
    assert(!w->closed);
    assert(!memchr(message.ptr, '\n', message.len));
    assert(json_parse(message, &doc, NULL) == ST_OK);
    struct json root = json_root(doc);
    struct json_iter it = json_iter(root);
    if (kind == MESSAGE_NOTIFICATION)
        assert(!json_exists(json_get(root, STR("id"))));
    else if (json_type(root) == JSON_ARRAY)
        while (json_next(&it))
            note_answer(w, it.value);
    else
        note_answer(w, root);
    json_free(doc);
    return true;
}

static void wire_resume(void *ctx)
{
    struct world *w = ctx;
    assert(w->paused);
    w->paused = false;
}

/* ---- the core ---------------------------------------------------------------------------- */

#define TOOL(text)                                                                                 \
    {.name = STR_INIT(text), .json = STR_INIT("{\"name\":\"" text "\",\"title\":\"T\","            \
                                              "\"inputSchema\":{\"type\":\"object\"},"             \
                                              "\"outputSchema\":{\"type\":\"array\"}}")}

/* The last letter: result, error, structured, failed, input, pending, mute (never released). */
static const struct item tools[] = {TOOL("r"),  TOOL("e"),  TOOL("s"),  TOOL("f"),
                                               TOOL("i"),  TOOL("pr"), TOOL("pe"), TOOL("ps"),
                                               TOOL("pf"), TOOL("pi"), TOOL("m")};

static uint64_t list_generation(void *ctx, enum item_kind kind)
{
    (void)ctx;
    (void)kind;
    return 1;
}

static bool list_is_same_for_all(void *ctx, enum item_kind kind)
{
    (void)ctx;
    (void)kind;
    return true;
}

static const struct item *list_next(void *ctx, const struct call_context *context,
                                    enum item_kind kind, uint64_t after)
{
    static struct item ordered[sizeof(tools) / sizeof(tools[0])];
    (void)ctx;
    (void)context;
    if (kind != ITEM_TOOL || after >= sizeof(tools) / sizeof(tools[0]))
        return NULL;
    ordered[after] = tools[after];
    ordered[after].order = after + 1;
    return &ordered[after];
}

static const struct item *list_find(void *ctx, const struct call_context *context,
                                    enum item_kind kind, struct str name)
{
    const struct item *tool = NULL;
    while ((tool = list_next(ctx, context, kind, tool ? tool->order : 0)))
        if (str_eq(tool->name, name))
            return tool;
    return NULL;
}

static void release_call(struct fake_call *call)
{
    assert(!call->released);
    call->released = true;
    call->call.release(call->call.hold);
}

static void end_call(struct fake_call *call, const struct call_outcome *outcome)
{
    assert(!call->done);
    call->done = true;
    call->call.observer->done(call->call.user, outcome);
    if (call->last != 'm')
        release_call(call);
}

static void end_with_text(struct fake_call *call, enum call_end end, struct str text)
{
    struct json_doc *doc;
    assert(json_parse(text, &doc, NULL) == ST_OK);
    end_call(call, &(struct call_outcome){.end = end, .result = json_root(doc)});
    json_free(doc);
}

/* The core's promise to observers: `content` is an array of objects with a type. */
static bool is_content(struct json content)
{
    struct json_iter it = json_iter(content);
    if (json_type(content) != JSON_ARRAY)
        return false;
    while (json_next(&it))
        if (json_type(json_get(it.value, STR("type"))) != JSON_STRING)
            return false;
    return true;
}

/* What came as arguments comes back, so that the fuzzer chooses results too. */
static void end_with_arguments(struct fake_call *call)
{
    struct buffer out = BUFFER_INIT;
    struct json given = call->call.arguments;
    if (is_content(json_get(given, STR("content")))) {
        buffer_add_str(&out, json_text(given));
    } else {
        buffer_add_str(&out, STR("{\"content\":[],\n\"structuredContent\":"));
        buffer_add_str(&out, json_exists(given) ? json_text(given) : STR("null"));
        buffer_add_char(&out, '}');
    }
    end_with_text(call, CALL_RESULT, buffer_str(&out));
    buffer_clear(&out);
}

static void finish_call(struct fake_call *call)
{
    static const struct error failure = {.code = ST_GENERIC, .text = "the tool \"f\" broke\n"};
    switch (call->last) {
    case 's':
        end_with_text(call, CALL_RESULT, STR("{\"structuredContent\":{\"a\":1}}"));
        break;
    case 'f':
        end_call(call, &(struct call_outcome){.end = CALL_FAILED, .error = &failure});
        break;
    case 'i':
        end_with_text(call, CALL_INPUT_REQUIRED, STR("{\"state\":\"x\"}"));
        break;
    case 'e':
        end_with_text(call, CALL_TOOL_ERROR, STR("{\"content\":[],\"_meta\":{\"a\":1}}"));
        break;
    default:
        end_with_arguments(call);
    }
}

static int tools_call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    if (request->action != ACTION_CALL ||
        !list_find(ctx, &request->context, ITEM_TOOL, request->target))
        return error_set(err, ST_NOT_FOUND, "no such tool");
    if (w->call_count == MAX_CALLS)
        return error_set(err, ST_BUSY, "too many calls");
    struct fake_call *call = &w->calls[w->call_count++];
    *call = (struct fake_call){.call = *request,
                               .last = request->target.ptr[request->target.len - 1]};
    bool pending = request->target.ptr[0] == 'p' || call->last == 'm';
    *id = pending ? w->call_count : 0;
    if (!pending)
        finish_call(call);
    return ST_OK;
}

static void tools_cancel(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    assert(id >= 1 && id <= w->call_count);
    end_call(&w->calls[id - 1], &(struct call_outcome){.end = CALL_CANCELLED});
}

static struct fake_call *running(struct world *w, bool newest)
{
    struct fake_call *found = NULL;
    for (size_t i = 0; i < w->call_count; i++)
        if (!w->calls[i].done && (newest || !found))
            found = &w->calls[i];
    return found;
}

/* ---- clock, executor, log ---------------------------------------------------------------- */

static uint64_t clock_now(void *ctx)
{
    return ((struct world *)ctx)->now_ns;
}

static int64_t clock_wall(void *ctx)
{
    (void)ctx;
    return 0;
}

/* Timers never run out here; tests/fuzz/methods.c lets them. */
struct timer {
    void (*fire)(void *arg);
};

static struct timer *timer_make(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    (void)arg;
    struct timer *timer = malloc(sizeof(*timer));
    timer->fire = fire;
    return timer;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    (void)delay_ms;
}

static void timer_drop(void *ctx, struct timer *timer)
{
    (void)ctx;
    free(timer);
}

static void no_listener(void *ctx, struct change_listener *listener)
{
    (void)ctx;
    (void)listener;
}

static int check_resource(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err)
{
    (void)ctx;
    (void)context;
    return error_set(err, ST_NOT_FOUND, "there is no resource \"%.*s\"", STR_ARG(uri));
}

static int random_fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 5, len);
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

static bool bytes_equal(void *ctx, const void *a, const void *b, size_t len)
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

static int executor_submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                           struct error *err)
{
    struct world *w = ctx;
    if (w->job_waits)
        return error_set(err, ST_BUSY, "the worker is busy");
    w->job = (struct job){work, done, arg};
    w->job_waits = true;
    return ST_OK;
}

static void run_job(struct world *w)
{
    if (!w->job_waits)
        return;
    w->job_waits = false;
    w->job.work(w->job.arg);
    w->job.done(w->job.arg);
}

/* ---- what happens ------------------------------------------------------------------------ */

static void give(struct world *w, struct str text, size_t padding)
{
    char *copy = malloc(padding + text.len + 1);
    memset(copy, ' ', padding);
    if (text.len)
        memcpy(copy + padding, text.ptr, text.len);
    /* A wire gives nothing while it is paused. */
    if (w->paused)
        run_job(w);
    note_message(w, (struct str){copy, padding + text.len});
    if (w->end.receive(w->end.ctx, copy, padding + text.len) == RECEIVE_PAUSE)
        w->paused = true;
}

static void report(struct world *w)
{
    struct fake_call *call = running(w, true);
    if (!call)
        return;
    const struct call_observer *observer = call->call.observer;
    observer->progress(call->call.user, 0.5, 1.0, STR("half \x01"));
    observer->log(call->call.user, LOG_LEVEL_WARNING, STR("plugin"), STR("\xFF text"));
}

static void finish(struct world *w, bool newest)
{
    struct fake_call *call = running(w, newest);
    if (call)
        finish_call(call);
}

static void take_line(struct world *w, struct str line)
{
    static const struct error too_long = {.code = ST_TOO_LARGE, .text = "a line is too long"};
    struct str rest = {line.ptr + 1, line.len ? line.len - 1 : 0};
    switch (line.len ? line.ptr[0] : 0) {
    case EVENT_LARGE:
        give(w, rest, PADDING);
        break;
    case EVENT_FINISH_OLDEST:
    case EVENT_FINISH_NEWEST:
        finish(w, line.ptr[0] == EVENT_FINISH_NEWEST);
        break;
    case EVENT_REPORT:
        report(w);
        break;
    case EVENT_REJECT:
        w->end.reject(w->end.ctx, &too_long);
        break;
    case EVENT_SHUTDOWN:
        w->end.shutdown(w->end.ctx);
        w->shut_down = true;
        /* The message that was being read has no id yet. */
        w->cancels |= w->job_waits;
        assert(w->end.pending(w->end.ctx) == 0);
        break;
    case EVENT_TIME_PASSES:
        w->now_ns += 20000000;
        break;
    default:
        give(w, line, 0);
    }
}

static void take_all(struct world *w, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t len = end ? (size_t)(end - text) - at : size - at;
        take_line(w, (struct str){text + at, len});
        at += len + 1;
    }
}

static void end_world(struct world *w)
{
    for (size_t i = 0; i < w->call_count; i += 2)
        finish(w, false);
    bool leave_open = w->call_count % 2;
    w->cancels |= leave_open;
    while (!leave_open && running(w, false))
        finish(w, false);
    if (!leave_open)
        run_job(w);
    w->end.close(w->end.ctx);
    w->closed = true;
    w->cancels |= w->job_waits;
    run_job(w);
    for (size_t i = 0; i < w->call_count; i++) {
        assert(w->calls[i].done);
        if (!w->calls[i].released)
            release_call(&w->calls[i]);
    }
    check_ids(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct caller caller = {.id = STR_INIT("fuzz"), .tenant = STR_INIT("local")};
    struct world *w = calloc(1, sizeof(*w));
    struct catalog_service catalog = {w, list_generation, list_is_same_for_all, list_next, list_next,
                                      list_find, check_resource};
    struct change_service changes = {w, no_listener, no_listener};
    struct timer_port timer = {.ctx = w, .create = timer_make, .set = timer_set, .free = timer_drop};
    struct random_port random = {w, random_fill};
    struct crypto_port crypto = {w, digest, authenticate, bytes_equal};
    struct seal_keys_port keys = {w, current_key, find_key};
    struct call_service service = {w, tools_call, tools_cancel};
    struct clock_port clock = {w, clock_now, clock_wall};
    struct executor_port executor = {w, executor_submit};
    struct message_sink sink = {.ctx = w, .send = wire_send, .resume = wire_resume};
    struct sealer_parts sealing = {&crypto, &random, &clock, &keys};
    struct sealer *sealer = sealer_new(&sealing);
    struct mcp_options options = {.catalog = &catalog, .calls = &service, .changes = &changes,
                                  .timer = &timer, .random = &random, .sealer = sealer,
                                  .clock = &clock, .executor = &executor,
                                  .server_name = STR("fuzz"),
                                  .server_version = STR("1"), .page_size = 3, .max_in_flight = 8,
                                  .max_held_bytes = 1 << 20};
    struct mcp *mcp;
    struct error err;
    assert(mcp_new(&options, &mcp, &err) == ST_OK);
    const struct endpoint_factory *factory = mcp_endpoints(mcp);
    assert(factory->open(factory->ctx, &caller, &sink, &w->end, &err) == ST_OK);
    take_all(w, (const char *)data, size);
    end_world(w);
    mcp_free(mcp);
    sealer_free(sealer);
    free(w);
    return 0;
}
