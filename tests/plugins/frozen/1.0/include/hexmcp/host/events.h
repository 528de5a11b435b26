/*
 * hexmcp/host/events.h - "hexmcp.events/1": telling other plugins, and hearing of things.
 *
 * SPDX-License-Identifier: MIT
 *
 * An event is a topic and a JSON text. It is told to who is subscribed while it is published, in this
 * process; nothing is kept for those who come later. No grant is needed: whatever a plugin publishes
 * every other plugin may hear, so nothing secret belongs into an event.
 *
 * A topic is parts with dots between them, "plugin.org.example.mail.arrived": a part is letters,
 * digits, '_' and '-'; at most 32 parts and 255 bytes. A plugin publishes below "plugin.", its id and
 * a dot. A pattern is a topic in which "*" stands for any one part and "**" for any number of parts,
 * also none; its first part must be "plugin", "tools" or "plugins". The host publishes:
 *   tools.listChanged, tools.resourcesChanged, tools.promptsChanged   {}
 *   plugins.loaded, plugins.crashed, plugins.retired                  {"plugin": id}
 */
#ifndef HEXMCP_HOST_EVENTS_H
#define HEXMCP_HOST_EVENTS_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_EVENTS_1 "hexmcp.events/1"

#define HEXMCP_EVENTS_TOPIC_MAX 255
#define HEXMCP_EVENTS_JSON_MAX 262144
#define HEXMCP_EVENTS_QUEUE_MAX 65536

/* Flag of subscribe(): a full queue drops what is new, not what is oldest. Since: 1.0. */
#define HEXMCP_EVENTS_DROP_NEW 1u

/* Gets the events of one subscription, one after the other and in order. All [loop]; must not block.
 * `arg` is what subscribe() was given. Since: 1.0. */
typedef struct hexmcp_events_sink {
    uint32_t size;     /* sizeof(hexmcp_events_sink)                                             */
    uint32_t reserved; /* 0 */

    /* Both are borrowed until return. */
    void (*event)(void *arg, hexmcp_str topic, hexmcp_str json);

    /* So many events were dropped, because the queue was full. May be NULL. */
    void (*lost)(void *arg, uint64_t count);

    /* It is over, once: HEXMCP_E_CANCELLED after unsubscribe() or when the plugin stops, or an error
     * with {"message": text for a person}: HEXMCP_E_INVALID, HEXMCP_E_DENIED for a pattern of others,
     * HEXMCP_E_BUSY, HEXMCP_E_NOMEM. */
    void (*end)(void *arg, int32_t status, hexmcp_str json);
} hexmcp_events_sink;

/* Since: 1.0. */
typedef struct hexmcp_events_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Publishes; both texts are copied. Events of one thread are told in their order.
     * HEXMCP_OK; HEXMCP_E_DENIED for a topic that is not the plugin's; HEXMCP_E_INVALID for what is
     * no topic or no JSON; HEXMCP_E_TOO_LARGE above HEXMCP_EVENTS_JSON_MAX; HEXMCP_E_BUSY if 16 MiB
     * of the plugin's events wait; HEXMCP_E_UNAVAILABLE from when the plugin stops;
     * HEXMCP_E_NOMEM. */
    int32_t (*publish)(void *ctx, hexmcp_str topic, hexmcp_str json);

    /* [any] Subscribes. `queue` is how many events may wait, 1 to HEXMCP_EVENTS_QUEUE_MAX. The sink
     * is copied. *id, which may be NULL, names the subscription; on another thread than the loop,
     * callbacks may come before subscribe() returns. HEXMCP_OK: end() follows at the end.
     * HEXMCP_E_INVALID without event() and end(), or for unknown flags; HEXMCP_E_BUSY above 1,024
     * open requests of a plugin; HEXMCP_E_UNAVAILABLE from when the plugin stops; HEXMCP_E_NOMEM: no
     * callback follows. */
    int32_t (*subscribe)(void *ctx, hexmcp_str pattern, uint32_t queue, uint32_t flags,
                         const hexmcp_events_sink *sink, void *arg, uint64_t *id);

    /* [any] Ends a subscription: end() comes if it had not come. Unknown ids are ignored. */
    void (*unsubscribe)(void *ctx, uint64_t id);
} hexmcp_events_1;

#ifdef __cplusplus
}
#endif

#endif
