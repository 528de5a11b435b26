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
 * Changes are durable when the call completes. Calls on one key are seen in the order of their
 * completions. All return values as hexmcp_tool_1.call.
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

    /* [worker] Reads a key: emits its value as the bytes of pieces of {} (hexmcp_stream_1.emit), then
     * completes with {"version": n, "ttlMs"?: left}. HEXMCP_E_NOT_FOUND if there is none. */
    int32_t (*get)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_error *err);

    /* [worker] Sets a key. `options_json` is {"ifVersion"?: n, "ttlMs"?: n}. Completes with
     * {"version": n}, or with {"conflict": version that is there} if it is not `ifVersion`; then
     * nothing was changed. */
    int32_t (*set)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key, hexmcp_str value,
                   hexmcp_str options_json, hexmcp_error *err);

    /* [worker] Removes a key. `options_json` is {"ifVersion"?: n}. Completes with {"removed": bool},
     * or with "conflict" as set() does. */
    int32_t (*remove)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_str options_json, hexmcp_error *err);

    /* [worker] Lists keys. `query_json` is {"prefix"?: text, "after"?: key, "limit": 1 to 1000}.
     * Completes with {"keys": [{"key", "version", "bytes", "ttlMs"?}...], "more": bool}. */
    int32_t (*list)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                    hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. A change that was cancelled has been made whole or
     * not at all. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_kv_store_1;

#ifdef __cplusplus
}
#endif

#endif
