/*
 * The shim: carries MCP between standard input and output and a hexmcp that runs elsewhere, over its
 * Unix socket. Many sessions share one server in this way, and each is its own caller there.
 *
 * It looks at messages just enough to keep one promise: each request of the client is answered once,
 * also if the server is restarted in between. What was being worked on then is sent again, but not
 * calls of tools that may have done something: those are answered with an error. A session of the
 * handshake era is opened anew, with its subscriptions, without the client.
 *
 * No loop, no thread, and no memory to speak of while nothing happens.
 */
#pragma once

#include "adapters/driving/stdio/stdio.h"
#include "core/base/error.h"
#include "core/base/str.h"

struct connect_options {
    struct stdio_wire_ends ends;
    const char *socket; /* path */
    const char *version;
    struct str read, write; /* folders that come with us: JSON arrays of absolute paths */
    size_t max_message_bytes;
    size_t max_kept_bytes; /* of requests that may have to be sent again; for longer ones an error */
    uint64_t reconnect_ms; /* how long a server may be away */
    bool watch_parent;
    char *const *start; /* command line of a server to start if nobody listens; NULL: start none */
    const char *log;    /* where what it says on stderr goes, at the end; NULL: nowhere */
    uint64_t start_ms;  /* how long it may take to listen */
};

/* Runs until input ends, the client goes away, or a signal comes: ST_OK. ST_UNAVAILABLE if there is
 * no server, or none came back. What went wrong has been said on stderr when it was found, and the
 * client has been told. */
int connect_run(const struct connect_options *options);
