#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/json/writer.h"
#include "tests/fuzz/methods/world.h"

#define LONG_TEXT ((size_t)70 * 1024)

/* ---- items --------------------------------------------------------------------------------- */

#define TOOL(text, ...)                                                                            \
    {.kind = ITEM_TOOL, .local_name = STR_INIT(text),                                              \
     .json = STR_INIT("{\"name\":\"" text "\",\"inputSchema\":{\"type\":\"object\"}}"), __VA_ARGS__}
#define SCHEMA_TOOL(text)                                                                          \
    {.kind = ITEM_TOOL, .local_name = STR_INIT(text),                                              \
     .json = STR_INIT("{\"name\":\"" text "\",\"inputSchema\":{\"type\":\"object\",\"properties\":"\
                      "{\"a\":{\"type\":\"integer\"}}},\"outputSchema\":{\"type\":\"object\"}}")}
#define PATH_TOOL(text)                                                                            \
    {.kind = ITEM_TOOL, .local_name = STR_INIT(text),                                              \
     .json = STR_INIT("{\"name\":\"" text "\",\"inputSchema\":{\"type\":\"object\"},\"run\":"       \
                      "{\"pathArguments\":[\"a\"]}}")}
#define RESOURCE(text)                                                                             \
    {.kind = ITEM_RESOURCE, .local_name = STR_INIT(text),                                          \
     .json = STR_INIT("{\"uri\":\"" text "\",\"name\":\"R\"}")}
#define TEMPLATE(text)                                                                             \
    {.kind = ITEM_TEMPLATE, .local_name = STR_INIT(text),                                          \
     .json = STR_INIT("{\"uriTemplate\":\"" text "\",\"name\":\"T\"}")}
#define PROMPT(text)                                                                               \
    {.kind = ITEM_PROMPT, .local_name = STR_INIT(text),                                            \
     .json = STR_INIT("{\"name\":\"" text "\",\"arguments\":[{\"name\":\"a\"}]}")}

/*
 * The last two letters of a name say when and how its calls end. When: n at once, on the loop; s as
 * soon as the message has been read; l later, by an event; z only when they must. How: r result,
 * s structured result, e tool error, f failure, q failure of the host, d does not start, b broken
 * JSON, o over-long, c cancelled, w its arguments, v a request for input: its arguments;
 * i elicitation, u the same by URL, m sampling, t roots, k all of them, x state alone, j elicitation
 * and then state alone, y asks for ever. Those that begin with p open files if they are given `a`.
 */
static const struct item items[] = {
    TOOL("nr", .run_inline = true), TOOL("nx", .run_inline = true), TOOL("lr"), TOOL("zr"),
    SCHEMA_TOOL("ss"), TOOL("se"), TOOL("sf"), TOOL("sq"), TOOL("sd"), TOOL("sb"), TOOL("so"),
    TOOL("sc"), TOOL("sw"), TOOL("sv"), TOOL("si"), TOOL("li"), TOOL("su"), TOOL("sm"), TOOL("st"),
    TOOL("sk"), TOOL("sj"), TOOL("ny", .run_inline = true), TOOL("sy"),
    TOOL("olr", .task_support = TASK_OPTIONAL), TOOL("osi", .task_support = TASK_OPTIONAL),
    TOOL("osk", .task_support = TASK_OPTIONAL), TOOL("ose", .task_support = TASK_OPTIONAL),
    TOOL("oso", .task_support = TASK_OPTIONAL), TOOL("rlr", .task_support = TASK_REQUIRED),
    TOOL("rsj", .task_support = TASK_REQUIRED), TOOL("ozr", .task_support = TASK_OPTIONAL),
    RESOURCE("a:sr"), RESOURCE("a:lr"), RESOURCE("a:si"), RESOURCE("a:sb"),
    TEMPLATE("t:{x}/sr"), TEMPLATE("t:{x}/lk"),
    PROMPT("sr"), PROMPT("si"), PROMPT("lr"), PROMPT("sf"),
    PATH_TOOL("psr"), PATH_TOOL("psj"), PATH_TOOL("psv"),
};
#define ITEM_COUNT (sizeof(items) / sizeof(items[0]))

void plugins_toggle(struct plugins *p, unsigned number)
{
    struct item item = items[number % ITEM_COUNT];
    uint64_t bit = UINT64_C(1) << (number % ITEM_COUNT);
    struct error err;
    struct str name;
    item.plugin = 1;
    item.plugin_id = STR("fuzz");
    item.timeout_ms = 30000;
    item.slots = 3;
    item.queue = 3;
    item.inline_bytes = 1000;
    if (p->published & bit)
        assert(p->publisher->withdraw(p->publisher->ctx, 1, item.kind, item.local_name, &err) ==
               ST_OK);
    else
        assert(p->publisher->publish(p->publisher->ctx, &item, &name, &err) == ST_OK);
    p->published ^= bit;
}

void plugins_publish(struct plugins *p, const struct publisher *publisher)
{
    p->publisher = publisher;
    for (unsigned i = 0; i < ITEM_COUNT; i++)
        plugins_toggle(p, i);
}

/* ---- how calls end ------------------------------------------------------------------------- */

#define ELICITATION                                                                                \
    "{\"method\":\"elicitation/create\",\"params\":{\"message\":\"m\",\"requestedSchema\":"        \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}}}"
#define URL                                                                                        \
    "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"message\":\"m\","           \
    "\"url\":\"https://a.example/\",\"elicitationId\":\"E\"}}"
#define SAMPLING                                                                                   \
    "{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[{\"role\":\"user\","         \
    "\"content\":{\"type\":\"text\",\"text\":\"x\"}}],\"maxTokens\":5}}"
#define ROOTS "{\"method\":\"roots/list\"}"

static char how(const struct run *run)
{
    return run->name[1];
}

/* The number in a state that was made here; false for any other. */
static bool state_number(const struct run *run, unsigned *number)
{
    char text[40] = "";
    if (how(run) == 'v' || !run->resume || run->state.len >= sizeof(text))
        return false;
    memcpy(text, run->state.ptr, run->state.len);
    return sscanf(text, "{\"n\":%u}", number) == 1;
}

static const char *requests_of(const struct run *run)
{
    switch (how(run)) {
    case 'i':
    case 'j':
    case 'y':
        return run->resume ? NULL : "\"requests\":{\"k\":" ELICITATION "},";
    case 'u':
        return "\"requests\":{\"k\":" URL "},";
    case 'm':
        return "\"requests\":{\"k\":" SAMPLING "},";
    case 't':
        return "\"requests\":{\"k\":" ROOTS "},";
    case 'k':
        return "\"requests\":{\"1\":" ELICITATION ",\"2\":" URL ",\"3\":" SAMPLING ",\"4\":" ROOTS
               "},";
    default:
        return NULL;
    }
}

static bool asks(const struct plugins *p, const struct run *run)
{
    unsigned before = 0;
    if (!strchr("iumtkxjy", how(run)))
        return false;
    if (how(run) == 'j' && run->resume && state_number(run, &before))
        return !p->runs[before].resume;
    return !run->resume || how(run) == 'y';
}

static void ask(struct plugins *p, struct run *run)
{
    char text[2048];
    const char *requests = requests_of(run);
    int len = snprintf(text, sizeof(text), "{%s\"state\":{\"n\":%u}}", requests ? requests : "",
                       (unsigned)(run - p->runs));
    p->events->completed(p->events->ctx, run->call, RUN_INPUT_REQUIRED,
                         (struct str){text, (size_t)len});
}

/* A good result, with `text` in it. */
static void succeed(struct plugins *p, const struct run *run, struct str text)
{
    static const struct str begin[] = {
        [ACTION_CALL] = STR_INIT("{\"content\":[{\"type\":\"text\",\"text\":"),
        [ACTION_READ] = STR_INIT("{\"contents\":[{\"uri\":\"a:sr\",\"text\":"),
        [ACTION_RENDER] = STR_INIT("{\"messages\":[{\"role\":\"user\",\"content\":"
                                   "{\"type\":\"text\",\"text\":"),
        [ACTION_COMPLETE] = STR_INIT("{\"total\":2,\"values\":["),
    };
    static const struct str end[] = {STR_INIT("}]}"), STR_INIT("}]}"), STR_INIT("}}]}"),
                                     STR_INIT("]}")};
    struct buffer out = BUFFER_INIT;
    buffer_add_str(&out, begin[run->action]);
    json_quote(&out, text);
    buffer_add_str(&out, end[run->action]);
    p->events->completed(p->events->ctx, run->call, RUN_RESULT, buffer_str(&out));
    buffer_clear(&out);
}

static void complete(struct plugins *p, const struct run *run, enum run_outcome outcome,
                     struct str json)
{
    p->events->completed(p->events->ctx, run->call, outcome, json);
}

/* Of a tool. */
static void succeed_at_length(struct plugins *p, const struct run *run)
{
    static const struct str begin = STR_INIT("{\"content\":[{\"type\":\"text\",\"text\":\"");
    static const struct str end = STR_INIT("\"}]}");
    char *text = malloc(begin.len + LONG_TEXT + end.len);
    memcpy(text, begin.ptr, begin.len);
    memset(text + begin.len, 'x', LONG_TEXT);
    memcpy(text + begin.len + LONG_TEXT, end.ptr, end.len);
    complete(p, run, RUN_RESULT, (struct str){text, begin.len + LONG_TEXT + end.len});
    free(text);
}

static void fail(struct plugins *p, const struct run *run)
{
    static const struct error broken = {.code = ST_PROTOCOL, .text = "the plugin \"q\" broke\n"};
    p->events->failed(p->events->ctx, run->call, &broken);
}

static void end_run(struct plugins *p, struct run *run)
{
    run->active = false;
    if (asks(p, run)) {
        ask(p, run);
        return;
    }
    switch (how(run)) {
    case 's':
        complete(p, run, RUN_RESULT, STR("{\"structuredContent\":{\"a\":1}}"));
        break;
    case 'e':
        complete(p, run, RUN_TOOL_ERROR, STR("{\"content\":[],\"_meta\":{\"a\":1}}"));
        break;
    case 'f':
        complete(p, run, RUN_FAIL, STR("{\"code\":-3,\"message\":\"no\"}"));
        break;
    case 'q':
        fail(p, run);
        break;
    case 'b':
        complete(p, run, RUN_RESULT, STR("{\"content\":[}"));
        break;
    case 'o':
        succeed_at_length(p, run);
        break;
    case 'c':
        complete(p, run, RUN_CANCELLED, STR("{}"));
        break;
    case 'w':
        complete(p, run, RUN_RESULT, run->arguments);
        break;
    case 'v':
        complete(p, run, run->resume ? RUN_RESULT : RUN_INPUT_REQUIRED,
                 run->resume ? STR("{\"content\":[]}") : run->arguments);
        break;
    default:
        succeed(p, run, run->resume ? run->answers : STR("ok"));
    }
}

/* ---- the runtime --------------------------------------------------------------------------- */

/* A plugin's state comes back once, whatever the client repeats. */
static void note_state(struct plugins *p, const struct run *run)
{
    unsigned before;
    if (!state_number(run, &before))
        return;
    assert(before < p->run_count && !p->resumed[before]);
    p->resumed[before] = true;
}

static int run_call(void *ctx, const struct run_request *request, struct error *err)
{
    struct plugins *p = ctx;
    const char *name = request->name.ptr + request->name.len - 2;
    if (name[1] == 'd')
        return error_set(err, ST_UNAVAILABLE, "the plugin is quarantined");
    if (p->run_count == MAX_RUNS)
        return error_set(err, ST_BUSY, "no worker is free");
    struct run *run = &p->runs[p->run_count++];
    *run = (struct run){
        .call = request->call,
        .name = name,
        .action = request->action,
        .arguments = request->arguments,
        .resume = request->resume,
        .state = request->state,
        .answers = request->answers,
        .active = true,
    };
    note_state(p, run);
    if (request->on_loop)
        end_run(p, run);
    return ST_OK;
}

static void cancel_call(void *ctx, uint64_t call)
{
    (void)ctx;
    (void)call;
}

static void release(struct plugins *p, struct run *run)
{
    run->abandoned = false;
    p->events->released(p->events->ctx, run->call);
}

static void abandon_call(void *ctx, uint64_t call)
{
    struct plugins *p = ctx;
    struct run *run = p->runs;
    while (run < p->runs + p->run_count && run->call != call)
        run++;
    assert(run < p->runs + p->run_count && run->active);
    run->active = false;
    run->abandoned = true;
    if (run->name[0] != 'z' && call % 2)
        release(p, run);
}

static void attach(void *ctx, const struct run_events *events)
{
    ((struct plugins *)ctx)->events = events;
}

void plugins_open(struct plugins *p)
{
    *p = (struct plugins){.runtime = {p, attach, run_call, cancel_call, abandon_call}};
}

/* ---- what the input lets happen ------------------------------------------------------------ */

void plugins_work(struct plugins *p)
{
    for (size_t i = 0; i < p->run_count; i++)
        if (p->runs[i].active && (p->runs[i].name[0] == 's' || p->runs[i].name[0] == 'n'))
            end_run(p, &p->runs[i]);
}

bool plugins_finish(struct plugins *p, bool newest)
{
    struct run *found = NULL;
    for (size_t i = 0; i < p->run_count; i++)
        if ((p->runs[i].active || p->runs[i].abandoned) && (newest || !found))
            found = &p->runs[i];
    if (found && found->active)
        end_run(p, found);
    else if (found)
        release(p, found);
    return found != NULL;
}

void plugins_report(struct plugins *p, double progress, enum log_level level)
{
    for (size_t i = p->run_count; i-- > 0;) {
        if (!p->runs[i].active)
            continue;
        p->events->progress(p->events->ctx, p->runs[i].call, progress, 1.0, STR("half \x01"));
        p->events->log(p->events->ctx, p->runs[i].call, level, STR("fuzz"), STR("\xFF text"));
        return;
    }
}
