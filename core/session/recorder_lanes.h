/* Inside of session: the sessions of calls that name none. Each connection is a lane: its first call
 * makes the session, and the others wait for that. */
#pragma once

#include "core/session/recording.h"

/* Records in the lane of its connection, as recording_begin or recording_give_up. */
void lanes_record(struct recording *r);

void lanes_free(struct recorder *recorder);
