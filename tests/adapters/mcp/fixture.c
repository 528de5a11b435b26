#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "core/task/task.h"
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

/* ---- catalogue --------------------------------------------------------------------------- */

static bool is_same_for_all(void *ctx, enum item_kind kind)
{
    struct world *w = ctx;
    const struct catalog_service *real = catalog_service(w->catalog);
    return real->is_same_for_all(real->ctx, kind);
}

static const struct item *counting_next(void *ctx, const struct call_context *context,
                                        enum item_kind kind, uint64_t after)
{
    struct world *w = ctx;
    const struct catalog_service *real = catalog_service(w->catalog);
    assert_true(str_eq(context->caller->id, w->caller->id));
    w->listed++;
    return real->next(real->ctx, context, kind, after);
}

static const struct item *counting_reach(void *ctx, const struct call_context *context,
                                         enum item_kind kind, uint64_t after)
{
    const struct catalog_service *real = catalog_service(((struct world *)ctx)->catalog);
    return real->reach(real->ctx, context, kind, after);
}

static const struct item *counting_find(void *ctx, const struct call_context *context,
                                        enum item_kind kind, struct str name)
{
    const struct catalog_service *real = catalog_service(((struct world *)ctx)->catalog);
    return real->find(real->ctx, context, kind, name);
}

static int counting_check(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err)
{
    const struct catalog_service *real = catalog_service(((struct world *)ctx)->catalog);
    return real->check_resource(real->ctx, context, uri, err);
}

static uint64_t counting_generation(void *ctx, enum item_kind kind)
{
    const struct catalog_service *real = catalog_service(((struct world *)ctx)->catalog);
    return real->generation(real->ctx, kind);
}

static void publish(struct world *w, enum item_kind kind, const char *name, const char *definition,
                    struct item run)
{
    const struct publisher *publisher = catalog_publisher(w->catalog);
    char *json = quoted(definition);
    struct error err;
    struct str public;
    struct item item = {.kind = kind,
                        .local_name = str_from(name),
                        .plugin_id = STR("plug.in"),
                        .json = str_from(json),
                        .timeout_ms = 30000,
                        .task_support = run.task_support,
                        .task_after_input = run.task_after_input};
    if (publisher->publish(publisher->ctx, &item, &public, &err))
        fail_msg("%s", err.text);
    free(json);
}

void add_item(struct world *w, enum item_kind kind, const char *name, const char *definition)
{
    publish(w, kind, name, definition, (struct item){0});
}

void add_task_tool(struct world *w, const char *name, enum task_support support)
{
    publish(w, ITEM_TOOL, name, "{'name':'x','inputSchema':{'type':'object'}}",
            (struct item){.task_support = support});
    pass(w, CHANGES_GATHER_MS);
}

void add_asking_task_tool(struct world *w, const char *name)
{
    publish(w, ITEM_TOOL, name, "{'name':'x','inputSchema':{'type':'object'}}",
            (struct item){.task_support = TASK_REQUIRED, .task_after_input = true});
    pass(w, CHANGES_GATHER_MS);
}

void add_tool(struct world *w, const char *name, const char *definition)
{
    add_item(w, ITEM_TOOL, name, definition);
}

void remove_item(struct world *w, enum item_kind kind, const char *name)
{
    const struct publisher *publisher = catalog_publisher(w->catalog);
    struct error err;
    if (publisher->withdraw(publisher->ctx, 0, kind, str_from(name), &err))
        fail_msg("%s", err.text);
}

void remove_all(struct world *w, enum item_kind kind)
{
    const struct item *item;
    char name[200];
    while ((item = registry_next(w->registry, kind, 0))) {
        keep(name, sizeof(name), item->local_name);
        remove_item(w, kind, name);
    }
}

/* ---- call service ------------------------------------------------------------------------ */

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

static int fake_call(void *ctx, const struct call_request *call, uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    enum item_kind kind = call->action == ACTION_CALL ? ITEM_TOOL : call->action == ACTION_RENDER ? ITEM_PROMPT : call->action == ACTION_READ ? ITEM_RESOURCE : call->of;
    if (!counting_find(ctx, &call->context, kind, call->target))
        return error_set(err, ST_NOT_FOUND, "there is no such thing as \"%.*s\"",
                         STR_ARG(call->target));
    if (w->refuses)
        return error_set(err, w->refuses, "the core is out of order");
    assert_true(w->call_count < MAX_CALLS);
    struct fake_call *made = &w->calls[w->call_count++];
    *made = (struct fake_call){.call = *call, .id = w->call_count};
    keep(made->target, sizeof(made->target), call->target);
    keep(made->argument, sizeof(made->argument), call->argument);
    keep(made->value, sizeof(made->value), call->value);
    keep(made->state, sizeof(made->state), call->state);
    keep(made->answers, sizeof(made->answers), call->answers);
    keep(made->traceparent, sizeof(made->traceparent), call->context.traceparent);
    keep(made->tracestate, sizeof(made->tracestate), call->context.tracestate);
    if (call->context.meta.len < sizeof(made->meta))
        keep(made->meta, sizeof(made->meta), call->context.meta);
    const struct client_roots *roots = &call->context.roots;
    keep(made->roots, sizeof(made->roots),
         roots->state == ROOTS_NONE      ? STR("none")
         : roots->state == ROOTS_UNKNOWN ? STR("unknown")
                                         : roots->list);
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
    for (size_t i = 0; w->ends_when_cancelled && i < w->call_count; i++)
        if (!w->calls[i].done)
            end_with(w, &w->calls[i], CALL_RESULT, GOOD);
}

void finish(struct world *w, size_t index, enum call_end end, const char *result)
{
    end_with(w, &w->calls[index], end, result);
}

void fail_call_with(struct world *w, size_t index, int code, const char *text)
{
    struct error err;
    error_set(&err, code, "%s", text);
    struct call_outcome outcome = {.end = CALL_FAILED, .error = &err};
    end_call(w, &w->calls[index], &outcome);
}

void fail_call(struct world *w, size_t index, const char *text)
{
    fail_call_with(w, index, ST_TIMEOUT, text);
}

void progress(struct world *w, size_t index, double done, double total, const char *message)
{
    struct call_request *call = &w->calls[index].call;
    call->observer->progress(call->user, done, total, str_from(message));
}

void log_line(struct world *w, size_t index, enum log_level level, const char *text)
{
    struct call_request *call = &w->calls[index].call;
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

static struct timer *fake_timer_create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    struct timer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return NULL;
    *timer = (struct timer){.fire = fire, .arg = arg, .next = w->timers};
    return w->timers = timer;
}

static void fake_timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    struct world *w = ctx;
    timer->due_ns = w->now_ns + delay_ms * MS;
}

static void fake_timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->due_ns = 0;
}

static void fake_timer_free(void *ctx, struct timer *timer)
{
    struct world *w = ctx;
    struct timer **at = &w->timers;
    while (timer && *at != timer)
        at = &(*at)->next;
    if (timer)
        *at = timer->next;
    free(timer);
}

static struct timer *first_due(struct world *w, uint64_t until_ns)
{
    struct timer *first = NULL;
    for (struct timer *at = w->timers; at; at = at->next)
        if (at->due_ns && at->due_ns <= until_ns && (!first || at->due_ns < first->due_ns))
            first = at;
    return first;
}

void pass(struct world *w, uint64_t ms)
{
    uint64_t until = w->now_ns + ms * MS;
    struct timer *timer;
    while ((timer = first_due(w, until))) {
        w->now_ns = timer->due_ns;
        timer->due_ns = 0;
        timer->fire(timer->arg);
    }
    w->now_ns = until;
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

static bool fake_send(void *ctx, const struct message_about *about, struct str message)
{
    enum message_kind kind = about->kind;
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
    begin_session_with(w, revision, "");
}

void begin_session_with(struct world *w, const char *revision, const char *capabilities)
{
    char text[600];
    snprintf(text, sizeof(text),
             "{'jsonrpc':'2.0','id':'init','method':'initialize','params':{'protocolVersion':'%s',"
             "'capabilities':{%s},'clientInfo':{'name':'test','version':'0'}}}", revision, capabilities);
    give(w, text);
    assert_int_equal(w->sent_count, w->read + 1);
    assert_non_null(strstr(w->sent[w->read], revision));
    w->read++;
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/initialized'}");
}

/* ---- the world --------------------------------------------------------------------------- */

static struct clock_port clock_fake;
static struct executor_port executor_fake;
static struct timer_port timer_fake;
static struct random_port random_fake;
static struct log_port log_fake;
static struct crypto_module *crypto; /* once for the program */
const struct caller caller_fake = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};

static void open_end(struct world *w)
{
    struct error err;
    struct message_sink sink = {.ctx = w, .send = fake_send, .resume = fake_resume,
                                .wire = STR("test")};
    const struct endpoint_factory *factory = mcp_endpoints(w->mcp);
    assert_int_equal(factory->open(factory->ctx, w->caller, &sink, &w->end, &err), 0);
    w->closed = false;
}

static void open_adapter(struct world *w)
{
    struct error err;
    assert_int_equal(mcp_new(&w->options, &w->mcp, &err), 0);
    open_end(w);
}

static int fake_random(void *ctx, void *out, size_t len, struct error *err)
{
    struct world *w = ctx;
    (void)err;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(w->random++ * 37 >> 2);
    return ST_OK;
}

static int fake_key(void *ctx, struct seal_key *out, struct error *err)
{
    if (((struct world *)ctx)->no_keys)
        return error_set(err, ST_CONFIG, "/a/path/seal-keys is broken");
    *out = (struct seal_key){.id = 7, .bytes = {1, 2, 3}};
    return ST_OK;
}

static bool fake_find_key(void *ctx, uint32_t id, struct seal_key *out)
{
    return id == 7 && !((struct world *)ctx)->no_keys && fake_key(ctx, out, NULL) == ST_OK;
}

static void fake_log(void *ctx, enum log_level level, struct str source, struct str text)
{
    struct world *w = ctx;
    assert_int_equal(level, LOG_LEVEL_ERROR);
    assert_true(str_eq(source, STR("hexmcp")));
    keep(w->logged, sizeof(w->logged), text);
}

static void open_sealer(struct world *w)
{
    static struct seal_keys_port keys;
    keys = (struct seal_keys_port){w, fake_key, fake_find_key};
    struct error err;
    random_fake = (struct random_port){w, fake_random};
    log_fake = (struct log_port){w, fake_log};
    if (!crypto)
        assert_int_equal(crypto_module_new(TEST_MODULES_DIR, &crypto, &err), ST_OK);
    w->sealing = (struct sealer_parts){
        crypto_module_port(crypto), &random_fake, &clock_fake, &keys};
    w->sealer = sealer_new(&w->sealing);
    assert_non_null(w->sealer);
}

static void open_tasks(struct world *w)
{
    struct error err;
    w->task_store = task_store_memory_new();
    struct task_parts parts = {.calls = &w->calling,
                               .store = task_store_memory_port(w->task_store),
                               .clock = &clock_fake,
                               .timer = &timer_fake,
                               .random = &random_fake,
                               .changes = w->changes,
                               .limits = task_limits_default()};
    assert_int_equal(tasks_new(&parts, &w->tasks, &err), ST_OK);
}

static void open_catalogue(struct world *w)
{
    struct error err;
    w->registry = registry_new();
    assert_int_equal(changes_new(&timer_fake, &w->changes, &err), ST_OK);
    struct catalog_parts parts = {.registry = w->registry, .changes = w->changes};
    w->catalog = catalog_new(&parts);
    w->listing =
        (struct catalog_service){w, counting_generation, is_same_for_all, counting_next,
                                 counting_reach, counting_find, counting_check};
    w->calling = (struct call_service){w, fake_call, fake_cancel};
}

static void close_catalogue(struct world *w)
{
    catalog_free(w->catalog);
    registry_free(w->registry);
    changes_free(w->changes);
    assert_null(w->timers);
}

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    w->now_ns = 5000 * (uint64_t)MS;
    w->wall_ms = 1700000000000;
    timer_fake = (struct timer_port){w, fake_timer_create, fake_timer_set, fake_timer_stop,
                                     fake_timer_free};
    open_catalogue(w);
    open_sealer(w);
    open_tasks(w);
    clock_fake = (struct clock_port){w, fake_now, fake_wall};
    executor_fake = (struct executor_port){w, fake_submit};
    w->caller = &caller_fake;
    w->options = (struct mcp_options){
        .catalog = &w->listing,
        .calls = &w->calling,
        .changes = changes_service(w->changes),
        .tasks = tasks_service(w->tasks),
        .timer = &timer_fake,
        .clock = &clock_fake,
        .executor = &executor_fake,
        .log = &log_fake,
                               .random = &random_fake,
        .sealer = w->sealer,
        .max_held_bytes = 1 << 20,
        .input_timeout_ms = 60000,
        .server_name = STR("hexmcp"),
        .server_title = STR("Hex"),
        .server_version = STR("9.9"),
        .page_size = 3,
        .max_in_flight = 4,
    };
    add_tool(w, "echo", "{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}}");
    pass(w, CHANGES_GATHER_MS);
    open_adapter(w);
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
    open_adapter(w);
}

void change_caller(struct world *w, const struct caller *caller)
{
    close_end(w);
    w->caller = caller;
    open_end(w);
}

int world_teardown(void **state)
{
    struct world *w = *state;
    close_end(w);
    run_jobs(w);
    tasks_shutdown(w->tasks);
    for (size_t i = 0; i < w->call_count; i++) {
        assert_int_equal(w->calls[i].done, 1);
        assert_int_equal(w->calls[i].released, 1);
    }
    mcp_free(w->mcp);
    tasks_free(w->tasks);
    task_store_memory_free(w->task_store);
    close_catalogue(w);
    sealer_free(w->sealer);
    for (size_t i = 0; i < w->sent_count; i++)
        free(w->sent[i]);
    free(w);
    return 0;
}
