/* Inside of session: what ToolCalled and ToolReturned say of a call that is recorded, as arguments of
 * the commands that make them. */
#pragma once

#include "core/session/recording.h"

/* For session_call_begin. */
void recording_write_call(const struct recording *r, struct buffer *out);

/* For session_call_end, when the call has ended. */
void recording_write_return(struct recording *r, struct buffer *out);
