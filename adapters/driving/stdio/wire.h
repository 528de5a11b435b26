/* Inside of stdio: one connection. */
#pragma once

#include <uv.h>

#include "adapters/driving/stdio/framing.h"
#include "adapters/driving/stdio/stdio.h"

/* Bytes that are read at once. */
#define READ_BYTES ((size_t)64 * 1024)

/* Queued output above which notifications are dropped ... */
#define QUEUE_SOFT ((size_t)1024 * 1024)
/* ... and above which no input is read until it has fallen below the soft limit. */
#define QUEUE_HARD ((size_t)4 * 1024 * 1024)

/* How long a client has to take the last answers after the end. */
#define LAST_WORDS_MS 500u

#define SIGNAL_COUNT 3

struct wire {
    struct loop *loop;
    uv_loop_t *uv;
    struct stdio_options options;
    struct message_sink sink;
    struct message_endpoint endpoint;
    struct framing framing;
    struct buffer out;
    size_t out_start; /* bytes of `out` that are written */
    uv_poll_t in_poll;
    uv_poll_t out_poll;
    uv_idle_t in_idle;       /* input that needs no waiting: a file, or lines that are here already */
    uv_prepare_t before_wait; /* flush before waiting ... */
    uv_check_t after_wait;    /* ... and after what the wait brought */
    uv_timer_t end_timer;
    uv_signal_t signals[SIGNAL_COUNT];
    uv_poll_t parent_poll;
    uv_timer_t parent_timer;
    int parent_fd; /* pidfd, -1 if there is none */
    int parent_pid;
    bool in_polling;
    bool out_writing;   /* waiting for the client to read */
    bool paused;        /* by the endpoint */
    bool held_back;     /* by the length of the queue */
    bool input_ended;
    bool shut_down;     /* the endpoint has answered everything */
    bool dead;          /* the client cannot be reached any more */
};

/* input.c */
int input_start(struct wire *w, struct error *err);
/* Reads on, or stops reading, as the flags say. */
void input_update(struct wire *w);
void input_resume(struct wire *w);

/* output.c */
int output_start(struct wire *w, struct error *err);
bool output_send(void *ctx, enum message_kind kind, struct str message);
/* Writes what can be written. */
void output_flush(struct wire *w);
size_t output_queued(const struct wire *w);

/* parent.c */
void parent_watch(struct wire *w);
void parent_close(struct wire *w);

/* ending.c */
int ending_start(struct wire *w, struct error *err);
/* End of input: let accepted requests run on for a while. */
void ending_drain(struct wire *w);
/* Signal, hangup: answer everything now and go. */
void ending_now(struct wire *w);
/* The client is gone: go without words. */
void ending_dead(struct wire *w);
/* Stops the loop if nothing is left to do. */
void ending_check(struct wire *w);
