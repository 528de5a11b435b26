/*
 * Where documents are found by words (include/hexmcp/ext/draft/search.h has the shape of documents,
 * queries and hits). Spaces as in key_value_store.h.
 *
 * All [loop]. Functions copy what they are given before they return. Each tells done() exactly once,
 * perhaps before it returns; `json` is borrowed until it returns.
 */
#pragma once

#include "ports/types.h"

typedef void search_done(void *arg, const struct error *err, struct str json);

struct search_index {
    void *ctx;
    /* {"documents": [...]} */
    void (*index)(void *ctx, struct str space, struct str documents, search_done *done, void *arg);
    /* {"ids": [...]} or {"all": true} */
    void (*remove)(void *ctx, struct str space, struct str ids, search_done *done, void *arg);
    /* ST_UNSUPPORTED for a kind of query that the store does not know. */
    void (*query)(void *ctx, struct str space, struct str query, search_done *done, void *arg);
};
