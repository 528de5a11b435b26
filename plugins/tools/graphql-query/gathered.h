/*
 * gathered.h - the events of a subscription, as they come.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "ask.h"

/* Most bytes of all events together. */
#define GATHERED_MOST ((size_t)1024 * 1024)

struct gathered {
    struct bytes list; /* JSON of each event, with a NUL behind it */
    size_t count, most;
    bool full;
};

/* false: no more is wanted, or can be kept. */
bool gathered_add(struct gathered *g, hexmcp_str event);

/* Puts events, event_count and ended. The number of those with errors, or that are no JSON. */
size_t gathered_put(const struct gathered *g, struct answer *a, const char *ended);
void gathered_free(struct gathered *g);
