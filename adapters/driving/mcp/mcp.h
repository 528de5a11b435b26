/*
 * The Model Context Protocol, both eras: the handshake era (revisions 2024-11-05 to 2025-11-25) and
 * the modern one (2026-07-28, every request speaks for itself). The era is chosen for each message.
 *
 * This adapter knows the protocol and no wire: it takes whole messages from any wire through
 * message_endpoint, calls the core through its driving ports, and hands answers to the wire's sink.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "core/hook/hooks.h"
#include "core/seal/seal.h"
#include "ports/driven/activity.h"
#include "ports/driven/clock.h"
#include "ports/driven/executor.h"
#include "ports/driven/log.h"
#include "ports/driven/random.h"
#include "ports/driven/timer.h"
#include "ports/driven/traffic_tap.h"
#include "ports/driving/message_endpoint.h"
#include "ports/driving/task_service.h"
#include "ports/driving/call_service.h"
#include "ports/driving/catalog_service.h"
#include "ports/driving/change_service.h"

/* All of it is borrowed and must outlive the adapter. */
struct mcp_options {
    const struct catalog_service *catalog;
    const struct call_service *calls;
    const struct change_service *changes;
    const struct task_service *tasks; /* NULL: none are offered */
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct executor_port *executor;
    const struct log_port *log; /* NULL: nothing is logged */
    const struct traffic_tap *tap; /* hears of each request that is over; NULL: nobody does */
    struct hooks *hooks; /* told of lists of tools, and may make them shorter; NULL: nobody hooks */
    const struct random_port *random;
    struct sealer *sealer; /* for cursors and the states of requests */
    struct str server_name;
    struct str server_title;
    struct str server_version;
    struct str instructions; /* empty: none */
    size_t page_size;        /* entries on a page of a list */
    /* Requests of one connection that are not answered yet. One more is answered with an error, and
     * reading goes on: what comes next may be the cancellation that makes room. */
    size_t max_in_flight;
    /* Bytes that the requests of one connection may hold, their index included. A message that
     * would be too much is answered as one request too many is. */
    size_t max_held_bytes;
    bool narrow_by_roots; /* calls that open files need to know the client's roots */
    uint64_t input_timeout_ms; /* how long a client may take to answer a request of ours */
};

struct mcp;

int mcp_new(const struct mcp_options *options, struct mcp **out, struct error *err);

/* After all its connections have been closed. NULL is allowed. */
void mcp_free(struct mcp *mcp);

/* Opens connections. Lives as long as the adapter. */
const struct endpoint_factory *mcp_endpoints(struct mcp *mcp);

/* The connections that are open: to each an endpoint, whichever wire it is on. */
struct activity_source mcp_activity(struct mcp *mcp);
