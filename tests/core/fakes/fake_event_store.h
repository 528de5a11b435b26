/*
 * An event store in memory for tests: ports/driven/event_store.h whole, with switches. Completes before
 * return unless it is held. Positions are 1, 2, 3... over all streams.
 */
#pragma once

#include "ports/driven/event_store.h"

struct fake_event_store;

struct fake_event_store *fake_event_store_new(void);

/* What is held is dropped without a word. NULL is allowed. */
void fake_event_store_free(struct fake_event_store *fake);

const struct event_store *fake_event_store_port(struct fake_event_store *fake);

enum fake_event_call {
    FAKE_APPEND,
    FAKE_READ,
    FAKE_READ_ALL,
    FAKE_PROJECT,
    FAKE_ROWS,
    FAKE_EVENT_CALLS, /* how many there are */
};

/* The next call of this function fails with `code` and "the store says no"; nothing is changed. */
void fake_event_store_fail(struct fake_event_store *fake, enum fake_event_call call, int code);

/* The next append or project finds a conflict: with version or position `actual`. */
void fake_event_store_conflict(struct fake_event_store *fake, enum fake_event_call call,
                               uint64_t actual);

/* While held, calls wait: they are done, in their order, when they are released. */
void fake_event_store_hold(struct fake_event_store *fake, bool held);

/* Does at most `count` of those that wait; returns how many it did. Works also while held. */
size_t fake_event_store_release(struct fake_event_store *fake, size_t count);

size_t fake_event_store_waiting(const struct fake_event_store *fake);

/* How often a function was called. */
uint64_t fake_event_store_calls(const struct fake_event_store *fake, enum fake_event_call call);

/* Appends one event as another process would: schema 1, at 1,000 ms times its position, tenant
 * "local", caller "other". Returns its position. */
uint64_t fake_event_store_add(struct fake_event_store *fake, struct str stream, struct str type,
                              struct str data);

/* As above, with everything given; stream too. Its version and position are the next ones. */
uint64_t fake_event_store_add_event(struct fake_event_store *fake,
                                    const struct stored_event *event);

/* The event at a position; NULL if there is none. */
const struct stored_event *fake_event_store_at(const struct fake_event_store *fake,
                                               uint64_t position);

/* Events in all. */
uint64_t fake_event_store_count(const struct fake_event_store *fake);
