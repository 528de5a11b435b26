/*
 * Following the events of the store from a position on, those of other processes too: what was missed
 * first, then what comes. Own commits are seen at once, others' within FOLLOW_LOOK_MS. Each event comes
 * in order and, as long as the follower is there, once.
 *
 * All [loop]. Callbacks come from a timer, never from inside of a function here.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/event_store.h"
#include "ports/driven/timer.h"

#define FOLLOW_LOOK_MS 500u

struct followers;
struct follower;

struct follow_sink {
    void *arg;
    /* Borrowed until return. False: not now; the same event comes again after follow_resume(). */
    bool (*event)(void *arg, const struct stored_event *event);
    /* All up to `position` was told, or is of no interest; may be NULL. */
    void (*reached)(void *arg, uint64_t position);
    /* The store has failed; it is tried again after FOLLOW_LOOK_MS. May be NULL. */
    void (*failed)(void *arg, const struct error *err);
};

struct follow_what {
    uint64_t after;          /* position                                                         */
    bool from_end;           /* only what comes from now on: `after` is not looked at            */
    const struct str *types; /* none: all; copied                                                */
    size_t type_count;
};

/* The ports outlive it. */
int followers_new(const struct event_store *events, const struct timer_port *timers,
                  struct followers **out, struct error *err);

/* Followers are stopped. NULL is allowed. */
void followers_free(struct followers *followers);

/* There are events up to `position`. */
void followers_committed(struct followers *followers, uint64_t position);

int follow_start(struct followers *followers, const struct follow_what *what,
                 const struct follow_sink *sink, struct follower **out, struct error *err);

/* Nothing is told any more. NULL is allowed; from inside of a callback too. */
void follow_stop(struct follower *follower);

void follow_resume(struct follower *follower);
