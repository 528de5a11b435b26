/* Somebody who watches the requests of clients go by. All [loop]. */
#pragma once

#include "ports/context.h"

enum traffic_end {
    TRAFFIC_RESULT,
    TRAFFIC_ERROR,     /* answered with an error of the protocol                                 */
    TRAFFIC_CANCELLED, /* by the client, or it went away: there was no answer                    */
};

/* A request that has come or is over. It holds nothing of what was asked or answered but the name of what was
 * called. Borrowed until `seen` returns. */
struct traffic_event {
    enum traffic_end end;
    int error;             /* TRAFFIC_ERROR: the code                                            */
    uint64_t duration_ns;
    struct str wire;       /* "stdio", "http" ...; may be empty                                  */
    struct str protocol;   /* the revision; empty: it was no request of any                      */
    struct str method;     /* empty: unknown                                                     */
    struct str target;     /* the name of the tool or prompt, as the client wrote it; may be empty */
    const struct caller *caller;
    size_t received;       /* bytes of the message that it came in                               */
    size_t sent;           /* bytes of the answer                                                */
};

struct traffic_tap {
    void *ctx;
    void (*seen)(void *ctx, const struct traffic_event *event);
    /* A request has come; what is not known yet is 0. May be NULL. */
    void (*came)(void *ctx, const struct traffic_event *event);
};
