/*
 * What others can ask of the events themselves: event.read, event.list, event.tail. A caller sees
 * events of its tenant: the operator all of them, others those that they caused (core/journal/access.h).
 */
#pragma once

#include "core/journal/follow.h"
#include "core/journal/journal.h"
#include "core/operation/operations.h"

struct event_operations;

/* What is given outlives it. */
struct event_operations_parts {
    const struct event_store *events;
    const struct journal *journal; /* its upcasts */
    struct followers *followers;
};

/* Adds them to the table, in which nothing may be executed after event_operations_free. */
int event_operations_new(const struct event_operations_parts *parts, struct operations *table,
                         struct event_operations **out, struct error *err);

/* Those that still run are not answered. NULL is allowed. */
void event_operations_free(struct event_operations *operations);
