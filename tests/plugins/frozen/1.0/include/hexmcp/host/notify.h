/*
 * hexmcp/host/notify.h - "hexmcp.notify/1": telling clients that something has changed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_HOST_NOTIFY_H
#define HEXMCP_HOST_NOTIFY_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_NOTIFY_1 "hexmcp.notify/1"

/* Since: 1.0. */
typedef struct hexmcp_notify_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] The content of a resource of the plugin has changed; clients that subscribed to it are
     * told, once for all changes of one URI within 50 ms. `uri` is at most 8,192 bytes. It must be
     * the plugin's: a resource that its manifest lists or that it has published (the reply has
     * come), or one that matches such a template.
     * Returns HEXMCP_OK; HEXMCP_E_DENIED for a URI that the plugin does not provide;
     * HEXMCP_E_TOO_LARGE; HEXMCP_E_BUSY if 1,024 of the plugin's changes wait; HEXMCP_E_UNAVAILABLE
     * from when the plugin stops; HEXMCP_E_NOMEM. */
    int32_t (*resource_updated)(void *ctx, hexmcp_str uri);

    /* [any] What a person was sent to by URL (elicitation/create with "mode": "url") is done. `id`
     * is the `elicitationId` that the plugin gave in its request, 1 to 64 bytes. Only the client
     * that was asked is told, if its protocol revision knows such a message.
     * Returns HEXMCP_OK; HEXMCP_E_INVALID for an empty id; the others as above but
     * HEXMCP_E_DENIED. */
    int32_t (*elicitation_complete)(void *ctx, hexmcp_str id);
} hexmcp_notify_1;

#ifdef __cplusplus
}
#endif

#endif
