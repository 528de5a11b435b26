/*
 * Connections for plugins: the port "hexmcp.net/1" (ports/driven/service.h, and
 * include/hexmcp/host/net.h for what a plugin is promised). Names are resolved on workers, connections
 * are made on the loop, without waiting.
 *
 * Where a connection may go is decided here, by core/policy/host_rule.h and the grants of the plugin:
 * for the host before it is resolved, for each address before it is connected to.
 *
 * All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/executor.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

struct uv_loop_s;

/* The one operation: text {"host", "port", "flags", "timeoutMs"}. Its one event is the last: a
 * descriptor and {"address", "port"}, or why not. */
#define NET_OP_CONNECT 1u

#define NET_IPV4 1u
#define NET_IPV6 2u

/* Names that are resolved at the same time, for all plugins and for one: workers are for more than
 * that. */
#define NET_LOOKUPS_MAX 3u
#define NET_LOOKUPS_OF_ONE_MAX 2u

/* Until the next address of a host is tried beside the one before. */
#define NET_STAGGER_MS 250u

struct net_config {
    /* Borrowed as long as the adapter lives. */
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct executor_port *executor;
    struct uv_loop_s *uv;

    size_t max_attempts; /* of all plugins at the same time */
    size_t max_per_plugin;
};

struct net;

/* ST_NOMEM. */
int net_new(const struct net_config *config, struct net **out, struct error *err);

/* After what has requests open, after the workers ended and before the loop is freed. NULL is
 * allowed. */
void net_free(struct net *net);

const struct service_port *net_port(const struct net *net);
