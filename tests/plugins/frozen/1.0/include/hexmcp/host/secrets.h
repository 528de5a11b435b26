/*
 * hexmcp/host/secrets.h - "hexmcp.secrets/1": tokens and passwords of the operator.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest names secrets with "grants": {"secrets": ["github-token"]}; others get
 * NULL for this id. The operator says in secrets.sources where the value of a name comes from
 * (environment, file, keyring of the kernel) and which hosts it may be sent to.
 *
 * A plugin works with a handle: the text {{secret:NAME}}, which it may keep, log and store. The host
 * puts the value in where it sends: in requests of hexmcp.http/1. Where a setting of the plugin is
 * the object {"secret": NAME}, init gets the handle in its place.
 *
 * The value itself is for plugins that have to compute with it (signatures), and only if the operator
 * agreed: "secrets": [{"name": "signing-key", "reveal": true}]. The host replaces values in log lines
 * and error texts of plugins by their handles; whoever reveals a value must keep it out of results.
 */
#ifndef HEXMCP_HOST_SECRETS_H
#define HEXMCP_HOST_SECRETS_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_SECRETS_1 "hexmcp.secrets/1"

/* Longest name, and bytes that the longest handle takes with its closing NUL. */
#define HEXMCP_SECRET_NAME_MAX 64
#define HEXMCP_SECRET_HANDLE_SIZE 76

/* Since: 1.0. */
typedef struct hexmcp_secrets_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Writes the handle of the secret, NUL-terminated. Whether the plugin was granted it, and
     * the operator has set it, shows when it is sent. HEXMCP_OK; HEXMCP_E_INVALID for what is no
     * name. */
    int32_t (*handle)(void *ctx, hexmcp_str name, char out[HEXMCP_SECRET_HANDLE_SIZE]);

    /* [any] Has reply(arg, HEXMCP_OK, value) called on the loop, once; the value is borrowed until
     * it returns, and is not JSON but the text itself. Or reply(arg, error, {"message": text for a
     * person}):
     *   HEXMCP_E_DENIED       the plugin may not see it
     *   HEXMCP_E_NOT_FOUND    the operator has set none
     *   HEXMCP_E_UNAVAILABLE  its source has no value now
     *   HEXMCP_E_INVALID      it is not UTF-8
     *   HEXMCP_E_CANCELLED    the plugin stops
     * Returns HEXMCP_OK; HEXMCP_E_BUSY above 1,024 open requests of a plugin; HEXMCP_E_UNAVAILABLE
     * from when the plugin stops; HEXMCP_E_NOMEM. On an error no reply follows. */
    int32_t (*reveal)(void *ctx, hexmcp_str name, hexmcp_reply_fn reply, void *arg);
} hexmcp_secrets_1;

#ifdef __cplusplus
}
#endif

#endif
