/*
 * hexmcp/host/catalog.h - "hexmcp.catalog/1": items that come and go while the plugin runs.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest says "dynamic": true; others get NULL for this id. What such a plugin
 * publishes stands beside what its manifest lists; clients are told that the list has changed. A
 * dynamic plugin that is enabled is started soon after the server, not only by its first call.
 */
#ifndef HEXMCP_HOST_CATALOG_H
#define HEXMCP_HOST_CATALOG_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_CATALOG_1 "hexmcp.catalog/1"

/* Kinds of items. Since: 1.0. */
#define HEXMCP_KIND_TOOL 0u
#define HEXMCP_KIND_RESOURCE 1u
#define HEXMCP_KIND_TEMPLATE 2u
#define HEXMCP_KIND_PROMPT 3u

/* Since: 1.0. */
typedef struct hexmcp_catalog_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Publishes one item.
     *   kind        HEXMCP_KIND_*; the plugin's manifest must provide the interface that serves it
     *   definition  the object as it would stand in the manifest, `run` included; at most 256 KiB
     *   options     "" or an object: {"callers": [id...]} shows the item to these callers alone
     *   reply       called once, on the loop, unless it is NULL: HEXMCP_OK with {"name": the name
     *               under which clients know it}, or an error with {"message": why}
     * Both texts are copied. Legal from init on; what is published before start has returned is
     * shown when it has; if init or start fails, the reply is HEXMCP_E_UNAVAILABLE, before destroy.
     * When the plugin stops or is quarantined, what it published goes.
     * Returns HEXMCP_OK; HEXMCP_E_INVALID for an unknown kind; HEXMCP_E_TOO_LARGE;
     * HEXMCP_E_BUSY above 1,024 outstanding replies of one plugin; HEXMCP_E_UNAVAILABLE from when
     * the plugin stops; HEXMCP_E_NOMEM. On an error no reply follows. */
    int32_t (*publish)(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                       hexmcp_reply_fn reply, void *arg);

    /* [any] Withdraws an item that the plugin published or lists, by the plugin's own name for it:
     * the name of a tool or prompt, the URI of a resource, the template; at most 8,192 bytes. Calls
     * that run go on. Reply, {} if it went well, and return values as for publish;
     * HEXMCP_E_NOT_FOUND comes as a reply. */
    int32_t (*withdraw)(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply,
                        void *arg);
} hexmcp_catalog_1;

#ifdef __cplusplus
}
#endif

#endif
