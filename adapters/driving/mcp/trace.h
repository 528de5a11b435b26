/* W3C trace context in _meta. */
#pragma once

#include "core/json/json.h"
#include "ports/context.h"

/* Takes traceparent and tracestate over into the context. What is malformed is ignored. */
void trace_read(struct json meta, struct call_context *context);
