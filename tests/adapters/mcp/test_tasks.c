/* Section 17: tasks, in both dialects. */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/json/json.h"
#include "tests/adapters/mcp/fixture.h"

#define TIMES "'createdAt':'2023-11-14T22:13:20.000Z','lastUpdatedAt':'2023-11-14T22:13:20.000Z'"
#define TASKS "'extensions':{'io.modelcontextprotocol/tasks':{}}"
#define KNOWS(more)                                                                                \
    "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28',"                             \
    "'io.modelcontextprotocol/clientCapabilities':{" TASKS more "}}"
#define FORM                                                                                       \
    "'message':'Who?','requestedSchema':{'type':'object','properties':{'name':{'type':'string'}}}"
#define WANTED                                                                                     \
    "{'requests':{'name':{'method':'elicitation/create','params':{" FORM "}}},'state':1}"

/* The id of the task in the last message. */
static const char *task_id(struct world *w)
{
    static char id[40];
    const char *at = strstr(w->sent[w->sent_count - 1], "\"taskId\":\"");
    assert_non_null(at);
    snprintf(id, sizeof(id), "%.32s", at + 10);
    assert_int_equal(strlen(id), 32);
    return id;
}

__attribute__((format(printf, 2, 3))) static void give_with(struct world *w, const char *format,
                                                             ...)
{
    char line[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    give(w, line);
}

__attribute__((format(printf, 2, 3))) static void expect_with(struct world *w, const char *format,
                                                               ...)
{
    char line[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    expect(w, line);
}

static void add_tools(struct world *w)
{
    add_task_tool(w, "may", TASK_OPTIONAL);
    add_task_tool(w, "must", TASK_REQUIRED);
}

/* ---- 2025-11-25 -------------------------------------------------------------------------- */

#define CORE_TASK(id, status) CORE_TASK_SAYS(id, status, "")
#define CORE_TASK_SAYS(id, status, message)                                                        \
    "'taskId':'" id "','status':'" status "'," message TIMES ",'ttl':60000,'pollInterval':1000"
#define SAYS(text) "'statusMessage':'" text "',"
#define WAITS SAYS("the tool waits for input")
#define CORE_CALL(id) REQUEST(id, "tools/call", "'name':'may','task':{'ttl':60000}")

static const char *start_core(struct world *w, const char *capabilities)
{
    add_tools(w);
    begin_session_with(w, "2025-11-25", capabilities);
    give(w, CORE_CALL("1"));
    const char *id = task_id(w);
    expect_with(w, RESULT("1", "'task':{" CORE_TASK("%s", "working") "}"), id);
    return id;
}

static void test_s17_core_life_of_a_task(void **state)
{
    struct world *w = *state;
    const char *id = start_core(w, "");
    give_with(w, REQUEST("2", "tasks/get", "'taskId':'%s'"), id);
    expect_with(w, RESULT("2", CORE_TASK("%s", "working")), id);
    give_with(w, REQUEST("3", "tasks/result", "'taskId':'%s'"), id);
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect_with(w,
                RESULT("3", "'content':[{'type':'text','text':'ok'}],'_meta':{"
                            "'io.modelcontextprotocol/related-task':{'taskId':'%s'}}"), id);
    give_with(w, REQUEST("4", "tasks/get", "'taskId':'%s'"), id);
    expect_with(w, RESULT("4", CORE_TASK("%s", "completed")), id);
    expect_nothing(w);
}

static void test_s17_core_support_is_held_to(void **state)
{
    struct world *w = *state;
    add_tools(w);
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "tools/call", "'name':'echo','task':{}"),
        ERROR("1", "-32601", "tool \\'echo\\' does not run as a task"));
    ask(w, CALL("2", "must"),
        ERROR("2", "-32601",
              "tool \\'must\\' runs as a task alone: call it with \\'task\\': {}"));
    ask(w, REQUEST("3", "tools/call", "'name':'may','task':7"),
        ERROR("3", "-32602",
              "\\'task\\' must be an object; its \\'ttl\\' is in whole milliseconds"));
    ask(w, REQUEST("3", "tools/call", "'name':'may','task':{'ttl':-5}"),
        ERROR("3", "-32602",
              "\\'task\\' must be an object; its \\'ttl\\' is in whole milliseconds"));
    w->at_once = GOOD;
    ask(w, CALL("4", "may"), TEXT_RESULT("4", "ok"));
    /* A task begins as working, also if it has ended by then. */
    give(w, CORE_CALL("5"));
    expect_with(w, RESULT("5", "'task':{" CORE_TASK("%s", "working") "}"), task_id(w));
}

static void test_s17_core_tool_error_is_a_failed_task(void **state)
{
    struct world *w = *state;
    const char *id = start_core(w, "");
    finish(w, 0, CALL_TOOL_ERROR, GOOD);
    give_with(w, REQUEST("2", "tasks/get", "'taskId':'%s'"), id);
    assert_non_null(strstr(w->sent[w->read++], "\"status\":\"failed\""));
    give_with(w, REQUEST("3", "tasks/result", "'taskId':'%s'"), id);
    assert_non_null(strstr(w->sent[w->read++], "\"isError\":true"));
}

static void test_s17_core_cancel(void **state)
{
    struct world *w = *state;
    const char *id = start_core(w, "");
    give_with(w, REQUEST("2", "tasks/result", "'taskId':'%s'"), id);
    give_with(w, REQUEST("3", "tasks/cancel", "'taskId':'%s'"), id);
    expect(w, ERROR("2", "-32603", "the task was cancelled"));
    expect_with(w, RESULT("3", CORE_TASK_SAYS("%s", "cancelled", SAYS("the client cancelled the task"))), id);
    assert_int_equal(w->calls[0].cancelled, 1);
    give_with(w, REQUEST("4", "tasks/cancel", "'taskId':'%s'"), id);
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
}

static void test_s17_core_input_flows_with_the_result(void **state)
{
    struct world *w = *state;
    const char *id = start_core(w, "'elicitation':{}");
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    expect_nothing(w);
    give_with(w, REQUEST("2", "tasks/get", "'taskId':'%s'"), id);
    expect_with(w, RESULT("2", CORE_TASK_SAYS("%s", "input_required", WAITS)), id);
    give_with(w, REQUEST("3", "tasks/result", "'taskId':'%s'"), id);
    assert_int_equal(w->kinds[w->read], MESSAGE_ANSWER);
    expect_with(w, "{'jsonrpc':'2.0','id':'hexmcp-1','method':'elicitation/create','params':{"
                   "'mode':'form'," FORM ",'_meta':{'io.modelcontextprotocol/related-task':{"
                   "'taskId':'%s'}}}}", id);
    give(w, "{'jsonrpc':'2.0','id':'hexmcp-1','result':{'action':'accept','content':{'name':'A'}}}");
    assert_string_equal(w->calls[1].answers,
                        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"A\"}}}");
    finish(w, 1, CALL_RESULT, GOOD);
    assert_non_null(strstr(w->sent[w->read++], "\"id\":3,\"result\":{\"content\":"));
    expect_nothing(w);
}

/* Two requests wait for the same task: when the one that asked goes, the other one asks. */
static void test_s17_core_the_next_request_that_waits_asks(void **state)
{
    struct world *w = *state;
    const char *id = start_core(w, "'elicitation':{}");
    give_with(w, REQUEST("2", "tasks/result", "'taskId':'%s'"), id);
    give_with(w, REQUEST("3", "tasks/result", "'taskId':'%s'"), id);
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    assert_non_null(strstr(w->sent[w->read++], "\"id\":\"hexmcp-1\""));
    expect_nothing(w);
    give(w, CANCEL("2"));
    w->kinds[w->read] = MESSAGE_NOTIFICATION;
    expect(w, "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':"
              "'hexmcp-1','reason':'the task needs no answer any more'}}");
    assert_int_equal(w->sent_count, w->read + 1);
    assert_non_null(strstr(w->sent[w->read++], "\"id\":\"hexmcp-2\",\"method\":\"elicitation"));
    give(w, "{'jsonrpc':'2.0','id':'hexmcp-2','result':{'action':'decline'}}");
    assert_string_equal(w->calls[1].answers, "{\"name\":{\"action\":\"decline\"}}");
    finish(w, 1, CALL_RESULT, GOOD);
    assert_non_null(strstr(w->sent[w->read++], "\"id\":3,\"result\":{\"content\":"));
    expect_nothing(w);
}

static void test_s17_core_progress_goes_on(void **state)
{
    struct world *w = *state;
    add_tools(w);
    begin_session(w, "2025-11-25");
    give(w, REQUEST("1", "tools/call", "'name':'may','task':{},'_meta':{'progressToken':'t'}"));
    const char *id = task_id(w);
    w->read++;
    progress(w, 0, 1, 2, "half");
    expect_with(w,
                "{'jsonrpc':'2.0','method':'notifications/progress','params':{'_meta':{"
                "'io.modelcontextprotocol/related-task':{'taskId':'%s'}},'progressToken':'t',"
                "'progress':1,'total':2,'message':'half'}}", id);
    log_line(w, 0, LOG_LEVEL_INFO, "line");
    expect_with(w,
                "{'jsonrpc':'2.0','method':'notifications/message','params':{'_meta':{"
                "'io.modelcontextprotocol/related-task':{'taskId':'%s'}},'level':'info',"
                "'logger':'plug.in','data':'line'}}", id);
    finish(w, 0, CALL_RESULT, GOOD);
    expect_nothing(w);
}

/* The tool begins anew after the client's answers; its progress token does not. */
static void test_s17_core_progress_only_rises(void **state)
{
    struct world *w = *state;
    add_tools(w);
    begin_session_with(w, "2025-11-25", "'elicitation':{}");
    w->now_ns = 1000 * MS;
    give(w, REQUEST("1", "tools/call", "'name':'may','task':{},'_meta':{'progressToken':'t'}"));
    const char *id = task_id(w);
    w->read++;
    progress(w, 0, 2, 0, "");
    assert_non_null(strstr(w->sent[w->read++], "\"progress\":2"));
    progress(w, 0, 3, 0, ""); /* too soon */
    expect_nothing(w);
    pass(w, 10);
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    give_with(w, REQUEST("2", "tasks/result", "'taskId':'%s'"), id);
    w->read++;
    give(w, "{'jsonrpc':'2.0','id':'hexmcp-1','result':{'action':'decline'}}");
    progress(w, 1, 1, 0, "");
    progress(w, 1, 2, 0, "");
    expect_nothing(w);
    progress(w, 1, 4, 0, "");
    assert_non_null(strstr(w->sent[w->read++], "\"progress\":4"));
    pass(w, 10);
    progress(w, 1, 5, 6, "");
    assert_non_null(strstr(w->sent[w->read++], "\"progress\":5"));
    progress(w, 1, 6, 6, ""); /* the last one comes always */
    assert_non_null(strstr(w->sent[w->read++], "\"progress\":6"));
    finish(w, 1, CALL_RESULT, GOOD);
    w->read++;
    expect_nothing(w);
}

static void test_s17_core_list_is_for_the_authenticated(void **state)
{
    static const struct caller known = {.id = STR_INIT("key-1"), .tenant = STR_INIT("local"),
                                         .authenticated = true};
    struct world *w = *state;
    start_core(w, "");
    ask(w, REQUEST("2", "tasks/list", ""),
        ERROR("2", "-32601",
              "tasks/list is for callers that have authenticated; keep the ids of tasks"));
    w->caller = &known;
    reopen(w);
    begin_session_with(w, "2025-11-25", "");
    /* Those of others are not among them. */
    ask(w, REQUEST("3", "tasks/list", ""), RESULT("3", "'tasks':[]"));
    give(w, CORE_CALL("4"));
    char id[40];
    snprintf(id, sizeof(id), "%s", task_id(w));
    w->read++;
    give(w, REQUEST("5", "tasks/list", ""));
    expect_with(w, RESULT("5", "'tasks':[{" CORE_TASK("%s", "working") "}]"), id);
    give(w, REQUEST("6", "tasks/list", "'cursor':'x'"));
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
}

static void test_s17_foreign_task_is_unknown(void **state)
{
    static const struct caller other = {.id = STR_INIT("key-2"), .tenant = STR_INIT("local"),
                                         .authenticated = true};
    static const char *const methods[] = {"tasks/get", "tasks/result", "tasks/cancel"};
    struct world *w = *state;
    char id[40], answer[400];
    snprintf(id, sizeof(id), "%s", start_core(w, ""));
    w->caller = &other;
    reopen(w);
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < 3; i++) {
        give_with(w, REQUEST("2", "%s", "'taskId':'%s'"), methods[i], id);
        snprintf(answer, sizeof(answer), "%s", w->sent[w->read++]);
        give_with(w, REQUEST("2", "%s", "'taskId':'0123456789abcdef0123456789abcdef'"),
                  methods[i]);
        assert_non_null(strstr(answer, "\"code\":-32602"));
        assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
    }
}

static void test_s17_older_sessions_have_no_tasks(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    ask(w, REQUEST("1", "tasks/get", "'taskId':'x'"),
        ERROR("1", "-32601", "protocol 2025-06-18 has no method \\'tasks/get\\'"));
}

/* ---- the modern extension ---------------------------------------------------------------- */

#define MODERN_TASK(id, status) MODERN_TASK_SAYS(id, status, "")
#define MODERN_TASK_SAYS(id, status, message)                                                      \
    "'taskId':'" id "','status':'" status "'," message TIMES                                       \
    ",'ttlMs':3600000,'pollIntervalMs':1000"

static const char *start_modern(struct world *w, const char *capabilities)
{
    add_tools(w);
    give_with(w, REQUEST("1", "tools/call", "'name':'may'," KNOWS("%s")), capabilities);
    const char *id = task_id(w);
    expect_with(w, RESULT("1", "'resultType':'task'," MODERN_TASK("%s", "working") "," SERVER_META),
                id);
    return id;
}

static void get_modern(struct world *w, const char *id)
{
    give_with(w, REQUEST("9", "tasks/get", "'taskId':'%s'," KNOWS("")), id);
}

static void test_s17_modern_life_of_a_task(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, "");
    get_modern(w, id);
    expect_with(w, RESULT("9", "'resultType':'complete'," MODERN_TASK("%s", "working")
                               "," SERVER_META), id);
    finish(w, 0, CALL_TOOL_ERROR, GOOD);
    get_modern(w, id);
    expect_with(w, RESULT("9", "'resultType':'complete'," MODERN_TASK_SAYS("%s", "completed", SAYS("the tool reported an error"))
                               ",'result':{'resultType':'complete','content':[{'type':'text',"
                               "'text':'ok'}],'isError':true}," SERVER_META), id);
}

static void test_s17_modern_clients_without_the_extension(void **state)
{
    struct world *w = *state;
    char id[40];
    snprintf(id, sizeof(id), "%s", start_modern(w, ""));
    give(w, REQUEST("2", "tools/call", "'name':'must'," META));
    assert_non_null(strstr(w->sent[w->read], "\"code\":-32021"));
    assert_non_null(strstr(w->sent[w->read++], "\"requiredCapabilities\":{\"extensions\":{"
                                               "\"io.modelcontextprotocol/tasks\":{}}}"));
    static const char *const methods[] = {"tasks/get", "tasks/update", "tasks/cancel"};
    for (size_t i = 0; i < 3; i++) {
        give_with(w, REQUEST("3", "%s", "'taskId':'%s'," META), methods[i], id);
        assert_non_null(strstr(w->sent[w->read++], "\"code\":-32021"));
    }
    w->at_once = GOOD;
    ask(w, MODERN_CALL("4", "may"), MODERN_TEXT_RESULT("4", "ok"));
    ask(w, REQUEST("5", "tasks/result", "'taskId':'x'," KNOWS("")),
        ERROR("5", "-32601", "protocol 2026-07-28 has no method \\'tasks/result\\'"));
}

static void test_s17_modern_input(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, ",'elicitation':{}");
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    get_modern(w, id);
    expect_with(w, RESULT("9", "'resultType':'complete'," MODERN_TASK_SAYS("%s", "input_required", WAITS)
                               ",'inputRequests':{'name':{'method':'elicitation/create','params':{"
                               "'mode':'form'," FORM "}}}," SERVER_META), id);
    give_with(w, REQUEST("2", "tasks/update", "'taskId':'%s','inputResponses':{'name':{"
                              "'action':'perhaps'}}," KNOWS("")), id);
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
    /* Nor does an escape in the key lead past the check. */
    give_with(w, REQUEST("2", "tasks/update", "'taskId':'%s','inputResponses':{'\\u006eame':{"
                              "'action':'perhaps'}}," KNOWS("")), id);
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
    assert_int_equal(w->call_count, 1);
    give_with(w, REQUEST("3", "tasks/update", "'taskId':'%s','inputResponses':{'name':{"
                              "'action':'accept','content':{'name':'A'}},'other':{}}," KNOWS("")),
              id);
    expect(w, RESULT("3", "'resultType':'complete'," SERVER_META));
    assert_string_equal(w->calls[1].answers,
                        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"A\"}}}");
    finish(w, 1, CALL_RESULT, GOOD);
    get_modern(w, id);
    assert_non_null(strstr(w->sent[w->read++], "\"status\":\"completed\""));
}

#define BEFORE(id, more) REQUEST(id, "tools/call", "'name':'before','arguments':{'a':1}," more \
                                 KNOWS(",'elicitation':{}"))

static void test_s17_modern_input_before_the_task(void **state)
{
    struct world *w = *state;
    char sealed[1000], id[40];
    add_asking_task_tool(w, "before");
    give(w, BEFORE("1", ""));
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    const char *asked = w->sent[w->read++];
    assert_non_null(strstr(asked, "\"resultType\":\"input_required\",\"inputRequests\":{\"name\":"));
    assert_null(strstr(asked, "taskId"));
    const char *at = strstr(asked, "\"requestState\":\"") + 16;
    snprintf(sealed, sizeof(sealed), "%.*s", (int)strcspn(at, "\""), at);
    give_with(w, BEFORE("2", "'requestState':'%s','inputResponses':{'name':{'action':'decline'}},"),
              sealed);
    snprintf(id, sizeof(id), "%s", task_id(w));
    expect_with(w, RESULT("2", "'resultType':'task'," MODERN_TASK("%s", "working") "," SERVER_META),
                id);
    assert_int_equal(w->call_count, 2);
    assert_true(w->calls[1].call.resume);
    assert_string_equal(w->calls[1].target, "before");
    assert_non_null(strstr(w->calls[1].meta, "{\"io.modelcontextprotocol/tasks\":{}}"));
    assert_string_equal(w->calls[1].arguments, "{\"a\":1}");
    assert_string_equal(w->calls[1].state, "1");
    assert_string_equal(w->calls[1].answers, "{\"name\":{\"action\":\"decline\"}}");
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED);
    get_modern(w, id);
    assert_non_null(strstr(w->sent[w->read++], "\"status\":\"input_required\""));
    give_with(w, BEFORE("3", "'requestState':'%s','inputResponses':{'name':{'action':'decline'}},"),
              sealed);
    expect(w, ERROR("3", "-32602", "\\'requestState\\' was used already; begin again"));
}

static void test_s17_modern_no_input_before_the_task(void **state)
{
    struct world *w = *state;
    add_asking_task_tool(w, "before");
    w->at_once = GOOD;
    ask(w, BEFORE("1", ""), MODERN_TEXT_RESULT("1", "ok"));
    give(w, MODERN_CALL("2", "before"));
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32021"));
    assert_int_equal(w->call_count, 1);
}

static void test_s17_core_asks_within_the_task(void **state)
{
    struct world *w = *state;
    add_asking_task_tool(w, "before");
    begin_session_with(w, "2025-11-25", "'elicitation':{}");
    give(w, REQUEST("1", "tools/call", "'name':'before','task':{'ttl':60000}"));
    expect_with(w, RESULT("1", "'task':{" CORE_TASK("%s", "working") "}"), task_id(w));
    assert_false(w->calls[0].call.resume);
}

static void test_s17_modern_optional_input_that_the_client_cannot_give(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, ",'elicitation':{}");
    finish(w, 0, CALL_INPUT_REQUIRED,
           "{'requests':{'name':{'method':'elicitation/create','params':{" FORM "}},"
           "'roots':{'method':'roots/list','optional':true}}}");
    give_with(w, REQUEST("3", "tasks/update", "'taskId':'%s','inputResponses':{'name':{"
                              "'action':'decline'}}," KNOWS("")), id);
    expect(w, RESULT("3", "'resultType':'complete'," SERVER_META));
    assert_int_equal(w->call_count, 2);
    assert_string_equal(w->calls[1].answers, "{\"name\":{\"action\":\"decline\"}}");
    finish(w, 1, CALL_RESULT, GOOD);
}

static void test_s17_modern_input_that_the_client_cannot_give(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, "");
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED);
    get_modern(w, id);
    assert_non_null(strstr(w->sent[w->read], "\"status\":\"failed\""));
    assert_non_null(strstr(w->sent[w->read++], "elicitation"));
}

static void test_s17_modern_cancel(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, "");
    for (int i = 0; i < 2; i++) {
        give_with(w, REQUEST("2", "tasks/cancel", "'taskId':'%s'," KNOWS("")), id);
        expect(w, RESULT("2", "'resultType':'complete'," SERVER_META));
    }
    get_modern(w, id);
    assert_non_null(strstr(w->sent[w->read++], "\"status\":\"cancelled\""));
}

static void test_s17_expired_task_is_unknown(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, "");
    finish(w, 0, CALL_RESULT, GOOD);
    w->wall_ms += 3600001;
    pass(w, 3600001);
    get_modern(w, id);
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32602"));
}

static void test_s17_listening_to_a_task(void **state)
{
    struct world *w = *state;
    const char *id = start_modern(w, "");
    give_with(w, REQUEST("'s'", "subscriptions/listen", "'notifications':{'taskIds':['%s','no']},"
                                 KNOWS("")), id);
    w->kinds[w->read] = MESSAGE_NOTIFICATION;
    expect_with(w, "{'jsonrpc':'2.0','method':'notifications/subscriptions/acknowledged',"
                   "'params':{'_meta':{'io.modelcontextprotocol/subscriptionId':'s'},"
                   "'notifications':{'taskIds':['%s']}}}", id);
    finish(w, 0, CALL_RESULT, GOOD);
    expect_with(w, "{'jsonrpc':'2.0','method':'notifications/tasks','params':{'_meta':{"
                   "'io.modelcontextprotocol/subscriptionId':'s'}," MODERN_TASK("%s", "completed")
                   ",'result':{'resultType':'complete','content':[{'type':'text','text':'ok'}]}}}",
                id);
    give(w, REQUEST("5", "subscriptions/listen", "'notifications':{'taskIds':[]}," META));
    assert_non_null(strstr(w->sent[w->read++], "\"code\":-32021"));
}

/* ---- a store that takes its time --------------------------------------------------------- */

/* What waits for the store, one at a time; a ticket is the count. */
static struct {
    struct task_service service;
    void (*done)(void *arg, const struct error *err);
    void *arg;
    uint64_t tickets, forgotten;
} slow;

static void slow_ready(void *ctx, const struct caller *caller, struct str id,
                       void (*done)(void *arg, const struct error *err), void *arg, uint64_t *ticket)
{
    (void)ctx;
    (void)caller;
    (void)id;
    slow.done = done;
    slow.arg = arg;
    *ticket = ++slow.tickets;
}

static void slow_forget(void *ctx, uint64_t ticket)
{
    (void)ctx;
    slow.forgotten = ticket;
}

static void store_answers(const struct error *err)
{
    slow.done(slow.arg, err);
}

static void slow_down(struct world *w)
{
    memset(&slow, 0, sizeof(slow));
    slow.service = *w->options.tasks;
    slow.service.ready = slow_ready;
    slow.service.forget = slow_forget;
    w->options.tasks = &slow.service;
    reopen(w);
}

static void test_s17_nothing_is_told_before_it_is_stored(void **state)
{
    struct world *w = *state;
    slow_down(w);
    add_tools(w);
    give(w, REQUEST("1", "tools/call", "'name':'may'," KNOWS("")));
    assert_int_equal(w->call_count, 1); /* it runs */
    expect_nothing(w);
    store_answers(NULL);
    const char *id = task_id(w);
    expect_with(w, RESULT("1", "'resultType':'task'," MODERN_TASK("%s", "working") "," SERVER_META), id);
    finish(w, 0, CALL_RESULT, GOOD);
    give_with(w, REQUEST("2", "tasks/cancel", "'taskId':'%s'," KNOWS("")), id);
    expect_nothing(w);
    store_answers(NULL);
    expect_nothing(w);
    store_answers(NULL);
    expect(w, RESULT("2", "'resultType':'complete'," SERVER_META));
}

static void test_s17_store_that_fails(void **state)
{
    struct world *w = *state;
    struct error err;
    slow_down(w);
    add_tools(w);
    give(w, REQUEST("1", "tools/call", "'name':'may'," KNOWS("")));
    error_set(&err, ST_UNAVAILABLE, "the disk is full");
    store_answers(&err);
    expect(w, ERROR("1", "-32603", "the store of tasks does not answer: the disk is full"));
}

static void test_s17_client_that_leaves_before_the_store_answers(void **state)
{
    struct world *w = *state;
    slow_down(w);
    add_tools(w);
    give(w, REQUEST("1", "tools/call", "'name':'may'," KNOWS("")));
    assert_int_equal(slow.tickets, 1);
    close_end(w);
    assert_int_equal(slow.forgotten, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s17_core_life_of_a_task),
        TEST(test_s17_core_support_is_held_to),
        TEST(test_s17_core_tool_error_is_a_failed_task),
        TEST(test_s17_core_cancel),
        TEST(test_s17_core_input_flows_with_the_result),
        TEST(test_s17_core_the_next_request_that_waits_asks),
        TEST(test_s17_core_progress_goes_on),
        TEST(test_s17_core_progress_only_rises),
        TEST(test_s17_core_list_is_for_the_authenticated),
        TEST(test_s17_foreign_task_is_unknown),
        TEST(test_s17_older_sessions_have_no_tasks),
        TEST(test_s17_modern_life_of_a_task),
        TEST(test_s17_modern_clients_without_the_extension),
        TEST(test_s17_modern_input),
        TEST(test_s17_modern_input_before_the_task),
        TEST(test_s17_modern_no_input_before_the_task),
        TEST(test_s17_core_asks_within_the_task),
        TEST(test_s17_modern_input_that_the_client_cannot_give),
        TEST(test_s17_modern_optional_input_that_the_client_cannot_give),
        TEST(test_s17_modern_cancel),
        TEST(test_s17_expired_task_is_unknown),
        TEST(test_s17_listening_to_a_task),
        TEST(test_s17_nothing_is_told_before_it_is_stored),
        TEST(test_s17_store_that_fails),
        TEST(test_s17_client_that_leaves_before_the_store_answers),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_tasks", tests, NULL, NULL);
}
