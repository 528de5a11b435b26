/* Figures that plugins keep: their names, labels and buckets. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* Of one plugin. */
#define METRIC_SERIES_MAX 100u

#define METRIC_LABELS_MAX 4u
#define METRIC_NAME_MAX 64u
#define METRIC_BUCKETS 12u

/* Upper ends; the last is infinity. */
extern const double metric_buckets[METRIC_BUCKETS];

/* True for what may follow "hexmcp_plugin_": not with an end that figures get. */
bool metric_name_valid(struct str name);

/* Appends `,key="value"` for each member of an object of texts, nothing for JSON_NONE; false if the
 * labels are not allowed, or without memory. */
bool metric_labels(struct json labels, struct buffer *out);
