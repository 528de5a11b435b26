/*
 * Hooks that come with hexmcp and are configured without code (docs/hooks.md has their parameters):
 * logging, metrics, caching, rateLimit, redaction, audit, retry.
 */
#pragma once

#include "core/hook/definition.h"
#include "core/redact/redact.h"
#include "ports/driven/crypto.h"
#include "ports/driven/event_store.h"
#include "ports/driven/log.h"
#include "ports/driven/random.h"

struct hook_metrics;

/* What they need. All of it outlives the hooks. */
struct builtin_parts {
    const struct log_port *log;
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct random_port *random;
    const struct crypto_port *crypto;
    const struct event_store *events; /* NULL: audit writes into the log                         */
    struct hook_metrics *metrics;
    struct redactor redactor;
};

/* For hooks_set_hide; `ctx` is a struct hook_hiding. */
struct hook_hiding {
    struct redactor redactor;
    unsigned detectors;
};
bool hook_hide(void *ctx, struct str json, struct buffer *out);

/* Adds the hook that `entry` says, an object:
 *   {"hook": "logging" | ..., "points"?: [patterns], "priority"?: word or number,
 *    "when"?: {"tool"?, "target"?, "caller"?: pattern}, "required"?: bool, ...parameters}
 * ST_CONFIG says what is wrong with it. */
int hooks_configure(struct hooks *hooks, const struct builtin_parts *parts, struct str name,
                    struct json entry, struct error *err);

/* The members that every entry may have. Reads them into the definition, points into `points`, whose
 * texts are borrowed from `scratch`. For entries of plugins' hooks as well. */
struct hook_entry_points {
    struct str at[64];
    struct buffer scratch;
};
int hook_entry_read(struct str name, struct json entry, struct hook_definition *d,
                    struct hook_entry_points *points, struct error *err);

/* "high", -5 ... ST_CONFIG. */
int hook_priority_read(struct json value, int32_t *out, struct error *err);

/* ---- figures -------------------------------------------------------------------------------------- */

struct hook_metrics *hook_metrics_new(void);
void hook_metrics_free(struct hook_metrics *metrics);

/* Appends Prometheus text: of the events that "metrics" hooks saw, and of every hook. */
void hook_metrics_write(const struct hook_metrics *metrics, const struct hooks *hooks,
                        struct buffer *out);
