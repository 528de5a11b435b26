/*
 * A hostile client and hostile plugins, with the whole core between them: the protocol adapter over
 * the real registry, catalogue, dispatcher, tasks and sealer. Only the driven ports are faked
 * (methods/). Each line of the input is a message of the client, or, if it begins with one of the
 * bytes below, something else that happens. In a message "$" and a letter stand for a text that the
 * fuzzer would not find by itself, see expand().
 *
 * Holds: the rules of the ledger (tests/adapters/mcp/ledger.h); each call ends and is released once;
 * a plugin's state comes back to it at most once; timers and memory are all given back.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driving/mcp/mcp.h"
#include "core/call/dispatcher.h"
#include "core/catalog/catalog.h"
#include "core/json/json.h"
#include "core/task/task.h"
#include "tests/adapters/mcp/ledger.h"
#include "tests/fuzz/methods/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LARGE_BYTES ((size_t)64 * 1024) /* messages above it are parsed on a worker */
#define INPUT_TIMEOUT_MS 60000u

enum event {
    EVENT_LARGE = 1,     /* the rest is a message with 64 KiB of blanks in front            */
    EVENT_FINISH_OLDEST, /* a running call ends                                             */
    EVENT_FINISH_NEWEST,
    EVENT_REPORT, /* the newest running call makes progress (the next byte) and logs        */
    EVENT_REJECT,
    EVENT_SHUTDOWN,
    EVENT_TIME_PASSES, /* the next byte: how long                                           */
    EVENT_TOGGLE,      /* the next byte: which item is published or withdrawn               */
    EVENT_UPDATE = 11, /* the resource of which the rest is the URI has changed             */
    EVENT_ELICITED,    /* the rest is the id of an elicitation by URL that is complete      */
    EVENT_SLOW = 14,   /* the client takes no notifications any more, or takes them again   */
    EVENT_RESULT,      /* the rest is the result of the oldest open request of the server   */
    EVENT_ERROR,       /* the same with an error                                            */
    EVENT_JOB,         /* a worker is done                                                  */
};

/* Texts that the server sent last, and the ones before them. */
enum seen { SEEN_STATE, SEEN_TASK, SEEN_CURSOR, SEEN_ELICITATION, SEEN_KINDS };

struct world {
    struct ports ports;
    struct plugins plugins;
    struct watch watch;
    struct registry *registry;
    struct changes *changes;
    struct catalog *catalog;
    struct dispatcher *dispatcher;
    struct task_store_memory *store;
    struct tasks *tasks;
    struct sealer *sealer;
    struct mcp *mcp;
    struct message_endpoint end;
    struct ledger *ledger;
    char *seen[SEEN_KINDS][2];
    bool paused;
    bool slow;
    bool shut_down;
    bool closed;
};

/* ---- the wire ------------------------------------------------------------------------------ */

static void fault(void *user, const char *rule, struct str message)
{
    (void)user;
    fprintf(stderr, "broken: %s\n%.*s\n", rule, STR_ARG(message));
    abort();
}

static void see(struct world *w, enum seen kind, struct json value)
{
    struct str text;
    if (!json_plain(value, &text))
        return;
    free(w->seen[kind][1]);
    w->seen[kind][1] = w->seen[kind][0];
    w->seen[kind][0] = strndup(text.ptr, text.len);
}

/* To read each message once more would take a quarter of the time. */
static bool may_be_worth_keeping(struct str message)
{
    static const char *const names[] = {"\"requestState\"", "\"taskId\"", "\"nextCursor\"",
                                        "\"elicitationId\""};
    bool found = false;
    for (size_t i = 0; i < SEEN_KINDS; i++)
        found |= memmem(message.ptr, message.len, names[i], strlen(names[i])) != NULL;
    return found;
}

static void see_all(struct world *w, struct str message)
{
    struct json_doc *doc;
    if (!may_be_worth_keeping(message) || json_parse(message, &doc, NULL))
        return;
    struct json result = json_get(json_root(doc), STR("result"));
    struct json params = json_get(json_root(doc), STR("params"));
    see(w, SEEN_STATE, json_get(result, STR("requestState")));
    see(w, SEEN_TASK, json_get(result, STR("taskId")));
    see(w, SEEN_TASK, json_get(json_get(result, STR("task")), STR("taskId")));
    see(w, SEEN_CURSOR, json_get(result, STR("nextCursor")));
    see(w, SEEN_ELICITATION, json_get(params, STR("elicitationId")));
    json_free(doc);
}

static bool wire_send(void *ctx, const struct message_about *about, struct str message)
{
    enum message_kind kind = about->kind;
    struct world *w = ctx;
    bool taken = kind == MESSAGE_ANSWER || !w->slow;
    assert(!w->closed);
    ledger_sent(w->ledger, kind, message, taken);
    see_all(w, message);
    return taken;
}

static void wire_resume(void *ctx)
{
    struct world *w = ctx;
    assert(w->paused);
    w->paused = false;
}

/* ---- messages ------------------------------------------------------------------------------ */

#define MODERN                                                                                     \
    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                  \
    "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{},\"url\":{}},"    \
    "\"sampling\":{\"tools\":{}},\"roots\":{},"                                                    \
    "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}"
#define INITIALIZE                                                                                 \
    "\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":"   \
    "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{\"tools\":{}},\"roots\":{}},"         \
    "\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}"

static struct str meaning(const struct world *w, char letter)
{
    static const char seen[] = "STCE", before[] = "stce";
    const char *at;
    if (letter && (at = strchr(seen, letter)))
        return w->seen[at - seen][0] ? str_from(w->seen[at - seen][0]) : STR("none");
    if (letter && (at = strchr(before, letter)))
        return w->seen[at - before][1] ? str_from(w->seen[at - before][1]) : STR("none");
    switch (letter) {
    case 'J':
        return STR("\"jsonrpc\":\"2.0\",\"id\"");
    case 'N':
        return STR("\"jsonrpc\":\"2.0\",\"method\"");
    case 'I':
        return STR(INITIALIZE);
    case 'M':
        return STR(MODERN);
    case 'L':
        return STR("\"io.modelcontextprotocol/logLevel\":\"debug\"");
    default:
        return STR("$");
    }
}

/* $S requestState, $T taskId, $C cursor, $E elicitationId that came last, small letters for those
 * before them; $J and $N begin a request and a notification, $I begins a session, $M is a modern
 * client with all abilities and $L its wish for logs. */
static void expand(const struct world *w, struct str line, struct buffer *out)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '$' && i + 1 < line.len)
            buffer_add_str(out, meaning(w, line.ptr[++i]));
        else
            buffer_add_char(out, line.ptr[i]);
    }
}

static void run_job(struct world *w)
{
    struct job job = ports_take_job(&w->ports);
    if (job.message.ptr && !w->closed && !w->shut_down)
        ledger_given(w->ledger, job.message);
    free((char *)(uintptr_t)job.message.ptr);
    job.work(job.arg);
    job.done(job.arg);
}

static struct str copied(const struct buffer *text, size_t padding)
{
    char *copy = malloc(padding + text->len + 1);
    memset(copy, ' ', padding);
    if (text->len)
        memcpy(copy + padding, text->data, text->len);
    return (struct str){copy, padding + text->len};
}

static void receive(struct world *w, const struct buffer *text, size_t padding)
{
    struct ports *p = &w->ports;
    struct str copy = copied(text, padding);
    bool later = copy.len > LARGE_BYTES && p->job_count < MAX_JOBS && !w->shut_down;
    if (!later && !w->shut_down)
        ledger_given(w->ledger, buffer_str(text));
    w->paused = w->end.receive(w->end.ctx, (char *)(uintptr_t)copy.ptr, copy.len) == RECEIVE_PAUSE;
    assert(w->paused == later);
    if (w->paused)
        p->jobs[p->job_count - 1].message = copied(text, 0);
}

static void give(struct world *w, struct str line, size_t padding)
{
    struct buffer text = BUFFER_INIT;
    while (w->paused && w->ports.job_count)
        run_job(w);
    expand(w, line, &text);
    receive(w, &text, padding);
    buffer_clear(&text);
}

static void respond(struct world *w, const char *member, struct str value)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_str(&text, STR("{\"jsonrpc\":\"2.0\",\"id\":"));
    buffer_add_str(&text, ledger_open_request(w->ledger));
    buffer_add_str(&text, STR(",\""));
    buffer_add_str(&text, str_from(member));
    buffer_add_str(&text, STR("\":"));
    buffer_add_str(&text, value);
    buffer_add_char(&text, '}');
    if (ledger_open_request(w->ledger).len)
        give(w, buffer_str(&text), 0);
    buffer_clear(&text);
}

/* ---- what happens -------------------------------------------------------------------------- */

static void shut_down(struct world *w)
{
    w->end.shutdown(w->end.ctx);
    w->shut_down = true;
    w->paused = false;
    assert(w->end.pending(w->end.ctx) == 0);
}

static void happen(struct world *w, enum event event, struct str rest)
{
    static const struct error too_long = {.code = ST_TOO_LARGE, .text = "a line is too long"};
    unsigned char number = rest.len ? (unsigned char)rest.ptr[0] : 0;
    const struct publisher *publisher = w->plugins.publisher;
    switch (event) {
    case EVENT_FINISH_OLDEST:
    case EVENT_FINISH_NEWEST:
        plugins_finish(&w->plugins, event == EVENT_FINISH_NEWEST);
        break;
    case EVENT_REPORT:
        plugins_report(&w->plugins, number / 128.0, (enum log_level)(number % 8));
        break;
    case EVENT_REJECT:
        w->end.reject(w->end.ctx, &too_long);
        break;
    case EVENT_SHUTDOWN:
        if (!w->shut_down)
            shut_down(w);
        break;
    case EVENT_TIME_PASSES:
        ports_pass(&w->ports, UINT64_C(1) << number % 28);
        break;
    case EVENT_TOGGLE:
        plugins_toggle(&w->plugins, number);
        break;
    case EVENT_UPDATE:
        publisher->resource_updated(publisher->ctx, 1, rest);
        break;
    case EVENT_ELICITED:
        publisher->elicitation_complete(publisher->ctx, 1, rest);
        break;
    case EVENT_SLOW:
        w->slow = !w->slow;
        break;
    case EVENT_JOB:
        if (w->ports.job_count)
            run_job(w);
        break;
    default:
        break;
    }
}

static void take_line(struct world *w, struct str line)
{
    unsigned char first = line.len ? (unsigned char)line.ptr[0] : 0;
    struct str rest = {line.ptr + 1, line.len ? line.len - 1 : 0};
    if (first == EVENT_LARGE)
        give(w, rest, LARGE_BYTES + 1);
    else if (first == EVENT_RESULT || first == EVENT_ERROR)
        respond(w, first == EVENT_RESULT ? "result" : "error", rest);
    else if (first >= ' ' || first == 0)
        give(w, line, 0);
    else
        happen(w, (enum event)first, rest);
    plugins_work(&w->plugins);
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

/* ---- the world ----------------------------------------------------------------------------- */

static void open_core(struct world *w)
{
    struct error err;
    struct ports *p = &w->ports;
    struct catalog_parts catalog;
    ports_open(p);
    plugins_open(&w->plugins);
    w->registry = registry_new();
    assert(changes_new(&p->timer, &w->changes, &err) == ST_OK);
    catalog = (struct catalog_parts){.registry = w->registry, .changes = w->changes};
    w->catalog = catalog_new(&catalog);
    static const struct path_grant folder = {STR_INIT("/a"), STR_INIT("/a"), STR_INIT(""), true};
    static const struct path_grants grants = {&folder, 1, false, false, 0};
    struct dispatcher_parts dispatcher = {
        .policy = {.paths = &grants}, .registry = w->registry, .runtime = &w->plugins.runtime, .clock = &p->clock,
        .timer = &p->timer, .executor = &p->executor, .regex = &p->regex};
    assert(dispatcher_new(&dispatcher, &w->dispatcher, &err) == ST_OK);
    watch_open(&w->watch, dispatcher_service(w->dispatcher));
    w->store = task_store_memory_new();
    struct task_parts tasks = {
        .calls = &w->watch.service, .store = task_store_memory_port(w->store), .clock = &p->clock,
        .timer = &p->timer, .random = &p->randomness, .changes = w->changes,
        .limits = {.per_owner = 5, .default_ttl_ms = 60000, .max_ttl_ms = 3600000, .poll_ms = 10,
                   .result_bytes = 32768}};
    assert(tasks_new(&tasks, &w->tasks, &err) == ST_OK);
    struct sealer_parts sealing = {&p->crypto, &p->randomness, &p->clock, &p->keys};
    w->sealer = sealer_new(&sealing);
    plugins_publish(&w->plugins, catalog_publisher(w->catalog));
}

static void open_adapter(struct world *w)
{
    static const struct caller caller = {.id = STR_INIT("fuzz"), .tenant = STR_INIT("local")};
    struct ports *p = &w->ports;
    struct error err;
    struct message_sink sink = {.ctx = w, .send = wire_send, .resume = wire_resume};
    struct mcp_options options = {
        .catalog = catalog_service(w->catalog), .calls = &w->watch.service,
        .changes = changes_service(w->changes), .tasks = tasks_service(w->tasks),
        .clock = &p->clock, .timer = &p->timer, .executor = &p->executor,
        .random = &p->randomness, .sealer = w->sealer,
        .server_name = STR("fuzz"), .server_version = STR("1"), .page_size = 3,
        .max_in_flight = 8,
        .max_held_bytes = 1 << 20, .input_timeout_ms = INPUT_TIMEOUT_MS,
        .narrow_by_roots = true};
    w->ledger = ledger_new(fault, NULL);
    assert(mcp_new(&options, &w->mcp, &err) == ST_OK);
    const struct endpoint_factory *factory = mcp_endpoints(w->mcp);
    assert(factory->open(factory->ctx, &caller, &sink, &w->end, &err) == ST_OK);
}

static void close_connection(struct world *w, bool politely)
{
    if (politely && !w->shut_down)
        shut_down(w);
    if (politely)
        ledger_end(w->ledger);
    w->end.close(w->end.ctx);
    w->closed = true;
}

static void end_calls(struct world *w)
{
    tasks_shutdown(w->tasks);
    while (plugins_finish(&w->plugins, false) || w->ports.job_count)
        while (w->ports.job_count)
            run_job(w);
    assert(w->watch.open == 0);
    assert(dispatcher_live(w->dispatcher) == 0);
}

static void close_world(struct world *w)
{
    mcp_free(w->mcp);
    ledger_free(w->ledger);
    dispatcher_free(w->dispatcher);
    tasks_free(w->tasks);
    task_store_memory_free(w->store);
    catalog_free(w->catalog);
    registry_free(w->registry);
    changes_free(w->changes);
    sealer_free(w->sealer);
    for (int i = 0; i < SEEN_KINDS; i++) {
        free(w->seen[i][0]);
        free(w->seen[i][1]);
    }
    ports_close(&w->ports);
    free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = calloc(1, sizeof(*w));
    open_core(w);
    open_adapter(w);
    take_all(w, (const char *)data, size);
    close_connection(w, w->plugins.run_count % 4 != 3);
    end_calls(w);
    close_world(w);
    return 0;
}
