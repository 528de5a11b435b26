/*
 * hexmcp/host/metrics.h - "hexmcp.metrics/1": figures of the plugin for those who run it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Shown at /metrics of a server on the network, in the format of Prometheus, as
 * hexmcp_plugin_NAME{plugin="id", ...}. No grant is needed.
 *
 * A name is a small letter, then small letters, digits and '_', at most 64; it must not end in _total,
 * _bucket, _sum or _count, which the host appends. Labels are a JSON object of texts, {"method":
 * "get"}, or empty; at most 4, names as above but "plugin", "le" and "quantile", values up to 64
 * bytes. A name has one kind, in all plugins: the first one decides, and updates of another kind are
 * dropped. A plugin has at most HEXMCP_METRICS_SERIES_MAX combinations of name and labels, ever: never
 * make a label of what others choose.
 *
 * Updates are gathered and shown about 100 ms later; those of the last 100 ms before a plugin stops may
 * be lost. Every function returns HEXMCP_OK; HEXMCP_E_INVALID for a name, labels or a value that is
 * not finite; HEXMCP_E_TOO_LARGE above HEXMCP_METRICS_SERIES_MAX; HEXMCP_E_UNAVAILABLE from when the
 * plugin stops, or if the host keeps no figures; HEXMCP_E_NOMEM.
 */
#ifndef HEXMCP_HOST_METRICS_H
#define HEXMCP_HOST_METRICS_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_METRICS_1 "hexmcp.metrics/1"

#define HEXMCP_METRICS_SERIES_MAX 100

/* Since: 1.0. */
typedef struct hexmcp_metrics_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Adds to a counter, shown as NAME_total; `by` is not negative. */
    int32_t (*count)(void *ctx, hexmcp_str name, hexmcp_str labels, double by);

    /* [any] Sets a gauge. */
    int32_t (*gauge)(void *ctx, hexmcp_str name, hexmcp_str labels, double value);

    /* [any] Adds an observation to a histogram; its buckets end at 0.005, 0.01, 0.025, 0.05, 0.1,
     * 0.25, 0.5, 1, 2.5, 5, 10 and infinity: made for seconds. */
    int32_t (*observe)(void *ctx, hexmcp_str name, hexmcp_str labels, double value);
} hexmcp_metrics_1;

#ifdef __cplusplus
}
#endif

#endif
