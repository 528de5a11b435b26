/*
 * socket.h - messages over WebSocket, as a client.
 *
 * SPDX-License-Identifier: MIT
 *
 * Text alone. What breaks the protocol, masked frames of a server and bad UTF-8 with it, ends the
 * connection, and so does a message above EVENT_MOST.
 */
#pragma once

#include "channel.h"
#include "events.h"

#include <wslay/wslay.h>

struct socket {
    struct channel *channel;
    struct bytes *rest; /* what came before the first read */
    size_t rest_at;
    wslay_event_context_ptr frames;
    size_t taken; /* bytes in this step */
    bool lost;    /* the connection is over */
    bool ended;   /* by us: no more is read */
    bool closing; /* what still comes is read and dropped */
    bool broken;  /* what came is no frame at all */
    bool binary;  /* a message that is no text came */
    unsigned close_code; /* of the server; 0: none came */
    char close_reason[124];
    void (*take)(void *arg, hexmcp_str text);
    void *arg;
};

/* false if memory is short. socket_end() is due after true. */
bool socket_begin(struct socket *s);
void socket_end(struct socket *s);

/* Queues a message. false if memory is short, or too much waits because the server does not read. */
bool socket_send(struct socket *s, hexmcp_str text);

/* Waits up to 50 ms, and gives messages to `take`. false: the connection is over. */
bool socket_step(struct socket *s);

/* Says goodbye, with what is queued, and waits at most 200 ms for that of the server. */
void socket_close(struct socket *s);

/* Why it ended, if the server broke the protocol: 1002, 1007 or 1009; else 0. */
unsigned socket_fault(const struct socket *s);
