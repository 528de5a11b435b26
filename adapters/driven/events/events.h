/*
 * The bus of events on the loop, and the service hexmcp.events/1 over it.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/event_bus.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

enum events_op {
    EVENTS_PUBLISH = 1, /* stays open; each word is an event                                     */
    EVENTS_SUBSCRIBE,   /* `text`: {"pattern": , "queue": , "dropNew": }; open till it is closed */
};

enum events_word { EVENTS_SAY = 1 /* `text`: JSON; `bytes`: topic */ };

enum events_event {
    EVENTS_EVENT = 1, /* `text`: JSON; `bytes`: topic */
    EVENTS_LOST,      /* `text`: how many             */
};

struct events;
struct hooks;

/* The timers outlive it. */
int events_new(const struct timer_port *timers, struct events **out, struct error *err);

/* NULL is allowed. */
void events_free(struct events *events);

/* Hooks that what plugins say goes past; NULL: none any more, and what waits for them is dropped. They
 * outlive the events, or this is called before they go. */
void events_set_hooks(struct events *events, struct hooks *hooks);

/* For the host itself. */
const struct event_bus *events_bus(struct events *events);

const struct service_port *events_port(struct events *events);
