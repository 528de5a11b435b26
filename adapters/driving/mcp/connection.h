/* Inside of mcp: the adapter, one connection, and one request on it. */
#pragma once

#include "adapters/driving/mcp/elicitation.h"
#include "adapters/driving/mcp/input/client_abilities.h"
#include "adapters/driving/mcp/interest.h"
#include "adapters/driving/mcp/list_cache.h"
#include "adapters/driving/mcp/mcp.h"
#include "adapters/driving/mcp/output_gate.h"
#include "adapters/driving/mcp/progress.h"
#include "adapters/driving/mcp/request_table.h"
#include "adapters/driving/mcp/revision.h"
#include "core/base/buffer.h"
#include "core/json/json.h"
#include "core/json/writer.h"

/* JSON-RPC and MCP error codes. */
#define RPC_PARSE_ERROR (-32700)
#define RPC_INVALID_REQUEST (-32600)
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)
#define RPC_INTERNAL_ERROR (-32603)
#define RPC_HEADER_MISMATCH (-32020)     /* HTTP alone */
#define RPC_MISSING_CAPABILITY (-32021)
#define RPC_UNSUPPORTED_VERSION (-32022)
#define RPC_RESOURCE_NOT_FOUND (-32002) /* the handshake era alone */

#define HEADER_GATE_SLOTS 64

/* Which of the tools that were called last may have arguments that HTTP headers repeat. Zeroed to
 * begin with. */
struct header_gate {
    uint64_t generation;
    struct {
        const struct item *tool;
        bool open;
    } slots[HEADER_GATE_SLOTS];
};

struct mcp {
    struct mcp_options options;
    struct endpoint_factory factory;
    struct connection *connections; /* that are open, the newest first */
    struct buffer out; /* the message that is being written: one at a time for all connections */
    struct list_cache list_caches[ITEM_KINDS];
    struct output_gate output_gate;
    struct header_gate header_gate;
    struct buffer server_info;   /* {"name":...,"version":...} */
    bool seal_failure_logged;
};

/* Who speaks on a connection, and what the requests that are not done hold in memory. It may outlive
 * the connection: a tool that hangs keeps its caller and its arguments. */
struct client {
    struct caller caller;
    size_t bytes;
    unsigned users;
    char text[]; /* the caller's strings */
};

struct http_head;

/* A message that came: its document lives until the last request in it is done with it. */
struct message {
    struct json_doc *doc;
    unsigned users;
    size_t bytes;          /* text and index */
    struct client *client; /* where they are counted; NULL: not yet */
    void *origin;          /* what it came with, for message_about; NULL: nothing */
    /* The headers that it must agree with; NULL: it came over a wire without, or is of the handshake
     * era. Only until its requests have been handed on. */
    const struct http_head *head;
};

struct connection;

/* Answers of one batch, sent together when the last one is there. */
struct batch {
    struct buffer answers; /* without the brackets */
    void *origin;          /* of its message */
    unsigned open;         /* requests that are not answered */
    bool complete;         /* all members have been looked at */
};

struct call_method;
struct outgoing;
struct round;
struct task_report;
struct task_step;
struct task_wait;

/* A subscriptions/listen that is open. */
struct listening {
    struct request *request;
    struct listening *next;
    struct interest interest;
};

struct request {
    struct connection *connection;
    struct message *message;
    struct batch *batch;  /* NULL: answered alone */
    struct request *next; /* in its bucket */
    uint32_t id_hash;     /* kept: to make it again may take memory */
    struct json id;
    struct json params;
    struct json meta;
    struct json progress_token;
    struct str method_name; /* static */
    struct json target;    /* what a call of the core is of, and with what */
    struct json arguments;
    enum revision revision;
    int log_level; /* the lowest level that the client wants to see; -1: none */
    const struct call_method *method; /* how a call of the core is answered */
    struct round *round; /* what it waits for the client to answer; NULL: nothing */
    unsigned rounds;     /* how often it has asked */
    struct listening *listening;
    struct task_wait *task_wait;
    struct task_step *task_step; /* it waits for the store of tasks */
    uint64_t call; /* in the core; 0: none */
    struct listing *listing; /* a list of tools that hooks look at; NULL: none */
    uint64_t started_ns;
    struct progress progress;
    bool handled;           /* its method's handler has begun */
    bool forwarded;         /* its tool was named in the arguments of tool_call */
    bool task_next;         /* what follows its first round is a task */
    bool content_alone;     /* the client must not see the tool's structured results */
    bool answered;          /* or never to be answered */
};

struct connection {
    struct mcp *mcp;
    struct connection *next, *previous; /* of all that are open */
    int64_t opened_ms;
    uint64_t received, sent; /* bytes of messages */
    struct message_sink sink;
    /* Called with sink.ctx when nothing more can come for what came with `origin`, also without an
     * answer. NULL: the wire does not ask. */
    void (*over)(void *ctx, void *origin);
    struct request_table requests; /* that are not answered */
    struct client *client;
    struct parse_job *parsing; /* a large message on a worker */
    enum revision revision;    /* of the legacy session */
    bool initialized;          /* a legacy session is there */
    bool shutting_down;
    bool closed; /* nothing may be sent any more */
    int log_level; /* of the legacy session */
    struct client_abilities abilities; /* of the client of the legacy session */
    struct buffer capabilities;        /* the same as it was declared, JSON */
    struct buffer roots;       /* what the client answered to roots/list; empty: not known */
    struct outgoing *outgoing; /* requests to the client that it has not answered */
    uint64_t outgoing_number;
    struct elicitation *elicitations; /* ELICITATIONS_KEPT, or NULL before the first */
    size_t elicitation_next;
    struct change_listener listener;
    struct interest interest; /* of the legacy session */
    struct listening *listening;
    size_t listening_count;
    struct timer *retry; /* of notifications that the client did not take */
    struct task_report *task_reports;
    struct task_wait *task_waits;
    uint64_t log_window_ns;
    unsigned log_sent; /* in the window */
};

/* connection.c */
int connection_open(void *ctx, const struct caller *caller, const struct message_sink *sink,
                    struct message_endpoint *out, struct error *err);
/* Parses `data`, which belongs to the result, also on failure. NULL on failure; ST_INVALID and
 * ST_TOO_LARGE: it is no message. */
struct message *message_parse(char *data, size_t len, struct error *err);
void message_unuse(struct message *message);
/* Counts the message among what the connection holds. False: that would be too much. */
bool message_hold(struct connection *c, struct message *message);

/* receive.c: one parsed message */
/* An answer to a request of ours. */
bool receive_is_response(struct json v);
/* Why it is no message at all; NULL: it is one. */
const char *receive_what_is_wrong(struct json v);
/* The id as far as an answer can repeat it. */
struct json receive_readable_id(struct json v);
void receive_document(struct connection *c, struct message *message);

/* request.c */
/* What the request came with, see message_about. */
void *request_origin(const struct request *r);
/* NULL without memory. The request uses the message. */
struct request *request_new(struct connection *c, struct message *message, struct batch *batch,
                            struct json id, struct json params);
/* The request with this id that is not answered yet. */
struct request *request_find(struct connection *c, struct json id);
/* Takes it out of the table; it is not answered any more. */
void request_done(struct request *r);
/* Frees a request that is closed. */
void request_free(struct request *r);
void batch_finish(struct connection *c, struct batch *batch);

/* answer.c: writes messages. An answer closes and frees the request. */
/* {"jsonrpc":"2.0","id":...,"result": - the caller writes the result object next */
struct json_writer answer_begin(struct request *r);
void answer_send(struct request *r);
/* Sends the answers of a batch, which holds one at least. */
void send_batch(struct connection *c, struct batch *batch);
void answer_empty(struct request *r);
void answer_error(struct request *r, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `data` is a JSON text. */
void answer_error_data(struct request *r, int code, struct str data, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Where an error goes for something that is no request. */
struct stray {
    struct batch *batch; /* NULL: it is answered alone */
    void *origin;
};
/* An error for it: with its id, if one could be read. */
void answer_stray(struct connection *c, const struct stray *to, struct json id, int code,
                  const char *text);
/* resultType and friends at the end of a modern result. `own_meta` is the result's own _meta. */
void answer_modern_meta(struct request *r, struct json_writer *w, struct json own_meta);
/* {"jsonrpc":"2.0","method":...,"params": - the caller writes the params next */
struct json_writer notification_begin(struct connection *c, struct str method);
/* Sends it as part of what came with `origin`; NULL: of nothing. */
bool notification_send(struct connection *c, void *origin);
/* The same for a request of ours. */
struct json_writer request_begin(struct connection *c, struct str id, struct str method);
/* Ends and sends a message that was begun. False: it was not sent. */
bool message_send(struct connection *c, enum message_kind kind, void *origin);

/* methods.c */
void method_call(struct request *r, struct json method);
void notification_handle(struct connection *c, struct json method, struct json params);

/* era.c */
/* What the client of the request can be asked. */
struct client_abilities era_abilities(const struct request *r);
/* The same as it was declared; empty if it was not. */
struct str era_capabilities(const struct request *r);
/* The message says that it is modern. `in_session`: it belongs to a session of the handshake era. */
bool era_has_claim(bool in_session, struct json params);
/* initialize belongs to the handshake era unless its _meta holds a valid modern claim. */
bool era_is_handshake(struct json method, struct json meta);
/* Checks what a modern request says of itself. False: it has been answered. */
bool era_check_modern(struct request *r);
/* The log level that a modern request asks for, if it does. False: it has been answered. */
bool era_take_log_level(struct request *r);

/* The handlers, each in the file of its name. */
void initialize_handle(struct request *r);
void discover_handle(struct request *r);
void ping_handle(struct request *r);
void set_level_handle(struct request *r);
void tools_list_handle(struct request *r);
void tools_call_handle(struct request *r);
void resources_list_handle(struct request *r);
void templates_list_handle(struct request *r);
void resources_read_handle(struct request *r);
void prompts_list_handle(struct request *r);
void prompts_get_handle(struct request *r);
void complete_handle(struct request *r);
void subscribe_handle(struct request *r);
void unsubscribe_handle(struct request *r);
void listen_handle(struct request *r);
void tasks_get_handle(struct request *r);
void tasks_list_handle(struct request *r);
void tasks_cancel_handle(struct request *r);
void tasks_result_handle(struct request *r);
void tasks_update_handle(struct request *r);

/* listen.c */
/* "_meta" of what is sent for a listen request. */
void subscription_write_meta(struct json_writer *w, const struct request *listen);

/* tasks.c */
bool task_take_call(struct request *r, const struct item *tool);
void task_write_capability(const struct request *r, struct json_writer *w);
void task_changed(struct connection *c, struct str id);
/* True if the task is one of the caller's. */
bool task_is_known(const struct request *r, struct str id);
/* False: the listen request asks for tasks and its client does not know them; answered. */
bool task_check_listen(struct request *r);
bool task_send_notification(struct connection *c, const struct request *listen, struct str id);

/* tools.c */
/* The members of a tool's result, without the braces. */
void tool_result_write(const struct request *r, struct json_writer *w, struct json result,
                       bool is_error);
void tool_answer_text_error(struct request *r, struct str text);
/* The client of the request must not see structured results of this tool. */
bool tool_is_content_alone(const struct request *r, struct str name);

/* resources.c */
void resource_answer_not_found(struct request *r, struct str uri, const char *why);

/* logging.c */
/* The number of the level that `value` names, -1 if it is none. */
int log_level_of(struct json value);
bool log_within_rate(struct connection *c);
void log_write_message(struct json_writer *w, enum log_level level, struct str logger,
                       struct str text);
void log_to_client(struct request *r, enum log_level level, struct str logger, struct str text);
