/* Events that are kept to be sent again, the oldest first. */
#pragma once

#include "core/base/str.h"

struct event {
    struct event *next;
    uint64_t number;
    uint64_t said_ms;
    uint32_t stream;
    size_t len;
    char text[];
};

/* Zeroed to begin with. */
struct events {
    struct event *first;
    struct event *last;
    size_t bytes;
};

/* NULL without memory. */
struct event *events_add(struct events *events, const struct event *what, struct str text);
/* Takes the first one out; the caller frees it. NULL: there is none. */
struct event *events_take(struct events *events);
bool events_have(const struct events *events, struct str text);
/* Frees those of the stream. */
void events_drop(struct events *events, uint32_t stream);
void events_clear(struct events *events);
/* The bytes that one counts as, beside its text. */
#define EVENT_BYTES sizeof(struct event)
