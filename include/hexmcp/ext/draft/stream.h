/*
 * hexmcp/ext/draft/stream.h - "hexmcp.stream/1": a call that answers in pieces. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * A service of the host, for calls of the other draft interfaces: deltas of a model, the bytes of a
 * blob, batches of events. The pieces come to whoever asked in the order in which they were emitted,
 * before the result of complete(). Tools have progress() instead.
 */
#ifndef HEXMCP_EXT_DRAFT_STREAM_H
#define HEXMCP_EXT_DRAFT_STREAM_H

#include "hexmcp/host.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most bytes of one piece: of its json and its bytes together. */
#define HEXMCP_STREAM_PIECE_MAX 1048576

/* Draft. */
typedef struct hexmcp_stream_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Gives one piece of the answer to `call`: `json` is an object, `bytes` what the interface
     * says, empty if it says nothing. Both are copied.
     * Returns HEXMCP_OK; HEXMCP_E_NOT_FOUND as complete() does; HEXMCP_E_TOO_LARGE;
     * HEXMCP_E_BUSY if 4 MiB of the call wait for their reader: nothing was taken, see drained();
     * HEXMCP_E_UNSUPPORTED if the call belongs to an interface without pieces. */
    int32_t (*emit)(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str bytes);

    /* [any] Has reply(arg, HEXMCP_OK, "") called once, on the loop, when less than 1 MiB of the call
     * waits, at once if that is so now; with HEXMCP_E_NOT_FOUND when the call ends before. Code on a
     * [worker] waits with hexmcp/await.h. Returns HEXMCP_OK; HEXMCP_E_NOT_FOUND; HEXMCP_E_BUSY if it
     * was asked already. On an error no reply follows. */
    int32_t (*drained)(void *ctx, hexmcp_call call, hexmcp_reply_fn reply, void *arg);
} hexmcp_stream_1;

#ifdef __cplusplus
}
#endif

#endif
