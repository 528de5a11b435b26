/*
 * Webhooks: events of the store that are posted, signed, to URLs of the operator. Each webhook is a
 * durable subscription (core/events/durable.h): its events come at least once, in order, from one process
 * of those that have started it.
 *
 * What cannot be delivered becomes a dead letter in the space "webhooks": "dead/NAME/POSITION"; one that
 * is to be tried again is moved to "retry/NAME/POSITION".
 *
 * All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "core/journal/follow.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/event_store.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/log.h"
#include "ports/driven/random.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

#define WEBHOOK_SPACE "webhooks"
#define WEBHOOK_BACKOFF_MS 1000u
#define WEBHOOK_BACKOFF_MAX_MS 300000u
/* Longer waits that a server asks for are not granted. */
#define WEBHOOK_RETRY_AFTER_MAX_MS 3600000u
/* How often the process that delivers looks for dead letters to try again. */
#define WEBHOOK_LOOK_MS 5000u

struct journal;
struct operations;
struct webhooks;

/* They outlive it. */
struct webhooks_parts {
    const struct event_store *events;
    const struct key_value_store *values;
    const struct timer_port *timers;
    const struct clock_port *clock;
    const struct random_port *random;
    const struct crypto_port *crypto;
    const struct log_port *log;
    const struct secret_store_port *secrets;
    const struct service_port *http; /* "hexmcp.http/1" */
    struct followers *followers;
    const struct journal *journal;   /* brings events to their newest shape; NULL: as they are */
};

/* `settings` is the setting events.webhooks. ST_CONFIG names the webhook and what is wrong. Reads and
 * sends nothing. */
int webhooks_new(const struct webhooks_parts *parts, struct str settings, struct webhooks **out,
                 struct error *err);

/* Begins to deliver; a second call does nothing. */
int webhooks_start(struct webhooks *webhooks, struct error *err);

/* Nothing is sent any more; what was not acknowledged is sent again by the next process. NULL is allowed. */
void webhooks_free(struct webhooks *webhooks);

/* webhook.list, webhook.dead, webhook.retry and webhook.drop, for the user who runs hexmcp. */
int webhook_operations_add(struct webhooks *webhooks, struct operations *operations, struct error *err);
