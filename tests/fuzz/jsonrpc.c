/*
 * Lines of any bytes as messages to the protocol adapter. Each message that it sends must be one
 * line of JSON, and each id is answered at most as often as it was asked.
 *
 * The first byte chooses: bit 0 whether calls end at once or two messages later, bit 1 whether the
 * end is a shutdown before the close.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/mcp.h"
#include "core/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_IDS 4096
#define MAX_CALLS 64

struct world {
    bool later;
    bool closed;
    uint64_t calls;
    struct tool_call open[MAX_CALLS]; /* by id % MAX_CALLS; without observer: none */
    char *asked[MAX_IDS];             /* ids of requests that may still be answered, as texts */
    size_t asked_count;
    uint64_t now_ns;
};

/* ---- what was asked and answered --------------------------------------------------------- */

static void note_asked(struct world *w, struct json message)
{
    struct str id = json_text(json_get(message, STR("id")));
    if (id.len && w->asked_count < MAX_IDS)
        w->asked[w->asked_count++] = strndup(id.ptr, id.len);
}

static void check_answer(struct world *w, struct json message)
{
    struct json id = json_get(message, STR("id"));
    assert(json_type(message) == JSON_OBJECT);
    assert(json_is(json_get(message, STR("jsonrpc")), STR("2.0")));
    bool result = json_exists(json_get(message, STR("result")));
    bool error = json_exists(json_get(message, STR("error")));
    assert(json_exists(json_get(message, STR("method"))) ? !result && !error : result != error);
    if (!json_exists(id) || json_type(id) == JSON_NULL || w->asked_count == MAX_IDS)
        return;
    for (size_t i = 0; i < w->asked_count; i++)
        if (str_eq(str_from(w->asked[i]), json_text(id))) {
            free(w->asked[i]);
            w->asked[i] = w->asked[--w->asked_count];
            return;
        }
    bool asked_for = false;
    assert(asked_for);
}

static bool on_send(void *ctx, enum message_kind kind, struct str message)
{
    struct world *w = ctx;
    struct json_doc *doc;
    (void)kind;
    assert(!w->closed);
    assert(!memchr(message.ptr, '\n', message.len) && !memchr(message.ptr, '\r', message.len));
    int rc = json_parse(message, &doc, NULL);
    assert(rc == ST_OK);
    struct json_iter it = json_iter(json_root(doc));
    if (json_type(json_root(doc)) == JSON_ARRAY)
        while (json_next(&it))
            check_answer(w, it.value);
    else
        check_answer(w, json_root(doc));
    json_free(doc);
    return true;
}

static void on_resume(void *ctx)
{
    (void)ctx;
}

/* ---- tools ------------------------------------------------------------------------------- */

static const struct tool_definition tools[] = {
    {.name = STR_INIT("a"),
     .json = STR_INIT("{\"name\":\"a\",\"title\":\"A\",\"run\":\"inline\",\n"
                      "\"inputSchema\":{\"type\":\"object\"},\"_meta\":{\"x/y\":1}}")},
    {.name = STR_INIT("bee"),
     .json = STR_INIT("{\"name\":\"b\",\"inputSchema\":{\"type\":\"object\"},\r\n"
                      "\"outputSchema\":{\"type\":\"array\"}}")},
};

static const char result_text[] =
    "{\"content\":[{\"type\":\"audio\",\"data\":\"AA==\",\"mimeType\":\"a/b\"},\n"
    "{\"type\":\"resource_link\",\"name\":\"n\",\"uri\":\"u:\"}],\"structuredContent\":[1],"
    "\"_meta\":{\"k\":\"\\u0000\"}}";

static uint64_t generation(void *ctx)
{
    (void)ctx;
    return 1;
}

static const struct tool_definition *at(void *ctx, const struct call_context *context, size_t index)
{
    (void)ctx;
    (void)context;
    return index < 2 ? &tools[index] : NULL;
}

static const struct tool_definition *find(void *ctx, const struct call_context *context,
                                          struct str name)
{
    (void)ctx;
    (void)context;
    for (size_t i = 0; i < 2; i++)
        if (str_eq(tools[i].name, name))
            return &tools[i];
    return NULL;
}

static void end_call(const struct tool_call *call, enum call_end end)
{
    struct json_doc *doc;
    int rc = json_parse(str_from(result_text), &doc, NULL);
    assert(rc == ST_OK);
    struct call_outcome outcome = {.end = end, .result = json_root(doc)};
    call->observer->progress(call->user, 1, 2, STR("half\n"));
    call->observer->log(call->user, LOG_LEVEL_ERROR, STR("log\xFF"), STR("line\r\n"));
    call->observer->done(call->user, &outcome);
    /* The arguments are there to the end. */
    struct str text = json_text(call->arguments);
    assert(text.len == 0 || (text.ptr[0] == '{' && text.ptr[text.len - 1] == '}'));
    call->release(call->hold);
    json_free(doc);
}

static void end_open(struct world *w, uint64_t id, enum call_end end)
{
    struct tool_call *open = &w->open[id % MAX_CALLS], call = *open;
    *open = (struct tool_call){0};
    if (call.observer)
        end_call(&call, end);
}

static int start(void *ctx, const struct tool_call *call, uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    if (!find(ctx, &call->context, call->tool))
        return error_set(err, ST_NOT_FOUND, "no such tool");
    *id = 0;
    if (w->later) {
        *id = ++w->calls;
        end_open(w, *id, CALL_RESULT);
        w->open[*id % MAX_CALLS] = *call;
    } else {
        end_call(call, CALL_RESULT);
    }
    return ST_OK;
}

static void cancel(void *ctx, uint64_t id)
{
    end_open(ctx, id, CALL_CANCELLED);
}

/* ---- clock, executor --------------------------------------------------------------------- */

static uint64_t now(void *ctx)
{
    return ((struct world *)ctx)->now_ns += 1000000;
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

/* ---- the run ----------------------------------------------------------------------------- */

static void note_message(struct world *w, struct str line)
{
    struct json_doc *doc;
    if (json_parse(line, &doc, NULL))
        return;
    struct json_iter it = json_iter(json_root(doc));
    if (json_type(json_root(doc)) == JSON_ARRAY)
        while (json_next(&it))
            note_asked(w, it.value);
    else
        note_asked(w, json_root(doc));
    json_free(doc);
}

static void give(struct world *w, const struct message_endpoint *end, struct str line)
{
    char *copy = malloc(line.len ? line.len : 1);
    if (!copy)
        return;
    if (line.len)
        memcpy(copy, line.ptr, line.len);
    note_message(w, line);
    end->receive(end->ctx, copy, line.len);
    if (w->calls >= 2)
        end_open(w, w->calls - 2, CALL_TOOL_ERROR);
}

static void give_lines(struct world *w, const struct message_endpoint *end, struct str rest)
{
    while (rest.len) {
        const char *eol = memchr(rest.ptr, '\n', rest.len);
        size_t len = eol ? (size_t)(eol - rest.ptr) : rest.len;
        give(w, end, (struct str){rest.ptr, len});
        rest.ptr += len + (eol != NULL);
        rest.len -= len + (eol != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct caller caller = {STR_INIT("stdio"), STR_INIT("local")};
    struct world w = {.later = size && (data[0] & 1), .now_ns = 1};
    struct tool_service service = {&w, generation, at, find, start, cancel};
    struct clock_port clock = {&w, now, wall};
    struct executor_port executor = {&w, submit};
    struct mcp_options options = {.tools = &service, .clock = &clock, .executor = &executor,
                                  .caller = &caller, .server_name = STR("s"),
                                  .server_version = STR("1"), .page_size = 1, .max_in_flight = 8};
    struct message_sink sink = {&w, on_send, on_resume};
    struct message_endpoint end;
    struct mcp *mcp;
    if (size == 0 || mcp_new(&options, &mcp, NULL))
        return 0;
    const struct endpoint_factory *factory = mcp_endpoints(mcp);
    int rc = factory->open(factory->ctx, &sink, &end, NULL);
    assert(rc == ST_OK);
    give_lines(&w, &end, (struct str){(const char *)data + 1, size - 1});
    if (data[0] & 2) {
        end.shutdown(end.ctx);
        assert(end.pending(end.ctx) == 0);
    }
    w.closed = true;
    end.close(end.ctx);
    for (size_t i = 0; i < MAX_CALLS; i++)
        assert(!w.open[i].observer);
    for (size_t i = 0; i < w.asked_count; i++)
        free(w.asked[i]);
    mcp_free(mcp);
    return 0;
}
