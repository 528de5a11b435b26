/* Inside of websocket: the wire and one connection on it. */
#pragma once

#include <uv.h>

#include "adapters/driving/websocket/deflate.h"
#include "adapters/driving/websocket/frame_reader.h"
#include "adapters/driving/websocket/handshake.h"
#include "adapters/driving/websocket/websocket.h"
#include "core/base/str_index.h"

/* Bytes that are read at once. */
#define READ_BYTES ((size_t)64 * 1024)

/* Messages of one connection in one turn of the loop. */
#define TURN_MESSAGES 256u

/* Messages below gain nothing from being packed; those above would hold up the loop. */
#define PACK_LEAST ((size_t)1024)
#define PACK_MOST ((size_t)256 * 1024)

/* Close codes. */
#define CLOSE_GOING_AWAY 1001
#define CLOSE_PROTOCOL 1002
#define CLOSE_BINARY 1003
#define CLOSE_INVALID 1007
#define CLOSE_POLICY 1008
#define CLOSE_TOO_BIG 1009
#define CLOSE_FAILED 1011
#define CLOSE_LATER 1013

enum stage {
    STAGE_HEAD,     /* the request has not come whole                                            */
    STAGE_CHECKING, /* its credentials are being checked                                         */
    STAGE_OPEN,
    STAGE_REFUSED,  /* the refusal is queued or sent: until the client has gone                  */
    STAGE_CLOSING,  /* a close frame is queued or sent: until the client has closed, too         */
    STAGE_DEAD,     /* to be freed                                                               */
};

/* How many connections a caller has. */
struct presence {
    struct str key; /* tenant, NUL, id */
    size_t count;
    char text[];
};

/* A check of credentials that is under way. Outlives its connection. */
struct check {
    struct connection *connection; /* NULL: it has gone */
};

struct wire {
    struct websocket_options options;
    struct websocket_parts parts;
    uv_loop_t *loop;
    uv_prepare_t before_wait; /* settle before waiting ... */
    uv_check_t after_wait;    /* ... and after what the wait brought */
    uv_idle_t ready_idle;     /* there are messages that may be handed out */
    uv_timer_t sweep_timer;
    struct connection *first;
    struct connection *changed; /* to be settled */
    struct connection *ready;   /* have read bytes that were not looked at */
    struct str_index callers;
    struct frame_readers readers;
    struct deflate *deflate;
    struct buffer scratch; /* a packed message */
    struct websocket_facts facts;
    size_t crowd;     /* most connections since memory was given back */
    size_t last_crowd; /* connections when that was looked at last */
    unsigned handles; /* that are not closed */
    bool draining;
    uint64_t drain_until_ms;
    void (*drained)(void *user);
    void *drained_user;
    char input[READ_BYTES];
};

struct connection {
    struct wire *wire;
    struct connection *next, *before;
    struct connection *next_changed;
    struct connection *next_ready;
    uv_poll_t poll;
    int fd;
    int events; /* that are polled for */
    enum stage stage;
    bool local;
    bool is_changed;
    bool is_ready;
    bool blocked;     /* the socket takes no more for now */
    bool paused;      /* by the endpoint */
    bool held_back;   /* by the length of the queue */
    bool deaf;        /* what comes is thrown away */
    bool peer_closed; /* a close frame came */
    bool write_ended;
    bool pinged;
    bool deflate;
    bool has_endpoint;
    bool in_frame;
    bool in_message;
    bool packed; /* the message that is being received */
    void (*ended)(void *lease);
    void *lease;
    struct check *check;
    struct presence *presence;
    struct message_endpoint endpoint;
    struct message_sink sink;
    struct buffer in; /* the head; later bytes that were read and not looked at */
    size_t head_len;
    struct frame_reader *reader;
    uint64_t frame_left;
    struct buffer message;
    struct buffer out;
    size_t out_start;   /* bytes of `out` that are written */
    uint64_t stage_ms;  /* when the stage began */
    uint64_t heard_ms;  /* when something came last, or the ping was sent */
    uint64_t moved_ms;  /* when something was written last, or the queue began */
    uint64_t active_ms; /* when there was a message last */
};

/* connection.c */
void connection_take(void *ctx, const struct accepted *what);
void connection_free(struct connection *c);
void connection_set_stage(struct connection *c, enum stage stage);
/* Has it settled before the loop waits again. */
void connection_changed(struct connection *c);
/* Has what was read and not looked at handed out in the next turn. */
void connection_ready(struct connection *c);
/* Writes what can be written, ends what has ended, and waits for what is to come. */
void connection_settle(struct connection *c);

/* opening.c */
void opening_read(struct connection *c);
/* The answer of the check is not waited for any more. */
void opening_forget_check(struct connection *c);
void opening_refuse(struct connection *c, int status, const char *headers, const char *why);

/* presence.c */
/* One more connection of the caller; *out is NULL if nobody knows who it is. ST_TOO_LARGE: it has as
 * many as it may; ST_NOMEM. */
int presence_enter(struct wire *wire, const struct caller *caller, struct presence **out);
void presence_leave(struct wire *wire, struct presence *presence);

/* input.c */
/* Takes bytes; `len` 0: what was left. */
void input_take(struct connection *c, struct str bytes);
void input_read(struct connection *c);
void input_resume(void *ctx);
bool input_has_rest(const struct connection *c);
/* Frees what was received and not handed out. */
void input_drop(struct connection *c);

/* message.c: a whole message. */
void message_end(struct connection *c);

/* output.c */
bool output_send(void *ctx, const struct message_about *about, struct str message);
void output_frame(struct connection *c, unsigned first_byte, struct str payload);
void output_flush(struct connection *c);
size_t output_queued(const struct connection *c);

/* ending.c */
/* Sends a close frame and takes no message any more. `why` goes into the frame. */
void ending_close(struct connection *c, unsigned code, const char *why);
/* The client's close frame. */
void ending_closed_by_peer(struct connection *c, struct str payload);
/* The client is gone, or gets no more words. */
void ending_dead(struct connection *c);

/* sweep.c */
int sweep_start(struct wire *wire, struct error *err);
/* What the passing of time does. */
void sweep(struct wire *wire);
uint64_t sweep_now(const struct wire *wire);

/* drain.c: websocket_wire's drain. */
void drain_begin(void *ctx, uint64_t drain_ms, void (*drained)(void *user), void *user);
