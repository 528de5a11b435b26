/* Who may see raw events and change projections. */
#pragma once

#include "ports/context.h"
#include "ports/driven/event_store.h"

/* True for the user who runs hexmcp (the command line, a client on stdin), who may open the store's file
 * as well. */
bool access_is_operator(const struct caller *caller);

/* The events of one's own tenant: the operator all of them, others those that they caused. */
bool access_sees(const struct caller *caller, const struct stored_event *event);
