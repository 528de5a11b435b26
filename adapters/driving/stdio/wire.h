/* Inside of stdio: one connection. */
#pragma once

#include <uv.h>

#include "adapters/driving/lines/lines.h"
#include "adapters/driving/stdio/stdio.h"

/* Private descriptors start here, out of the way of code that closes small numbers. */
#define PRIVATE_FD 10

/* Bytes that are read at once. */
#define READ_BYTES ((size_t)64 * 1024)

/* What one turn of the loop takes at most, so that timers and completions are not kept waiting. */
#define TURN_MESSAGES 256u
#define TURN_NS 2000000u

/* How long a client may take nothing of the last answers; after a signal, how long it has for all
 * of them. */
#define LAST_WORDS_MS 500u

#define SIGNAL_COUNT 3

/* Waiting for one end of the wire. */
struct watch {
    uv_poll_t handle;
    uv_poll_cb on_event;
    int own_fd; /* a socket's second number, -1 if there is none */
    int events;
};

/* epoll always tells a hangup, but libuv must be given an event to wait for: urgent data, which
 * nobody sends. Not UV_DISCONNECT: a socket tells that when the client has only ended its input. */
#define WATCH_HANGUP UV_PRIORITIZED

struct wire {
    struct loop *loop;
    uv_loop_t *uv;
    struct stdio_options options;
    struct message_sink sink;
    struct message_endpoint endpoint;
    struct framing framing;
    struct line_queue out;
    struct watch in_watch;
    struct watch out_watch;
    uv_idle_t in_idle;        /* input that needs no waiting: a file, or lines that are here */
    uv_prepare_t before_wait; /* flush before waiting ... */
    uv_check_t after_wait;    /* ... and after what the wait brought */
    uv_timer_t end_timer;
    uint64_t moved;        /* bytes read and written */
    uint64_t moved_before; /* ... when the end timer was started */
    uv_signal_t signals[SIGNAL_COUNT];
    uv_poll_t parent_poll;
    uv_timer_t parent_timer;
    int parent_fd; /* pidfd, -1 if there is none */
    bool paused;        /* by the endpoint */
    bool held_back;     /* by the length of the queue */
    bool lines_left;    /* lines that were read may not be handed out yet */
    bool hung_up;       /* nobody can write input any more; there may be some to read */
    bool input_ended;
    bool urgent_data; /* somebody did send it: hangups are not waited for any more */
    bool hurry;         /* a signal or the parent's death ended it */
    bool shut_down;     /* the endpoint has answered everything */
    bool speaking;      /* ... or is about to: its last words are not all said */
    bool dead;          /* the client cannot be reached any more */
};

/* watch.c: WIRE_FILE is accepted and never waited for. */
int watch_init(struct watch *watch, struct wire *w, const struct wire_end *end, uv_poll_cb on_event,
               struct error *err);
/* Waits for these UV_ events from now on; 0: for none. */
void watch_set(struct watch *watch, int events);
bool watch_hung_up(struct watch *watch);
void watch_close(struct watch *watch);

/* input.c */
int input_start(struct wire *w, struct error *err);
/* Reads on, or stops reading, as the flags say. */
void input_update(struct wire *w);
void input_resume(struct wire *w);

/* output.c */
int output_start(struct wire *w, struct error *err);
bool output_send(void *ctx, const struct message_about *about, struct str message);
/* Writes what can be written. */
void output_flush(struct wire *w);

/* parent.c */
void parent_watch(struct wire *w);
void parent_close(struct wire *w);

/* ending.c */
int ending_start(struct wire *w, struct error *err);
/* End of input, or the hangup before it: let accepted requests run on for a while. What is still to
 * be read is served as long as the client takes answers. */
void ending_drain(struct wire *w);
/* Signal, hangup: answer everything now and go. */
void ending_now(struct wire *w);
/* The client is gone: go without words. */
void ending_dead(struct wire *w);
/* Stops the loop if nothing is left to do. */
void ending_check(struct wire *w);
