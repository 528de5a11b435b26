/*
 * hexmcp/ext/draft/eventstore.h - "hexmcp.eventstore/1": a plugin that stores events. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * A stream, named KIND/ID, is a row of events that never change. An event is
 *
 *   {"id": UUID, "stream": name, "version": n, "position": n, "type": name, "schema": n,
 *    "at": time, "correlation": id, "causation"?: id, "caller": id, "tenant": id, "data": any}
 *
 * `version` counts the events of its stream from 1 without a gap, `position` rises over all streams.
 * Both are given by the store, and a reader that has seen a position has seen all before it. Times are
 * RFC 3339 in UTC with milliseconds, "2026-01-31T12:00:00.000Z". Several processes may use one store.
 * Spaces, and what [loop] means here, as in draft/kv.h. All return values as hexmcp_tool_1.call; batches of events are pieces
 * (hexmcp_stream_1.emit) {"events": [event...]} of at most 1 MiB.
 */
#ifndef HEXMCP_EXT_DRAFT_EVENTSTORE_H
#define HEXMCP_EXT_DRAFT_EVENTSTORE_H

#include "hexmcp/abi.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin's table. Draft. */
typedef struct hexmcp_eventstore_1 {
    uint32_t size;     /* sizeof(hexmcp_eventstore_1)                                            */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Appends to one or several streams, all or nothing. `batch_json` is
     *   {"key": text,                     a batch with a key that was appended within the last day is
     *                                     not appended again: its first answer is given
     *    "streams": [{"stream": name, "expected": version | "none" | "any",
     *                 "events": [event without version and position...]}...]}
     * Completes, when the events are durable, with {"position": of the last, "versions": {stream: of
     * its last}, "repeated": bool}; or, if a stream is not at its expected version, with
     * {"conflict": {"stream", "expected", "actual"}}: then nothing was appended. */
    int32_t (*append)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str batch_json,
                      hexmcp_error *err);

    /* [loop] Reads one stream. `query_json` is {"stream": name, "from"?: version, "to"?: version,
     * "until"?: time, "backward"?: bool, "limit": n}. Emits events, then completes with
     * {"version": of the stream's last event, 0 if it has none, "more": bool}. */
    int32_t (*read)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                    hexmcp_error *err);

    /* [loop] Reads all streams in the order of their positions. `query_json` is
     * {"after": position, "types"?: [name...], "limit": n}. Emits events, then completes with
     * {"position": up to which all has been looked at, "more": bool}. */
    int32_t (*read_all)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                        hexmcp_error *err);

    /* [loop] Changes rows of a projection and moves its checkpoint, together or not at all.
     * `batch_json` is {"projection": name, "expected": position before, "position": position after,
     * "rows": [{"key", "value": any, null to remove it}...], "reset"?: true to drop all rows first,
     * "replaces"?: name of another projection, whose place this one takes in the same step: its rows
     * and checkpoint are gone, and this one's are found under its name}. The position of a projection
     * that was never written is 0. Completes with {"position"}, or with {"conflict": {"actual":
     * position}}; then nothing was changed. */
    int32_t (*project)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str batch_json,
                       hexmcp_error *err);

    /* [loop] Reads rows of a projection. `query_json` is {"projection": name, "key"?: text,
     * "prefix"?: text, "after"?: key, "backward"?: bool, "limit": n}, by the bytes of the keys. Completes
     * with {"position": of its checkpoint, "rows": [{"key", "value"}...], "more": bool}. */
    int32_t (*rows)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                    hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. A change that was cancelled has been made whole or
     * not at all. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_eventstore_1;

#ifdef __cplusplus
}
#endif

#endif
