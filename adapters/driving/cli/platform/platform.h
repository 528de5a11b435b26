/*
 * The domains above the tools: each is a part that is made here, gets what it may use, and adds its
 * operations. A domain that others use puts itself into `struct platform`; parts are opened in the
 * order of the table in platform.c and closed in the opposite one.
 *
 * Opening must be cheap, a few allocations: a server that only calls tools opens all of it and uses
 * none. Nothing is read from the store before the first operation needs it.
 */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/hook/definition.h"
#include "core/operation/operations.h"
#include "ports/driven/blob_store.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/event_bus.h"
#include "ports/driven/event_store.h"
#include "ports/driven/executor.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/log.h"
#include "ports/driven/metrics_source.h"
#include "ports/driven/random.h"
#include "ports/driven/regex.h"
#include "ports/driven/search_index.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"
#include "ports/driven/store_dump.h"
#include "ports/driven/timer.h"
#include "ports/driving/call_service.h"
#include "ports/driving/catalog_service.h"

struct changes;
struct followers;
struct journal;
struct loop;
struct places;
struct projections;
struct plugin_host;
struct webhooks;

#define PLATFORM_PARTS_MAX 16

/* All of it outlives the parts. */
struct platform {
    const struct config *config;
    const struct places *places;
    struct loop *loop;
    const struct log_port *log;
    const struct clock_port *clock;
    const struct random_port *random;
    const struct timer_port *timers;
    const struct executor_port *executor; /* not the one of plugins */
    const struct crypto_port *crypto;
    const struct regex_port *regex;
    const struct event_bus *bus;
    const struct catalog_service *catalog;
    struct operations *operations;
    struct plugin_host *plugins;
    /* Domains run them at their points. What is configured is in it when the parts behind "hooks" are
     * opened. */
    struct hooks *hooks;
    struct metrics_source hook_metrics;
    struct changes *changes;
    const struct secret_store_port *secrets;
    const struct service_port *http; /* requests to the network: "hexmcp.http/1" */

    /* Calls of tools. A part may put its own in front: what comes later in the table, and all
     * clients, then call through it. */
    const struct call_service *calls;

    /* The store of `storage.url`. */
    const struct event_store *events;
    const struct key_value_store *values;
    const struct blob_store *blobs;
    const struct search_index *search;
    const struct store_dump *dump;

    /* By the part "journal". */
    struct journal *journal;
    struct projections *projections;
    struct followers *followers;

    /* By the part "webhooks". */
    struct webhooks *webhooks;

    void *parts[PLATFORM_PARTS_MAX]; /* of platform.c */
};

struct platform_part {
    const char *name;
    int (*open)(struct platform *platform, void **part, struct error *err);
    void (*close)(void *part);
};

extern const struct platform_part platform_journal;
extern const struct platform_part platform_sessions;
extern const struct platform_part platform_artifacts;
extern const struct platform_part platform_backup;

/* Opens the parts. On an error those that are open are closed. */
int platform_open(struct platform *platform, struct error *err);

/* Also when it was not opened. */
void platform_close(struct platform *platform);
