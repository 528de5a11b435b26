/*
 * Hostile clients of the protocol's route for HTTP. Each line of the input is one thing that happens;
 * its first byte says what, see step(). In bodies and headers "$" and a letter stand for texts that
 * the fuzzer would not find by itself, see meaning().
 *
 * Holds: each exchange is answered once, nothing is written behind its end or after its client has
 * gone; a JSON answer is JSON, and each event has one line of it; a call ends and is released once;
 * no memory and no timer is left over.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/mcp_http.h"
#include "core/catalog/catalog.h"
#include "core/json/json.h"
#include "core/registry/registry.h"
#include "core/seal/seal.h"
#include "tests/fuzz/methods/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_EXCHANGES 256
#define MAX_CALLS 256
#define MAX_HEADERS 24
#define CONNECTIONS 3

struct http_exchange {
    bool answered;
    bool streaming;
    bool over; /* finished, or the client has gone */
    bool slow;
    size_t connection;
    void (*gone)(void *user);
    void *user;
};

struct fuzz_call {
    struct call_request call;
    bool running;
    bool held;
};

struct world {
    struct ports ports;
    struct registry *registry;
    struct changes *changes;
    struct catalog *catalog;
    struct sealer *sealer;
    struct mcp *mcp;
    struct mcp_http *http;
    struct call_service calling;
    struct fuzz_call calls[MAX_CALLS];
    size_t call_count;
    struct http_exchange exchanges[MAX_EXCHANGES];
    size_t exchange_count;
    struct http_connection connections[CONNECTIONS];
    size_t connection;
    size_t caller;
    bool slow;
    char session[2][33]; /* the last one and the one before */
    struct http_header headers[MAX_HEADERS];
    char *header_texts[MAX_HEADERS];
    size_t header_count;
};

static const struct caller callers[] = {{STR_INIT("a"), STR_INIT("local"), true, NULL},
                                        {STR_INIT("b"), STR_INIT("local"), true, NULL}};

/* ---- calls --------------------------------------------------------------------------------- */

static int begin_call(void *ctx, const struct call_request *call, uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    if (w->call_count == MAX_CALLS)
        return error_set(err, ST_BUSY, "too many calls");
    w->calls[w->call_count] = (struct fuzz_call){*call, true, true};
    *id = ++w->call_count;
    return ST_OK;
}

static void end_call(struct fuzz_call *call, enum call_end end, const char *result)
{
    static struct error why = {ST_TIMEOUT, "it took too long"};
    struct json_doc *doc = NULL;
    assert(call->running);
    call->running = false;
    assert(json_parse(str_from(result), &doc, NULL) == ST_OK);
    struct call_outcome outcome = {.end = end, .result = json_root(doc), .error = &why};
    call->call.observer->done(call->call.user, &outcome);
    json_free(doc);
    call->held = false;
    call->call.release(call->call.hold);
}

static void cancel_call(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    assert(id && id <= w->call_count && w->calls[id - 1].running);
    end_call(&w->calls[id - 1], CALL_CANCELLED, "null");
}

static struct fuzz_call *running(struct world *w, bool newest)
{
    struct fuzz_call *found = NULL;
    for (size_t i = 0; i < w->call_count && (newest || !found); i++)
        if (w->calls[i].running)
            found = &w->calls[i];
    return found;
}

static void finish_one(struct world *w, bool newest, enum call_end end)
{
    struct fuzz_call *call = running(w, newest);
    if (call)
        end_call(call, end,
                 end == CALL_INPUT_REQUIRED
                     ? "{\"requests\":{\"r\":{\"method\":\"roots/list\"}},\"state\":1}"
                     : "{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}");
}

static void report(struct world *w, double progress)
{
    struct fuzz_call *call = running(w, true);
    if (!call)
        return;
    call->call.observer->progress(call->call.user, progress, 0, STR("on the way"));
    call->call.observer->log(call->call.user, LOG_LEVEL_ERROR, STR("l"), STR("a line"));
}

/* ---- the adapter that speaks HTTP ----------------------------------------------------------- */

static void check_json(struct str text)
{
    struct json_doc *doc;
    assert(!memchr(text.ptr, '\n', text.len) && !memchr(text.ptr, '\r', text.len));
    assert(json_parse(text, &doc, NULL) == ST_OK);
    json_free(doc);
}

static void begin_answer(struct http_exchange *x, int status)
{
    assert(!x->answered && !x->over);
    assert(status == 200 || status == 202 || status == 204 || (status >= 400 && status < 504));
    x->answered = true;
}

static struct world *world; /* whose session ids are seen */

static void see_session(const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(headers[i].name, STR("MCP-Session-Id"))) {
            assert(headers[i].value.len == 32);
            memcpy(world->session[1], world->session[0], sizeof(world->session[0]));
            memcpy(world->session[0], headers[i].value.ptr, 32);
        }
}

static void respond(struct http_exchange *x, int status, const struct http_header *headers,
                    size_t count, struct str body)
{
    begin_answer(x, status);
    assert(!body.len == (status == 202 || status == 204 || status == 405 ||
                         (status == 200 && count == 0)));
    if (body.len)
        check_json(body);
    see_session(headers, count);
    x->over = true;
}

static void stream(struct http_exchange *x, int status, const struct http_header *headers,
                   size_t count)
{
    (void)headers;
    begin_answer(x, status);
    assert(status == 200 && count == 3);
    x->streaming = true;
}

/* One event: lines of which one is data. */
static void check_event(struct str event)
{
    unsigned lines = 0;
    assert(event.len > 2 && str_ends(event, STR("\n\n")));
    event.len -= 2;
    while (event.len) {
        const char *end = memchr(event.ptr, '\n', event.len);
        size_t len = end ? (size_t)(end - event.ptr) : event.len;
        struct str line = {event.ptr, len};
        assert(len && !memchr(line.ptr, '\r', len));
        assert(str_starts(line, STR("data: ")) || str_starts(line, STR("id: ")) ||
               str_starts(line, STR("retry: ")) || str_eq(line, STR("event: message")));
        if (str_starts(line, STR("data: "))) {
            assert(++lines == 1);
            if (len > 6)
                check_json((struct str){line.ptr + 6, len - 6});
        }
        event = (struct str){event.ptr + len + (end != NULL), event.len - len - (end != NULL)};
    }
    assert(lines == 1);
}

static bool write_bytes(struct http_exchange *x, bool may_drop, struct str bytes)
{
    assert(x->streaming && !x->over);
    if (!str_eq(bytes, STR(":\n\n")))
        check_event(bytes);
    return !may_drop || !x->slow;
}

static void finish(struct http_exchange *x)
{
    assert(x->streaming && !x->over);
    x->over = true;
}

static void watch(struct http_exchange *x, void (*gone)(void *user), void *user)
{
    assert(!x->over);
    x->gone = gone;
    x->user = user;
}

static const struct http_answer answer = {respond, stream, write_bytes, finish, watch};

static void leave(struct http_exchange *x)
{
    if (x->over)
        return;
    x->over = true;
    assert(x->gone);
    x->gone(x->user);
}

static void leave_one(struct world *w, bool newest)
{
    struct http_exchange *found = NULL;
    for (size_t i = 0; i < w->exchange_count && (newest || !found); i++)
        if (!w->exchanges[i].over)
            found = &w->exchanges[i];
    if (found)
        leave(found);
}

static void disconnect(struct world *w, size_t connection)
{
    struct http_connection *c = &w->connections[connection];
    for (size_t i = 0; i < w->exchange_count; i++)
        if (w->exchanges[i].connection == connection)
            leave(&w->exchanges[i]);
    if (c->user)
        c->closed(c->user);
    *c = (struct http_connection){0};
}

/* ---- requests ------------------------------------------------------------------------------ */

static struct str meaning(const struct world *w, char letter)
{
    switch (letter) {
    case 'J':
        return STR("\"jsonrpc\":\"2.0\",\"id\"");
    case 'N':
        return STR("\"jsonrpc\":\"2.0\",\"method\"");
    case 'M':
        return STR("\"_meta\":{\"progressToken\":1,"
                   "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                   "\"io.modelcontextprotocol/logLevel\":\"debug\","
                   "\"io.modelcontextprotocol/clientCapabilities\":{\"roots\":{}}}");
    case 'P':
        return STR("\"_meta\":{\"progressToken\":1}");
    case 'I':
        return STR("\"method\":\"initialize\",\"params\":{\"capabilities\":{\"roots\":{}},"
                   "\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"},\"protocolVersion\"");
    case 'T':
        return STR("\"method\":\"tools/call\",\"params\":{\"name\":\"t\"");
    case 'S':
        return str_from(w->session[0]);
    case 's':
        return str_from(w->session[1]);
    default:
        return STR("$");
    }
}

static char *expand(const struct world *w, struct str line, size_t *len)
{
    struct buffer out = BUFFER_INIT;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '$' && i + 1 < line.len)
            buffer_add_str(&out, meaning(w, line.ptr[++i]));
        else
            buffer_add_char(&out, line.ptr[i]);
    }
    return buffer_take(&out, len);
}

static void add_header(struct world *w, struct str line)
{
    size_t len;
    if (w->header_count == MAX_HEADERS)
        return;
    char *text = expand(w, line, &len);
    char *colon = memchr(text, ':', len);
    size_t name = colon ? (size_t)(colon - text) : len;
    struct str value = {text + name + (colon != NULL), len - name - (colon != NULL)};
    w->header_texts[w->header_count] = text;
    w->headers[w->header_count++] = (struct http_header){{text, name}, value};
}

static void clear_headers(struct world *w)
{
    for (size_t i = 0; i < w->header_count; i++)
        free(w->header_texts[i]);
    w->header_count = 0;
}

/* What most requests have. */
static void add_usual(struct world *w)
{
    add_header(w, STR("content-type:application/json"));
    add_header(w, STR("accept:application/json, text/event-stream"));
}

static void add_modern(struct world *w)
{
    add_usual(w);
    add_header(w, STR("mcp-protocol-version: 2026-07-28"));
    add_header(w, STR("mcp-method: tools/call"));
    add_header(w, STR("mcp-name: t"));
}

static void add_session(struct world *w)
{
    add_usual(w);
    add_header(w, STR("mcp-session-id: $S"));
}

static void request(struct world *w, struct str method, char *body, size_t len)
{
    struct http_route route = mcp_http_route(w->http);
    for (size_t i = 0; i < w->exchange_count; i++)
        if (w->exchanges[i].connection == w->connection && !w->exchanges[i].over) {
            /* requests come one at a time on a connection */
            leave(&w->exchanges[i]);
        }
    if (w->exchange_count == MAX_EXCHANGES) {
        free(body);
        clear_headers(w);
        return;
    }
    struct http_exchange *x = &w->exchanges[w->exchange_count++];
    *x = (struct http_exchange){.connection = w->connection, .slow = w->slow};
    struct http_request request = {.method = method,
                                   .path = route.path,
                                   .headers = w->headers,
                                   .header_count = w->header_count,
                                   .caller = &callers[w->caller],
                                   .connection = &w->connections[w->connection],
                                   .exchange = x,
                                   .answer = &answer,
                                   .body = body,
                                   .body_len = len};
    route.handle(route.ctx, &request);
    free(request.body);
    clear_headers(w);
    assert(x->over || x->gone);
}

static void post(struct world *w, struct str line)
{
    size_t len;
    char *body = expand(w, line, &len);
    request(w, STR("POST"), body, len);
}

/* The same behind so many blanks that it is parsed on a worker. */
static void post_large(struct world *w, struct str line)
{
    size_t len, blanks = 64 * 1024 + 1;
    char *body = expand(w, line, &len), *large = malloc(blanks + len + 1);
    memset(large, ' ', blanks);
    memcpy(large + blanks, body, len + 1);
    free(body);
    request(w, STR("POST"), large, blanks + len);
}

/* ---- what happens -------------------------------------------------------------------------- */

static void run_job(struct world *w)
{
    if (!w->ports.job_count)
        return;
    struct job job = ports_take_job(&w->ports);
    free((char *)(uintptr_t)job.message.ptr);
    job.work(job.arg);
    job.done(job.arg);
}

static unsigned number_of(struct str line)
{
    return line.len ? (unsigned char)line.ptr[0] : 0;
}

static void step(struct world *w, char what, struct str line)
{
    switch (what) {
    case 'H': add_header(w, line); break;
    case 'u': add_usual(w); break;
    case 'm': add_modern(w); break;
    case 's': add_session(w); break;
    case 'P': post(w, line); break;
    case 'L': post_large(w, line); break;
    case 'G': request(w, STR("GET"), NULL, 0); break;
    case 'D': request(w, STR("DELETE"), NULL, 0); break;
    case 'O': request(w, line, NULL, 0); break;
    case 'X': leave_one(w, true); break;
    case 'x': leave_one(w, false); break;
    case 'K': disconnect(w, number_of(line) % CONNECTIONS); break;
    case 'C': w->connection = number_of(line) % CONNECTIONS; break;
    case 'W': w->caller = number_of(line) % 2; break;
    case 'F': finish_one(w, true, CALL_RESULT); break;
    case 'f': finish_one(w, false, CALL_RESULT); break;
    case 'I': finish_one(w, true, CALL_INPUT_REQUIRED); break;
    case 'E': finish_one(w, true, CALL_FAILED); break;
    case 'R': report(w, number_of(line)); break;
    case 'T': ports_pass(&w->ports, 1ull << number_of(line) % 18); break;
    case 'U': changes_tell(w->changes, CHANGE_TOOLS, STR("")); break;
    case 'J': run_job(w); break;
    case 'S': w->slow = !w->slow; break;
    case 'Z': mcp_http_shutdown(w->http); break;
    default: break;
    }
}

static void run(struct world *w, struct str input)
{
    while (input.len) {
        const char *end = memchr(input.ptr, '\n', input.len);
        size_t len = end ? (size_t)(end - input.ptr) : input.len;
        if (len)
            step(w, input.ptr[0], (struct str){input.ptr + 1, len - 1});
        input = (struct str){input.ptr + len + (end != NULL), input.len - len - (end != NULL)};
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

static void publish_tool(struct world *w)
{
    const struct publisher *publisher = catalog_publisher(w->catalog);
    struct str public;
    struct item item = {
        .kind = ITEM_TOOL,
        .local_name = STR("t"),
        .plugin_id = STR("plug.in"),
        .json = STR("{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"a\":"
                    "{\"type\":\"string\",\"x-mcp-header\":\"A\"},\"b\":{\"type\":\"integer\","
                    "\"x-mcp-header\":\"B\"}}}}"),
        .timeout_ms = 1000};
    assert(publisher->publish(publisher->ctx, &item, &public, NULL) == ST_OK);
}

static void open_world(struct world *w)
{
    struct error err;
    ports_open(&w->ports);
    w->registry = registry_new();
    assert(changes_new(&w->ports.timer, &w->changes, &err) == ST_OK);
    struct catalog_parts parts = {.registry = w->registry, .changes = w->changes};
    w->catalog = catalog_new(&parts);
    publish_tool(w);
    struct sealer_parts sealing = {&w->ports.crypto, &w->ports.randomness, &w->ports.clock,
                                   &w->ports.keys};
    w->sealer = sealer_new(&sealing);
    w->calling = (struct call_service){w, begin_call, cancel_call};
    struct mcp_options options = {.catalog = catalog_service(w->catalog),
                                  .calls = &w->calling,
                                  .changes = changes_service(w->changes),
                                  .clock = &w->ports.clock,
                                  .timer = &w->ports.timer,
                                  .executor = &w->ports.executor,
                                  .random = &w->ports.randomness,
                                  .sealer = w->sealer,
                                  .server_name = STR("h"),
                                  .server_version = STR("1"),
                                  .page_size = 10,
                                  .max_in_flight = 8,
                                  .max_held_bytes = 1 << 20,
                                  .input_timeout_ms = 60000};
    assert(mcp_new(&options, &w->mcp, &err) == ST_OK);
    struct mcp_http_options http = {.path = STR("/mcp"),
                                    .max_sessions = 3,
                                    .session_idle_ms = 60000,
                                    .replay_bytes = 1000,
                                    .poll_after_ms = 100,
                                    .retry_ms = 10};
    assert(mcp_http_new(w->mcp, &http, &w->http, &err) == ST_OK);
}

static void close_world(struct world *w)
{
    clear_headers(w);
    for (size_t i = 0; i < CONNECTIONS; i++)
        disconnect(w, i);
    mcp_http_free(w->http);
    while (w->ports.job_count)
        run_job(w);
    for (size_t i = 0; i < w->call_count; i++)
        assert(!w->calls[i].running && !w->calls[i].held);
    mcp_free(w->mcp);
    catalog_free(w->catalog);
    registry_free(w->registry);
    changes_free(w->changes);
    sealer_free(w->sealer);
    ports_close(&w->ports);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world = calloc(1, sizeof(*world));
    assert(world);
    open_world(world);
    run(world, (struct str){(const char *)data, size});
    close_world(world);
    free(world);
    return 0;
}
