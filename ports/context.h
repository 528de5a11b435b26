/* Who asks, when, until when, and as part of what. Every port call that does work carries one. */
#pragma once

#include "ports/types.h"

struct path_grants;

/* Who asks. Strings live as long as the connection or
 * command that made the caller, and as the calls that began there. */
struct caller {
    struct str id;     /* "stdio" for an anonymous local client, later a key id or JWT subject */
    struct str tenant; /* "local" until there are several                                      */
    bool authenticated; /* it proved who it is                                                 */
    /* The folders that calls of this caller may open; NULL: those of the server. They outlive all
     * calls. */
    const struct path_grants *paths;
};

/* The folders that the client works in, which narrow what may be opened for it. */
enum roots_state {
    ROOTS_NONE,    /* it has none to tell: nothing is narrowed                                  */
    ROOTS_UNKNOWN, /* it can be asked: a call that opens files ends with CALL_INPUT_REQUIRED    */
    ROOTS_KNOWN,
};

struct client_roots {
    enum roots_state state;
    struct str list; /* ROOTS_KNOWN: JSON array of {"uri":...}; borrowed until call() returns    */
};

struct call_context {
    const struct caller *caller;
    int64_t wall_ms;         /* UTC, milliseconds since 1970                                   */
    uint64_t monotonic_ns;   /* the clock port's monotonic time when the request came          */
    uint64_t deadline_ns;    /* on the same clock; 0: the tool's own time limit alone counts   */
    struct str traceparent;  /* W3C trace context as it came, checked; empty if none           */
    struct str tracestate;
    struct str meta; /* JSON object that came with the request, as it came; empty if none      */
    struct client_roots roots;
};
