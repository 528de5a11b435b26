/*
 * hexmcp/ext/draft/operations.h - "hexmcp.operations/1": the operations of the platform. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * A service of the host, for plugins that show sessions, state, artifacts and the like to clients, and
 * whose manifest names operations with "grants": {"operations": ["session.*", "state.get"]}; others get
 * NULL for this id. An operation is a command or a query, named DOMAIN.VERB, with arguments and an
 * answer of its own.
 *
 * An operation of a call runs as the one who made the call: it sees and changes what that caller may,
 * and nothing else. Without a call it runs as the plugin itself, whose things are its own.
 *
 * How an operation ends: reply(arg, HEXMCP_OK, answer), or with an error and {"message": text for a
 * person}:
 *   HEXMCP_E_DENIED       the plugin was not granted it
 *   HEXMCP_E_NOT_FOUND    there is no such operation, or not what it is about, or the call has ended
 *   HEXMCP_E_INVALID      the arguments do not fit
 *   HEXMCP_E_UNAVAILABLE  the host has no operations
 *   HEXMCP_E_CANCELLED    cancel(), the call ended, or the plugin stops
 * and what the operation itself says.
 */
#ifndef HEXMCP_EXT_DRAFT_OPERATIONS_H
#define HEXMCP_EXT_DRAFT_OPERATIONS_H

#include "hexmcp/host.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest name of an operation, in bytes. */
#define HEXMCP_OPERATION_NAME_MAX 127

/* [loop] A piece of a large answer, in order, before the reply; both are borrowed until it returns. */
typedef void (*hexmcp_operation_piece_fn)(void *arg, hexmcp_str json, hexmcp_str bytes);

/* Draft. */
typedef struct hexmcp_operations_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Begins an operation and has reply(arg, ...) called once, on the loop. `call` is the call of
     * the plugin that it belongs to, 0 for none; it is cancelled when that ends. `arguments` is a JSON
     * object, empty for {}; `bytes` what the operation says, empty if it says nothing; all is copied.
     * `piece` may be NULL: an operation that answers in pieces fails then. *id, which may be NULL, is
     * for cancel().
     * HEXMCP_OK; HEXMCP_E_INVALID without a reply, or for what is no name; HEXMCP_E_BUSY above 1,024
     * open requests of a plugin; HEXMCP_E_TOO_LARGE above 64 MiB; HEXMCP_E_UNAVAILABLE from when the
     * plugin stops; HEXMCP_E_NOMEM. On an error no reply follows. */
    int32_t (*execute)(void *ctx, hexmcp_call call, hexmcp_str name, hexmcp_str arguments,
                       hexmcp_str bytes, hexmcp_operation_piece_fn piece, hexmcp_reply_fn reply,
                       void *arg, uint64_t *id);

    /* [any] Gives it up: the reply is HEXMCP_E_CANCELLED. What was begun may be done nevertheless.
     * Unknown ids are ignored. */
    void (*cancel)(void *ctx, uint64_t id);
} hexmcp_operations_1;

#ifdef __cplusplus
}
#endif

#endif
