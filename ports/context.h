/* Who asks, when, until when, and as part of what. Every port call that does work carries one. */
#pragma once

#include "ports/types.h"

/* Who asks. Strings live as long as the connection or command that made the caller. */
struct caller {
    struct str id;     /* "stdio" for an anonymous local client, later a key id or JWT subject */
    struct str tenant; /* "local" until there are several                                      */
    bool authenticated; /* it proved who it is                                                 */
};

struct call_context {
    const struct caller *caller;
    int64_t wall_ms;         /* UTC, milliseconds since 1970                                   */
    uint64_t monotonic_ns;   /* the clock port's monotonic time when the request came          */
    uint64_t deadline_ns;    /* on the same clock; 0: the tool's own time limit alone counts   */
    struct str traceparent;  /* W3C trace context as it came, checked; empty if none           */
    struct str tracestate;
};
