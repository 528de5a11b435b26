/* State as operations: state.get, state.set and so on. The tenant and the caller are those of the call,
 * so nobody names another one's place. */
#pragma once

#include "core/hook/hooks.h"
#include "core/operation/operations.h"
#include "core/state/state.h"
#include "ports/driven/executor.h"
#include "ports/driven/random.h"
#include "ports/driven/regex.h"
#include "ports/driven/timer.h"

struct state_operations;

struct state_operations_parts {
    struct state *state;
    const struct timer_port *timers;
    const struct random_port *random;
    const struct executor_port *executor;
    const struct regex_port *regex;
    struct hooks *hooks; /* NULL: nobody hooks */
};

/* Adds them. The parts and the operations outlive the result. */
int state_operations_new(const struct state_operations_parts *parts, struct operations *ops,
                         struct state_operations **out, struct error *err);

/* NULL is allowed. Before the state is freed; nothing is answered any more. */
void state_operations_free(struct state_operations *s);
