/*
 * One connection to the protocol adapter over the real catalogue, with a call service, clock, timer
 * and executor that the test drives, and a sink that keeps every message.
 *
 * Texts of messages are written with ' in place of ": the fixture turns them round before it sends
 * or compares. What is compared is every byte of the message.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driving/mcp/mcp.h"
#include "core/catalog/catalog.h"

#define MAX_CALLS 64
#define MAX_SENT 4096
#define MS 1000000u

/* What a modern request says of itself, and what its result says of the server. */
#define CLAIM                                                                                      \
    "'io.modelcontextprotocol/protocolVersion':'2026-07-28',"                                      \
    "'io.modelcontextprotocol/clientCapabilities':{}"
#define META "'_meta':{" CLAIM "}"
#define SERVER "'io.modelcontextprotocol/serverInfo':{'name':'hexmcp','version':'9.9'}"
#define SERVER_META "'_meta':{" SERVER "}"

#define REQUEST(id, method, params)                                                                \
    "{'jsonrpc':'2.0','id':" id ",'method':'" method "','params':{" params "}}"
#define RESULT(id, result) "{'jsonrpc':'2.0','id':" id ",'result':{" result "}}"
#define ERROR(id, code, message)                                                                   \
    "{'jsonrpc':'2.0','id':" id ",'error':{'code':" code ",'message':'" message "'}}"
#define ERROR_WITHOUT_ID(code, message)                                                            \
    "{'jsonrpc':'2.0','error':{'code':" code ",'message':'" message "'}}"
#define CALL(id, tool) REQUEST(id, "tools/call", "'name':'" tool "'")
#define MODERN_CALL(id, tool) REQUEST(id, "tools/call", "'name':'" tool "'," META)
#define TEXT_RESULT(id, text) RESULT(id, "'content':[{'type':'text','text':'" text "'}]")
#define MODERN_TEXT_RESULT(id, text)                                                               \
    RESULT(id, "'resultType':'complete','content':[{'type':'text','text':'" text "'}]," SERVER_META)
#define CANCEL(id)                                                                                 \
    "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':" id "}}"
/* What the server can do, as each revision is told. */
#define LISTS                                                                                      \
    "'logging':{},'prompts':{'listChanged':true},'resources':{'listChanged':true,"                 \
    "'subscribe':true},'tools':{'listChanged':true}"
#define CAPABILITIES_2024_11_05 "'capabilities':{" LISTS "}"
#define CAPABILITIES_2025_03_26 "'capabilities':{'completions':{}," LISTS "}"
#define CAPABILITIES_2025_11_25                                                                    \
    "'capabilities':{'completions':{}," LISTS                                                      \
    ",'tasks':{'cancel':{},'requests':{'tools':{'call':{}}}}}"
#define CAPABILITIES_2026_07_28                                                                    \
    "'capabilities':{'completions':{}," LISTS                                                      \
    ",'extensions':{'io.modelcontextprotocol/tasks':{}}}"
#define GOOD "{'content':[{'type':'text','text':'ok'}]}"

struct fake_call {
    struct call_request call;
    uint64_t id;
    char target[80];
    char argument[40];
    char value[40];
    char state[200];
    char answers[400];
    char arguments[512];
    char traceparent[64];
    char tracestate[520];
    char meta[1000];
    char roots[200]; /* what the client told; "none" or "unknown" */
    int done;
    int cancelled;
    int released;
};

/* A timer that runs out when the test lets time pass. */
struct timer {
    void (*fire)(void *arg);
    void *arg;
    uint64_t due_ns; /* 0: not running */
    struct timer *next;
};

struct job {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct world {
    /* what there is, and how calls behave */
    struct registry *registry;
    struct changes *changes;
    struct catalog *catalog;
    struct catalog_service listing; /* the catalogue's, counting */
    struct call_service calling;
    struct sealer *sealer;
    struct task_store_memory *task_store;
    struct tasks *tasks;
    struct sealer_parts sealing;
    bool no_keys;    /* there is nothing to seal with */
    char logged[200]; /* the last line of the log */
    uint32_t random; /* the next number that is not random */
    size_t listed;         /* how often an item was asked for by its place */
    const char *at_once;   /* calls end at once with this result */
    int refuses;           /* calls fail with this status */
    bool keeps_arguments;  /* nothing is released before release() */
    bool ends_when_cancelled;   /* the others end with a result when one is cancelled */
    bool speaks_when_cancelled; /* a cancelled call reports progress and a log line first */
    struct fake_call calls[MAX_CALLS];
    size_t call_count;
    /* clock, timers and executor */
    struct timer *timers;
    uint64_t now_ns;
    int64_t wall_ms;
    struct job jobs[8];
    size_t job_count;
    bool executor_full;
    /* the sink */
    char *sent[MAX_SENT];
    enum message_kind kinds[MAX_SENT];
    size_t sent_count;
    size_t read;
    int resumed;
    bool client_is_slow; /* notifications are dropped */
    struct mcp_options options;
    const struct caller *caller; /* who opens the connection */
    struct mcp *mcp;
    struct message_endpoint end;
    bool closed;
};

/* For cmocka_unit_test_setup_teardown. The teardown closes the connection and checks that every
 * call was ended and released once. */
int world_setup(void **state);
int world_teardown(void **state);

/* The same with other options: opens the adapter anew. */
void reopen(struct world *w);
/* Opens a connection of somebody else on the same adapter. */
extern const struct caller caller_fake; /* who speaks at first */
void change_caller(struct world *w, const struct caller *caller);

/* Publishes an item under `name`; in the definition ' stands for ". */
void add_item(struct world *w, enum item_kind kind, const char *name, const char *definition);
void add_tool(struct world *w, const char *name, const char *definition);
/* A tool that can be a task. */
void add_task_tool(struct world *w, const char *name, enum task_support support);
/* One that must be a task, and asks before it is one. */
void add_asking_task_tool(struct world *w, const char *name);
void remove_item(struct world *w, enum item_kind kind, const char *name);
void remove_all(struct world *w, enum item_kind kind);

/* Lets time pass, and timers run out in their order. */
void pass(struct world *w, uint64_t ms);

/* Gives a message to the endpoint, which must go on. */
void give(struct world *w, const char *message);
enum receive_result give_bytes(struct world *w, const char *bytes, size_t len);

/* The next message that was sent must be this one. */
void expect(struct world *w, const char *message);
/* No message that was not expected yet. */
void expect_nothing(struct world *w);
/* give, expect, expect_nothing. */
void ask(struct world *w, const char *message, const char *answer);
void ask_nothing(struct world *w, const char *message);

/* A legacy session of the revision. */
void begin_session(struct world *w, const char *revision);
/* The same of a client with these capabilities, the members without the braces. */
void begin_session_with(struct world *w, const char *revision, const char *capabilities);

/* What the tool of the call at `index` does. */
void finish(struct world *w, size_t index, enum call_end end, const char *result);
void fail_call(struct world *w, size_t index, const char *text);
void fail_call_with(struct world *w, size_t index, int code, const char *text);
void progress(struct world *w, size_t index, double progress, double total, const char *message);
void log_line(struct world *w, size_t index, enum log_level level, const char *text);
void release(struct world *w, size_t index);

void run_jobs(struct world *w);
void close_end(struct world *w);

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, world_setup, world_teardown)
