/*
 * The service hexmcp.operations/1: plugins execute operations of the platform
 * (ports/driving/operation_service.h) that they were granted, for whoever called them.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"
#include "ports/driving/operation_service.h"

/* Longest name of an operation, in bytes. */
#define PLUGIN_OPERATION_NAME_MAX 127

/* `text`: the arguments, a JSON object or empty; `bytes`: the name, a NUL, and the operation's bytes.
 * The answer is the last event's `text`; pieces are events before it. */
enum operations_op {
    OPERATIONS_EXECUTE = 1,
    OPERATIONS_EXECUTE_PIECES, /* the plugin takes pieces */
};

enum operations_event { OPERATIONS_PIECE = 1 };

struct plugin_operations;

/* Clock and timers outlive it. */
int plugin_operations_new(const struct clock_port *clock, const struct timer_port *timers,
                          struct plugin_operations **out, struct error *err);

/* Cancels what runs, if the operations are still there. NULL is allowed. */
void plugin_operations_free(struct plugin_operations *p);

/* Where operations are executed from now on; NULL, as before the first time: every request is refused
 * with ST_UNAVAILABLE, and what ran is cancelled. */
void plugin_operations_set(struct plugin_operations *p, const struct operation_service *operations);

const struct service_port *plugin_operations_port(struct plugin_operations *p);
