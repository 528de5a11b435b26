#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"

/* `text` with ' turned into "; the caller frees it. */
static char *quoted(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

static void keep(char *to, size_t size, struct str text)
{
    assert_true(text.len < size);
    if (text.len)
        memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
}

/* ---- tool service ------------------------------------------------------------------------ */

static uint64_t fake_generation(void *ctx)
{
    return ((struct world *)ctx)->generation;
}

static const struct tool_definition *fake_at(void *ctx, const struct call_context *context,
                                             size_t index)
{
    struct world *w = ctx;
    assert_ptr_equal(context->caller, w->options.caller);
    w->listed++;
    return index < w->tool_count ? &w->tools[index] : NULL;
}

static const struct tool_definition *fake_find(void *ctx, const struct call_context *context,
                                               struct str name)
{
    struct world *w = ctx;
    (void)context;
    for (size_t i = 0; i < w->tool_count; i++)
        if (str_eq(w->tools[i].name, name))
            return &w->tools[i];
    return NULL;
}

static void end_call(struct world *w, struct fake_call *call, const struct call_outcome *outcome)
{
    assert_int_equal(call->done++, 0);
    call->call.observer->done(call->call.user, outcome);
    if (!w->keeps_arguments)
        release(w, (size_t)(call - w->calls));
}

static void end_with(struct world *w, struct fake_call *call, enum call_end end, const char *result)
{
    struct json_doc *doc;
    char *text = quoted(result);
    assert_int_equal(json_parse(str_from(text), &doc, NULL), 0);
    struct call_outcome outcome = {.end = end, .result = json_root(doc)};
    end_call(w, call, &outcome);
    json_free(doc);
    free(text);
}

static int fake_call(void *ctx, const struct tool_call *call, uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    if (!fake_find(ctx, &call->context, call->tool))
        return error_set(err, ST_NOT_FOUND, "no such tool");
    if (w->refuses)
        return error_set(err, w->refuses, "the core is out of order");
    assert_true(w->call_count < MAX_CALLS);
    struct fake_call *made = &w->calls[w->call_count++];
    *made = (struct fake_call){.call = *call, .id = w->call_count};
    keep(made->tool, sizeof(made->tool), call->tool);
    keep(made->traceparent, sizeof(made->traceparent), call->context.traceparent);
    keep(made->tracestate, sizeof(made->tracestate), call->context.tracestate);
    if (json_text(call->arguments).len < sizeof(made->arguments))
        keep(made->arguments, sizeof(made->arguments), json_text(call->arguments));
    *id = w->at_once ? 0 : made->id;
    if (w->at_once)
        end_with(w, made, CALL_RESULT, w->at_once);
    return ST_OK;
}

static void fake_cancel(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    assert_in_range(id, 1, w->call_count);
    struct fake_call *call = &w->calls[id - 1];
    struct call_outcome outcome = {.end = CALL_CANCELLED};
    call->cancelled++;
    if (w->speaks_when_cancelled) {
        progress(w, (size_t)id - 1, 1, 2, "last words");
        log_line(w, (size_t)id - 1, LOG_LEVEL_EMERGENCY, "last words");
    }
    end_call(w, call, &outcome);
}

void add_tool(struct world *w, const char *name, const char *definition)
{
    struct tool_definition *tool = &w->tools[w->tool_count++];
    snprintf(w->names[w->tool_count - 1], sizeof(w->names[0]), "%s", name);
    *tool = (struct tool_definition){.name = str_from(w->names[w->tool_count - 1]),
                                     .json = str_from(definition)};
    w->generation++;
}

void finish(struct world *w, size_t index, enum call_end end, const char *result)
{
    end_with(w, &w->calls[index], end, result);
}

void fail_call(struct world *w, size_t index, const char *text)
{
    struct error err;
    error_set(&err, ST_TIMEOUT, "%s", text);
    struct call_outcome outcome = {.end = CALL_FAILED, .error = &err};
    end_call(w, &w->calls[index], &outcome);
}

void progress(struct world *w, size_t index, double done, double total, const char *message)
{
    struct tool_call *call = &w->calls[index].call;
    call->observer->progress(call->user, done, total, str_from(message));
}

void log_line(struct world *w, size_t index, enum log_level level, const char *text)
{
    struct tool_call *call = &w->calls[index].call;
    call->observer->log(call->user, level, STR("plug.in"), str_from(text));
}

void release(struct world *w, size_t index)
{
    struct fake_call *call = &w->calls[index];
    assert_int_equal(call->released++, 0);
    call->call.release(call->call.hold);
}

/* ---- clock, executor, log ---------------------------------------------------------------- */

static uint64_t fake_now(void *ctx)
{
    return ((struct world *)ctx)->now_ns;
}

static int64_t fake_wall(void *ctx)
{
    return ((struct world *)ctx)->wall_ms;
}

static int fake_submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                       struct error *err)
{
    struct world *w = ctx;
    if (w->executor_full)
        return error_set(err, ST_BUSY, "all workers are busy");
    assert_true(w->job_count < 8);
    w->jobs[w->job_count++] = (struct job){work, done, arg};
    return ST_OK;
}

void run_jobs(struct world *w)
{
    size_t count = w->job_count;
    w->job_count = 0;
    for (size_t i = 0; i < count; i++) {
        w->jobs[i].work(w->jobs[i].arg);
        w->jobs[i].done(w->jobs[i].arg);
    }
}

/* ---- the wire ---------------------------------------------------------------------------- */

static bool fake_send(void *ctx, enum message_kind kind, struct str message)
{
    struct world *w = ctx;
    struct json_doc *doc;
    struct error err;
    assert_false(w->closed);
    assert_true(w->sent_count < MAX_SENT);
    assert_null(memchr(message.ptr, '\n', message.len));
    if (json_parse(message, &doc, &err))
        fail_msg("no JSON: %s in %.*s", err.text, STR_ARG(message));
    json_free(doc);
    if (kind == MESSAGE_NOTIFICATION && w->client_is_slow)
        return false;
    w->kinds[w->sent_count] = kind;
    w->sent[w->sent_count++] = strndup(message.ptr, message.len);
    return true;
}

static void fake_resume(void *ctx)
{
    ((struct world *)ctx)->resumed++;
}

enum receive_result give_bytes(struct world *w, const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return w->end.receive(w->end.ctx, copy, len);
}

void give(struct world *w, const char *message)
{
    char *text = quoted(message);
    assert_int_equal(give_bytes(w, text, strlen(text)), RECEIVE_GO_ON);
    free(text);
}

void expect(struct world *w, const char *message)
{
    char *text = quoted(message);
    if (w->read == w->sent_count)
        fail_msg("nothing was sent, expected %s", text);
    assert_string_equal(w->sent[w->read], text);
    bool notification = strstr(text, "\"method\":\"notifications/") != NULL;
    assert_int_equal(w->kinds[w->read], notification ? MESSAGE_NOTIFICATION : MESSAGE_ANSWER);
    w->read++;
    free(text);
}

void expect_nothing(struct world *w)
{
    if (w->read != w->sent_count)
        fail_msg("unexpected: %s", w->sent[w->read]);
}

void ask(struct world *w, const char *message, const char *answer)
{
    give(w, message);
    expect(w, answer);
    expect_nothing(w);
}

void ask_nothing(struct world *w, const char *message)
{
    give(w, message);
    expect_nothing(w);
}

void begin_session(struct world *w, const char *revision)
{
    char text[400];
    snprintf(text, sizeof(text),
             "{'jsonrpc':'2.0','id':'init','method':'initialize','params':{'protocolVersion':'%s',"
             "'capabilities':{},'clientInfo':{'name':'test','version':'0'}}}", revision);
    give(w, text);
    assert_int_equal(w->sent_count, w->read + 1);
    assert_non_null(strstr(w->sent[w->read], revision));
    w->read++;
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/initialized'}");
}

/* ---- the world --------------------------------------------------------------------------- */

static struct tool_service tools_fake;
static struct clock_port clock_fake;
static struct executor_port executor_fake;
static const struct caller caller_fake = {STR_INIT("stdio"), STR_INIT("local")};

static void open_end(struct world *w)
{
    struct error err;
    struct message_sink sink = {.ctx = w, .send = fake_send, .resume = fake_resume};
    assert_int_equal(mcp_new(&w->options, &w->mcp, &err), 0);
    const struct endpoint_factory *factory = mcp_endpoints(w->mcp);
    assert_int_equal(factory->open(factory->ctx, &sink, &w->end, &err), 0);
    w->closed = false;
}

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    w->generation = 1;
    w->now_ns = 5000 * (uint64_t)MS;
    w->wall_ms = 1700000000000;
    tools_fake = (struct tool_service){w,         fake_generation, fake_at,
                                       fake_find, fake_call,       fake_cancel};
    clock_fake = (struct clock_port){w, fake_now, fake_wall};
    executor_fake = (struct executor_port){w, fake_submit};
    w->options = (struct mcp_options){
        .tools = &tools_fake,
        .clock = &clock_fake,
        .executor = &executor_fake,
        .caller = &caller_fake,
        .server_name = STR("hexmcp"),
        .server_title = STR("Hex"),
        .server_version = STR("9.9"),
        .page_size = 3,
        .max_in_flight = 4,
    };
    add_tool(w, "echo", "{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}}");
    open_end(w);
    *state = w;
    return 0;
}

void close_end(struct world *w)
{
    size_t sent = w->sent_count;
    if (!w->closed)
        w->end.close(w->end.ctx);
    w->closed = true;
    assert_int_equal(w->sent_count, sent);
}

void reopen(struct world *w)
{
    close_end(w);
    mcp_free(w->mcp);
    open_end(w);
}

int world_teardown(void **state)
{
    struct world *w = *state;
    close_end(w);
    run_jobs(w);
    for (size_t i = 0; i < w->call_count; i++) {
        assert_int_equal(w->calls[i].done, 1);
        assert_int_equal(w->calls[i].released, 1);
    }
    mcp_free(w->mcp);
    for (size_t i = 0; i < w->sent_count; i++)
        free(w->sent[i]);
    free(w);
    return 0;
}
