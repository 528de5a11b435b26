/*
 * hexmcp/host/kv.h - "hexmcp.kv/1": a small store of the plugin's own.
 *
 * SPDX-License-Identifier: MIT
 *
 * For caches, cursors, and what a tool has to remember. No grant is needed. Keys belong to the plugin
 * that sets them: no other plugin sees them, and it finds them again after a restart and in a newer
 * version of itself. All callers of the plugin share them: put a caller's name into the key where
 * that must not be.
 *
 * A reply with HEXMCP_OK to set() or remove() comes after the change is on the disk; it survives a
 * crash of the program and of the machine. What one plugin asks is done in the order in which it was
 * asked.
 *
 * A key is UTF-8 without NUL, 1 to HEXMCP_KV_KEY_MAX bytes; keys are in the order of their bytes. A
 * value is bytes. A version is a number that rises with each set() of the plugin; 0 stands for "there
 * is none". The operator limits what a plugin may store (kv.max_bytes, kv.max_keys); keys count too.
 *
 * Every function returns HEXMCP_OK if reply() will be called, once, on the loop; else one of these,
 * and no reply follows: HEXMCP_E_BUSY above 1,024 open requests of the plugin; HEXMCP_E_UNAVAILABLE
 * from when the plugin stops; HEXMCP_E_INVALID without a reply function; HEXMCP_E_NOMEM. A reply that
 * is an error has {"message": text for a person}:
 *   HEXMCP_E_INVALID      a key, an option
 *   HEXMCP_E_NOT_FOUND    get(): there is no such key
 *   HEXMCP_E_TOO_LARGE    the value, or the store of the plugin is full
 *   HEXMCP_E_BUSY         16 MiB of the plugin's values wait, or another program holds the store
 *   HEXMCP_E_UNAVAILABLE  the store cannot be opened, is damaged, or the disk is full
 *   HEXMCP_E_CANCELLED    the plugin stops; a change may have been made or not
 *   HEXMCP_E_NOMEM
 */
#ifndef HEXMCP_HOST_KV_H
#define HEXMCP_HOST_KV_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_KV_1 "hexmcp.kv/1"

#define HEXMCP_KV_KEY_MAX 512
#define HEXMCP_KV_VALUE_MAX 1048576
#define HEXMCP_KV_LIST_MAX 1000

/* Flags of set() and remove(). Since: 1.0. */
#define HEXMCP_KV_IF_VERSION 1u /* only if the key has this version now; 0: only if there is none */

/* [loop] The answer. All is borrowed until return. `value` is empty but for get(). */
typedef void (*hexmcp_kv_reply_fn)(void *arg, int32_t status, hexmcp_str json, hexmcp_str value);

/* Since: 1.0. */
typedef struct hexmcp_kv_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] The value of a key; json is {"version": number, "ttlMs": left, if it expires}. */
    int32_t (*get)(void *ctx, hexmcp_str key, hexmcp_kv_reply_fn reply, void *arg);

    /* [any] Sets a key. `ttl_ms` is how long it lives, 0: for ever, at most ten years. With
     * HEXMCP_KV_IF_VERSION it is compare-and-set with `version`. json is {"done": whether it was
     * set, "version": the new one, or the one that was there}. The value is copied. */
    int32_t (*set)(void *ctx, hexmcp_str key, hexmcp_str value, uint64_t ttl_ms, uint32_t flags,
                   uint64_t version, hexmcp_kv_reply_fn reply, void *arg);

    /* [any] Removes a key. json is {"done": whether there was one and it was removed, "version": 0,
     * or the one that is there}. */
    int32_t (*remove)(void *ctx, hexmcp_str key, uint32_t flags, uint64_t version,
                      hexmcp_kv_reply_fn reply, void *arg);

    /* [any] Keys that begin with `prefix` and come after `after`, both may be empty; at most `limit`
     * (1 to HEXMCP_KV_LIST_MAX). json is {"keys": [{"key", "bytes": of the value, "version",
     * "ttlMs"?}...], "more": whether there are more behind the last one}. */
    int32_t (*list)(void *ctx, hexmcp_str prefix, hexmcp_str after, uint32_t limit,
                    hexmcp_kv_reply_fn reply, void *arg);
} hexmcp_kv_1;

#ifdef __cplusplus
}
#endif

#endif
