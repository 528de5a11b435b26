/*
 * Figures that plugins keep: the service hexmcp.metrics/1, and their source for /metrics. [loop]
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/log.h"
#include "ports/driven/metrics_source.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

/* The one operation: a request that stays open, each word of which is updates. */
enum plugin_metrics_op { PLUGIN_METRICS_KEEP = 1 };

/* `text`: [[kind, name, labels, value, ...]...]: for a histogram the sum and then the observations of
 * each bucket. Answered with PLUGIN_METRICS_NEXT, some time later. */
enum plugin_metrics_word { PLUGIN_METRICS_UPDATE = 1 };

enum plugin_metrics_event { PLUGIN_METRICS_NEXT = 1 /* more can be said */ };

struct plugin_metrics;

/* Timers and log outlive it. */
int plugin_metrics_new(const struct timer_port *timers, const struct log_port *log,
                       struct plugin_metrics **out, struct error *err);

/* NULL is allowed. */
void plugin_metrics_free(struct plugin_metrics *metrics);

const struct service_port *plugin_metrics_port(struct plugin_metrics *metrics);

/* Families hexmcp_plugin_NAME. */
struct metrics_source plugin_metrics_source(struct plugin_metrics *metrics);
