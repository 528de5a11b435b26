/*
 * hexmcp/ext/draft/kv.h - "hexmcp.kv-store/1": a plugin that stores keys and values. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * Storage behind the host: of state, of sessions, of what plugins keep by hexmcp.kv/1 (host/kv.h is
 * what they see). A space is an opaque name of 1 to 512 bytes: what is in one never shows in another.
 * A key is UTF-8 without NUL, 1 to 512 bytes; keys are in the order of their bytes. A value is at most
 * 16 MiB. A version is a number of the key's that rises with each change, also over a removal; 0
 * stands for "there is none".
 *
 * Changes are durable when the call completes. Calls on one key are seen in the order in which they
 * were begun. A key whose time has run out is as if it had been removed.
 *
 * [loop] in the storage interfaces: the function takes the request and must not wait. A store that
 * has to wait keeps threads of its own, copies what it needs, and returns HEXMCP_PENDING. All return
 * values as hexmcp_tool_1.call.
 */
#ifndef HEXMCP_EXT_DRAFT_KV_H
#define HEXMCP_EXT_DRAFT_KV_H

#include "hexmcp/abi.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin's table. Draft. */
typedef struct hexmcp_kv_store_1 {
    uint32_t size;     /* sizeof(hexmcp_kv_store_1)                                              */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Reads a key: emits its value as the bytes of pieces of {} (hexmcp_stream_1.emit), then
     * completes with {"version": n, "ttlMs"?: left}. HEXMCP_E_NOT_FOUND if there is none. */
    int32_t (*get)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_error *err);

    /* [loop] Sets a key. `options_json` is {"ifVersion"?: n, "ttlMs"?: n}. Completes with
     * {"version": n}, or with {"conflict": version that is there} if it is not `ifVersion`; then
     * nothing was changed. */
    int32_t (*set)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key, hexmcp_str value,
                   hexmcp_str options_json, hexmcp_error *err);

    /* [loop] Removes a key. `options_json` is {"ifVersion"?: n}. Completes with {"removed": bool},
     * or with "conflict" as set() does. */
    int32_t (*remove)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_str options_json, hexmcp_error *err);

    /* [loop] Lists keys. `query_json` is {"prefix"?: text, "after"?: key, "limit": 1 to 1000,
     * "values"?: bool}. Completes with {"keys": [{"key", "version", "bytes", "ttlMs"?}...], "more":
     * bool}. With "values" it emits pieces of {"keys": [...]} instead, whose bytes are the values one
     * behind the other, and completes with {"more": bool}; a value of more than 65,536 bytes is not
     * among them and has "left": true: get() it. */
    int32_t (*list)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                    hexmcp_error *err);

    /* [loop] Makes up to 1,000 changes of different keys, all or none. `changes_json` is {"changes":
     * [{"key", "bytes": n, "ifVersion"?, "ttlMs"?} or {"key", "remove": true, "ifVersion"?}...]};
     * `values` holds the values of the first kind one behind the other, at most 16 MiB. Completes with
     * {"versions": [n...]} in their order (0 for what was not there to remove), or with {"conflict":
     * {"key", "version"}}; then nothing was changed. */
    int32_t (*apply)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str changes_json,
                     hexmcp_str values, hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. A change that was cancelled has been made whole or
     * not at all. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_kv_store_1;

#ifdef __cplusplus
}
#endif

#endif
