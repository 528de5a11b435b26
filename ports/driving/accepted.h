/*
 * A connection that was accepted, on its way to the wire that its first bytes ask for. They have
 * been looked at and are still unread. All [loop].
 */
#pragma once

#include "ports/types.h"

struct accepted {
    int fd;      /* a connected stream socket: non-blocking, closed on exec */
    bool local;  /* over a Unix socket, from a process of this machine: `uid` and `pid` are known */
    bool secure; /* it came by TLS, which has ended before `fd` */
    struct str address; /* the client's, e.g. "192.0.2.7" or "::1"; empty if local; borrowed */
    uint32_t uid;
    int32_t pid;

    /* Tells who accepted it that the connection has ended: exactly once, by who took it, when `fd`
     * is closed. */
    void (*ended)(void *lease);
    void *lease;
};

/* Somebody who takes connections. */
struct connection_taker {
    void *ctx;
    /* `what` is borrowed until return; from then on `fd` belongs to the taker, who closes it and
     * calls `ended` whatever happens, also before it returns. */
    void (*take)(void *ctx, const struct accepted *what);
};
