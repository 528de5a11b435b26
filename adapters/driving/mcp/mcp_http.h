/*
 * The protocol over Streamable HTTP: one route, which any adapter that speaks HTTP can serve
 * (ports/driving/http_service.h).
 *
 * Modern requests stand alone. Clients of the handshake era have sessions, each bound to its caller;
 * the loss of a TCP connection ends neither a session nor a request in it, and what could not be
 * delivered can be fetched again by Last-Event-ID. All [loop].
 */
#pragma once

#include "adapters/driving/mcp/mcp.h"
#include "ports/driven/activity.h"
#include "ports/driven/metrics_source.h"
#include "ports/driving/http_service.h"

struct mcp_http_options {
    struct str path;          /* of the route, "/mcp"; borrowed */
    size_t max_sessions;      /* one more ends the one that has been idle for longest */
    uint64_t session_idle_ms; /* a session that nobody uses ends after this time */
    /* Bytes of events that one session may keep for a client that comes again: half of it for
     * answers, a quarter for what may be dropped, a quarter for what waits while no stream is open.
     * Five minutes at most. An answer that could not be sent is kept even if it is longer. */
    size_t replay_bytes;
    /* A request of a 2025-11-25 session that has said nothing for so long is sent away, to come
     * again for its result: no connection is held. 0: never. */
    uint64_t poll_after_ms;
    uint64_t retry_ms; /* when a client whose stream was closed shall come again */
};

struct mcp_http;

/* `mcp` is borrowed and must outlive it. */
int mcp_http_new(struct mcp *mcp, const struct mcp_http_options *options, struct mcp_http **out,
                 struct error *err);

struct http_route mcp_http_route(struct mcp_http *http);

/* Requests that were accepted and are not answered yet. */
size_t mcp_http_pending(const struct mcp_http *http);

/* Answers everything that is pending, ends all streams, and from now on refuses what comes: the
 * server goes away. */
void mcp_http_shutdown(struct mcp_http *http);

/* Ends all sessions. After the last connection of the transport has been closed. NULL is allowed. */
void mcp_http_free(struct mcp_http *http);

/* For those who watch the server. */
struct mcp_http_facts {
    size_t sessions;          /* that live */
    size_t streams;           /* of events that are open */
    size_t modern;            /* connections of the transport that have sent modern requests */
    size_t pending;           /* as mcp_http_pending */
    uint64_t sessions_begun;  /* since the start, as the following */
    uint64_t sessions_expired;
    uint64_t sessions_evicted;
    uint64_t requests_modern; /* POSTed messages of each era */
    uint64_t requests_legacy;
    uint64_t refused;         /* requests that did not reach the protocol */
};

struct mcp_http_facts mcp_http_facts(const struct mcp_http *http);

/* The sessions, and counters whose names begin with "http_". Lives as long as the binding. */
struct activity_source mcp_http_activity(struct mcp_http *http);

/* Families whose names begin with "hexmcp_mcp_http_". Lives as long as the binding. */
struct metrics_source mcp_http_metrics(struct mcp_http *http);
