/* W3C trace context in _meta. */
#pragma once

#include "core/json/json.h"
#include "ports/context.h"

/* Takes _meta, traceparent and tracestate over into the context. What is malformed of the two is
 * ignored. */
void trace_read(struct json meta, struct call_context *context);

/* Writes the _meta object of a request of ours that belongs to the one with this `meta`; nothing if
 * there is no trace. */
void trace_write(struct json meta, struct buffer *out);
