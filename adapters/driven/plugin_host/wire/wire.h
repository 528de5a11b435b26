/*
 * One end of the connection between the program and a helper, on the loop: messages that come, and a
 * bounded queue of those that cannot go yet. All [loop].
 */
#pragma once

#include "adapters/driven/plugin_host/wire/message.h"
#include "core/base/buffer.h"
#include "core/base/error.h"

struct uv_loop_s;
struct wire;

struct wire_events {
    void *ctx;
    /* A message; ST_PROTOCOL with the reason ends the connection. */
    int (*message)(void *ctx, struct wire_message *message, struct error *err);
    /* The other end is closed (ST_UNAVAILABLE) or broke the rules (ST_PROTOCOL); nothing comes any
     * more. Not from inside of wire_send(). */
    void (*ended)(void *ctx, const struct error *why);
};

/* Takes `socket` over, on success. `queue_max` bytes may wait; see wire_send(). */
int wire_new(struct uv_loop_s *loop, int socket, size_t queue_max, const struct wire_events *events,
             struct wire **out, struct error *err);

/* Closes; nothing comes any more, even inside of message(). NULL is allowed. */
void wire_free(struct wire *wire);

/* An empty body to be filled with codec.h, for the next wire_send(). */
struct buffer *wire_body(struct wire *wire);

/* Sends what is in wire_body(), and the descriptor `fd` or -1, which it takes over in any case.
 * ST_BUSY: the queue is full (one message goes into an empty one however long it is). ST_NOMEM. What
 * fails on the way is told by ended(). */
int wire_send(struct wire *wire, enum wire_op op, uint64_t id, int fd, struct error *err);

/* The text that ends the body, in place of wire_put_text(): it is sent from where it lies, which is
 * borrowed until wire_send() returns. */
void wire_end_text(struct wire *wire, struct str text);

/* The same without regard to the queue's limit: for answers, which are bounded by what was asked. */
int wire_send_answer(struct wire *wire, enum wire_op op, uint64_t id, int fd, struct error *err);

/* Takes all that has come: the other end is gone. NULL is allowed. */
void wire_read_rest(struct wire *wire);

/* Bytes that wait. */
size_t wire_queued(const struct wire *wire);

/* Stops reading as long as more than the queue's limit waits. Off at first. */
void wire_hold_back(struct wire *wire, bool on);
