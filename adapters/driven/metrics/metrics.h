/*
 * Figures of the protocol for /metrics: how many requests there were, how they ended and how long they
 * took, by method. Names that clients choose are no labels: their number would have no bound. [loop]
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/metrics_source.h"
#include "ports/driven/traffic_tap.h"

struct metrics;

/* NULL without memory. */
struct metrics *metrics_new(void);

/* NULL is allowed. */
void metrics_free(struct metrics *metrics);

/* Counts a request; the protocol calls it. */
struct traffic_tap metrics_tap(struct metrics *metrics);

/* hexmcp_mcp_requests_total, hexmcp_mcp_request_seconds, hexmcp_mcp_received_bytes_total,
 * hexmcp_mcp_sent_bytes_total. */
struct metrics_source metrics_source(struct metrics *metrics);
