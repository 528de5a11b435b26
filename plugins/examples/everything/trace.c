/* The tool `trace`: the trace context that came with the call, as a plugin would send it on. */
#include "everything.h"

int32_t tool_trace(const hexmcp_round *r)
{
    const hexmcp_call_info_1 *calls = r->calls;
    char text[600] = "no trace context";
    size_t parent = 0, state = 0;
    if (calls && HEXMCP_HAS(calls, traceparent) &&
        calls->traceparent(calls->ctx, r->call, text, sizeof(text), &parent) == HEXMCP_OK) {
        text[parent] = ' ';
        if (calls->tracestate(calls->ctx, r->call, text + parent + 1, sizeof(text) - parent - 2,
                              &state) == HEXMCP_OK)
            parent += 1 + state;
        text[parent] = '\0';
    }
    return hexmcp_round_text(r, hexmcp_str_from(text));
}
