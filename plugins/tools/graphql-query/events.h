/*
 * events.h - server-sent events (WHATWG HTML, 9.2), as they come in pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"

/* Most bytes of one event; a longer one ends the stream. */
#define EVENT_MOST ((size_t)1024 * 1024)

struct events {
    struct bytes line, type, data;
    bool after_return; /* a "\n" is the rest of "\r\n" */
    bool any_data, begun;
    /* An event is complete; false: no more is wanted. `type` is "message" where none was said. */
    bool (*told)(void *arg, const char *type, hexmcp_str data);
    void *arg;
};

/* false: no more is wanted, memory is short, or an event is too long. */
bool events_take(struct events *events, const char *piece, size_t len);
void events_free(struct events *events);
