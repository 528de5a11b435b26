/*
 * hexmcp/ext/draft/blob.h - "hexmcp.blob/1": a plugin that stores large bytes. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * Bytes under the name of their digest: `key` is "blake3:" and 64 hexadecimal digits, which the host
 * has computed or will check. So a blob never changes, and to put one that is there is no work. Spaces
 * as in draft/kv.h. Bytes come and go in pieces and are never held whole. All return values as
 * hexmcp_tool_1.call.
 */
#ifndef HEXMCP_EXT_DRAFT_BLOB_H
#define HEXMCP_EXT_DRAFT_BLOB_H

#include "hexmcp/abi.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flag of write(): no more bytes follow. */
#define HEXMCP_BLOB_LAST 1u

/* The plugin's table. Draft. */
typedef struct hexmcp_blob_1 {
    uint32_t size;     /* sizeof(hexmcp_blob_1)                                                  */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Begins to put a blob. `info_json` is {"bytes": how many will come, "mimeType"?}.
     * Returns HEXMCP_PENDING when it wants the bytes: they come by write() with the same call, which
     * then completes. Or completes at once with {"stored": false}, because the blob is there. A store
     * that has to wait to know it takes the bytes, and says so after the last. */
    int32_t (*put)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_str info_json, hexmcp_error *err);

    /* [loop] The next bytes of a put, 0 bytes to 1 MiB, one write() after the other. With
     * HEXMCP_BLOB_LAST in `flags` the call is completed with {"stored": true} when the blob is durable
     * under its key, or with false if it was there. Returns HEXMCP_OK for "go on", HEXMCP_PENDING after
     * the last bytes if complete() comes later; HEXMCP_E_BUSY when too much waits: the same bytes again
     * a little later. On another error the put is over and nothing of it stays; so it is when the call
     * is completed as failed between two writes, which the next one answers with
     * HEXMCP_E_NOT_FOUND. */
    int32_t (*write)(void *self, hexmcp_call call, hexmcp_str bytes, uint32_t flags,
                     hexmcp_error *err);

    /* [loop] Reads a blob: emits its bytes in pieces of {} (hexmcp_stream_1.emit), then completes with
     * {"bytes": n of the whole blob}. `range_json` is {"offset"?: n, "length"?: n}.
     * HEXMCP_E_NOT_FOUND if there is none. */
    int32_t (*get)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_str range_json, hexmcp_error *err);

    /* [loop] Completes with {"bytes": n, "storedBytes": n after compression}, or fails with
     * HEXMCP_E_NOT_FOUND. */
    int32_t (*stat)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                    hexmcp_error *err);

    /* [loop] Lists blobs by key. `query_json` is {"after"?: key, "limit": 1 to 1000}. Completes with
     * {"blobs": [{"key", "bytes", "storedBytes"}...], "more": bool}. */
    int32_t (*list)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                    hexmcp_error *err);

    /* [loop] Removes a blob from the space. Completes with {"removed": bool}. */
    int32_t (*remove)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. A put that was cancelled leaves nothing. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_blob_1;

#ifdef __cplusplus
}
#endif

#endif
