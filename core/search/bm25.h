/*
 * Ranked search over texts in memory: Okapi BM25 (k1 = 1.2, b = 0.75) over documents that are made of
 * weighted texts. A word of the query that no document has stands, at half its weight, for the words
 * that begin with it. The same documents and query give the same order.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

struct bm25;

struct bm25_hit {
    uint32_t document;
    double score;
};

/* NULL without memory. */
struct bm25 *bm25_new(void);
void bm25_free(struct bm25 *index);

/* Begins the next document; they are numbered from 0. */
void bm25_document(struct bm25 *index);

/* Adds the words of the text to the document that was begun last; each counts `weight` times. */
void bm25_add(struct bm25 *index, struct str text, uint32_t weight);

/* True if memory ran out since the beginning: then the index is of no use. */
bool bm25_failed(const struct bm25 *index);

/* Writes the documents that have at least one word of the query into `hits`, which has room for all
 * documents: the best first, of equals the earlier one. ST_NOMEM. */
int bm25_search(const struct bm25 *index, struct str query, struct bm25_hit *hits, size_t *count,
                struct error *err);
