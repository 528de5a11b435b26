/*
 * hexmcp/ext/draft/dump.h - "hexmcp.dump/1": everything that a store holds, out and in. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * For backups, and for moving from one kind of store to another: the records are the same for all.
 * A record is a piece, its json one of
 *
 *   {"kind": "event", "space", "event": event as eventstore.h has it}
 *   {"kind": "projection", "space", "projection", "position", "rows": [{"key", "value"}...]}  several
 *   {"kind": "value", "space", "key", "version", "expires"?: time}                 bytes: the value
 *   {"kind": "blob", "space", "key", "bytes": n, "offset": n}                      bytes: a part of it
 *   {"kind": "document", "space", "document": document as search.h has it}
 *
 * and records of one space and kind come in the order of positions, keys and offsets. A value that does
 * not fit one piece comes in several, each with "size": n of the whole and "offset": n. Spaces, and what
 * [loop] means here, as in draft/kv.h.
 */
#ifndef HEXMCP_EXT_DRAFT_DUMP_H
#define HEXMCP_EXT_DRAFT_DUMP_H

#include "hexmcp/abi.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flag of load(): no more records follow. */
#define HEXMCP_DUMP_LAST 1u

/* The plugin's table. Draft. */
typedef struct hexmcp_dump_1 {
    uint32_t size;     /* sizeof(hexmcp_dump_1)                                                  */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Emits all that is in the store, as it was at one moment, while it goes on to be used.
     * `query_json` is {"kinds"?: [kind...]}. Completes with {"position": of the newest event, 0 without
     * any, "records": n}. HEXMCP_E_UNSUPPORTED from a store that cannot show one moment. */
    int32_t (*dump)(void *self, hexmcp_call call, hexmcp_str query_json, hexmcp_error *err);

    /* [loop] Begins to put records in the place of all that is there: nothing is changed until the last
     * one, and then all at once. Positions and versions are kept. Returns HEXMCP_PENDING; records come
     * by load(), with the same call, which completes after the last with {"records": n}. */
    int32_t (*restore)(void *self, hexmcp_call call, hexmcp_error *err);

    /* [loop] The next record, or none with HEXMCP_DUMP_LAST. HEXMCP_OK; HEXMCP_E_BUSY when too much
     * waits: the same record again a little later; another error ends the call, and nothing has
     * changed. */
    int32_t (*load)(void *self, hexmcp_call call, hexmcp_str record_json, hexmcp_str bytes,
                    uint32_t flags, hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. A restore that was cancelled has changed nothing. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_dump_1;

#ifdef __cplusplus
}
#endif

#endif
