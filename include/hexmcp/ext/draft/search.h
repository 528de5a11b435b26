/*
 * hexmcp/ext/draft/search.h - "hexmcp.search/1": a plugin that finds documents. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * A document is {"id": text, "text"?: text, "vector"?: [number...], "fields"?: {name: text | number |
 * bool | [text...]}}; one with the id of another takes its place. Spaces as in draft/kv.h. All return
 * values as hexmcp_tool_1.call.
 */
#ifndef HEXMCP_EXT_DRAFT_SEARCH_H
#define HEXMCP_EXT_DRAFT_SEARCH_H

#include "hexmcp/abi.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin's table. Draft. */
typedef struct hexmcp_search_1 {
    uint32_t size;     /* sizeof(hexmcp_search_1)                                                */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Indexes documents. `documents_json` is {"documents": [document...]}. Completes with
     * {"indexed": n} when a query finds them. */
    int32_t (*index)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str documents_json,
                     hexmcp_error *err);

    /* [loop] Removes documents. `ids_json` is {"ids": [text...]} or {"all": true}. Completes with
     * {"removed": n}. */
    int32_t (*remove)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str ids_json,
                      hexmcp_error *err);

    /* [loop] Finds documents, the best first. `query_json` is
     *   {"text"?: words, "vector"?: [number...],      both: the ranks are joined
     *    "filter"?: {name: value | [value...] | {"from"?, "to"?}},
     *    "limit": 1 to 1000, "offset"?: n, "fields"?: [name...] to be told, "highlight"?: bool}
     * Completes with {"hits": [{"id", "score": 0 to 1, "fields"?, "highlights"?: [text...]}...],
     * "total"?: n}. HEXMCP_E_UNSUPPORTED for a kind of query that the store does not know. */
    int32_t (*query)(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query_json,
                     hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_search_1;

#ifdef __cplusplus
}
#endif

#endif
