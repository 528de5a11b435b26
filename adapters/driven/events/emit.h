/* Inside of events: what plugins say, past the hooks and onto the bus, in the order in which it came. */
#pragma once

#include "core/hook/hooks.h"
#include "ports/driven/event_bus.h"

/* Events that wait for hooks; what comes when there are more is dropped. */
#define EMIT_WAITING_MAX 1000u

struct emitted;

struct emitter {
    const struct event_bus *bus;
    struct hooks *hooks; /* NULL: nobody hooks */
    struct emitted *first, *last;
    uint32_t waiting;
    uint64_t run; /* of hooks that are waited for */
    bool asking, looping;
};

void emit(struct emitter *emitter, struct str plugin, struct str topic, struct str json);

/* Drops what waits. */
void emitter_stop(struct emitter *emitter);
