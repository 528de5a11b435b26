/* Inside of session: keeps the search index up with the events. Where it is stands in the checkpoint
 * of a projection without rows, "session-search". */
#pragma once

#include "core/session/work.h"

/* Calls done(arg) when the index has what was committed before. Several may wait. */
void search_catch_up(struct session_work *work, void (*done)(struct session_work *work,
                                                             const struct error *err));
