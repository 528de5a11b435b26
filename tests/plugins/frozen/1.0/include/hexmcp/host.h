/*
 * hexmcp/host.h - what the host offers to every plugin.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_HOST_H
#define HEXMCP_HOST_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The host's table, given to hexmcp_plugin_create. Lives until the instance is destroyed.
 * Pass `ctx` as the first argument of every function. Since: 1.0. */
typedef struct hexmcp_host {
    uint32_t size;      /* sizeof the host's table, in bytes; may be more than yours             */
    uint32_t abi_minor; /* minor number of the host's ABI                                        */
    void *ctx;          /* the host's; opaque                                                    */
    const char *name;   /* "hexmcp", NUL-terminated                                              */
    const char *version; /* the host's version, semantic versioning, NUL-terminated              */

    /* [any] A further service by id, for example "hexmcp.timer/1"; NULL if the host has none of
     * that name. `id` is NUL-terminated and compared whole. The table lives as long as the host's.
     * Legal from init on. */
    const void *(*get_interface)(void *ctx, const char *id);

    /* [any] One log line. `call` ties the line to a running call, so that its client can see it;
     * 0 means that it belongs to none. `level` is one of HEXMCP_LOG_*; `text` is UTF-8 without
     * secrets, cut at 8 KiB. Legal from create on. */
    void (*log)(void *ctx, hexmcp_call call, uint32_t level, hexmcp_str text);

    /* [any] Ends a call. `outcome` is one of HEXMCP_RESULT ... HEXMCP_INPUT_REQUIRED, `json` the
     * text that abi.h names for it, copied before return, at most 64 MiB.
     * Exactly one complete() for each call that was answered with HEXMCP_OK or HEXMCP_PENDING.
     * Returns HEXMCP_OK, or HEXMCP_E_NOT_FOUND if the call is not running: already completed, or
     * given up by the host after its deadline. That is no fault of the plugin's: drop the result. */
    int32_t (*complete)(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json);

    /* [any] Reports progress. `progress` must rise from call to call, `total` is 0 if unknown,
     * `message` may be empty. Reports that do not rise, come too fast, or that nobody asked for
     * are dropped. Returns HEXMCP_OK, or HEXMCP_E_NOT_FOUND as complete() does. */
    int32_t (*progress)(void *ctx, hexmcp_call call, double progress, double total,
                        hexmcp_str message);
} hexmcp_host;

/* "hexmcp.call/1": what a plugin may know about a running call. Since: 1.0. */
#define HEXMCP_CALL_1 "hexmcp.call/1"
typedef struct hexmcp_call_info_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] 1 if the call was cancelled, passed its deadline or is unknown, else 0. Long work
     * should ask every few milliseconds and stop. */
    int32_t (*cancelled)(void *ctx, hexmcp_call call);

    /* [any] Milliseconds until the host gives the call up; 0 if it has, or if it is unknown. */
    uint64_t (*remaining_ms)(void *ctx, hexmcp_call call);

    /* [any] The W3C trace context that the client gave with the call, for what the plugin sends on:
     * copies traceparent (55 bytes) or tracestate (at most 512) without a NUL into `out` and sets
     * *len. HEXMCP_OK; HEXMCP_E_NOT_FOUND if there is none or the call is unknown;
     * HEXMCP_E_TOO_LARGE if `size` is too small. */
    int32_t (*traceparent)(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len);
    int32_t (*tracestate)(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len);

    /* [any] The `_meta` object of the client's request as it came: copies its JSON, which is the
     * client's and not checked, in the same way. Ask again with more space for
     * HEXMCP_E_TOO_LARGE. */
    int32_t (*meta)(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len);
} hexmcp_call_info_1;

/* "hexmcp.thread-check/1": where am I? For assertions. Since: 1.0. */
#define HEXMCP_THREAD_CHECK_1 "hexmcp.thread-check/1"
typedef struct hexmcp_thread_check_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    int32_t (*is_loop)(void *ctx);   /* [any] 1 on the loop thread, else 0                       */
    int32_t (*is_worker)(void *ctx); /* [any] 1 on a pool thread of the host, else 0             */
} hexmcp_thread_check_1;

/* The answer of an asynchronous host service. [any], most often [loop]; must not block.
 *   arg     what the plugin gave when it asked
 *   status  HEXMCP_OK or HEXMCP_E_*
 *   json    the answer, borrowed until return; empty if the service has none to give */
typedef void (*hexmcp_reply_fn)(void *arg, int32_t status, hexmcp_str json);

/* "hexmcp.timer/1": call me later. Since: 1.0. */
#define HEXMCP_TIMER_1 "hexmcp.timer/1"
typedef struct hexmcp_timer_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Calls reply(arg, HEXMCP_OK, "") once, on the loop, after `delay_ms` (0 to 86,400,000).
     * When the plugin stops, outstanding timers are answered with HEXMCP_E_CANCELLED first.
     * Returns HEXMCP_OK; HEXMCP_E_INVALID for a longer delay; HEXMCP_E_BUSY above 1,024
     * outstanding timers of one plugin. On an error no reply follows. */
    int32_t (*after)(void *ctx, uint64_t delay_ms, hexmcp_reply_fn reply, void *arg);
} hexmcp_timer_1;

#ifdef __cplusplus
}
#endif

#endif
