/*
 * search.h - the requests of a search index, and what all stores do alike with documents.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/words.h"

struct document {
    hexmcp_str id;     /* decoded                                                                */
    hexmcp_str text;   /* decoded; empty if there is none                                        */
    hexmcp_str fields; /* JSON; empty if there are none                                          */
    hexmcp_str json;   /* the whole                                                              */
};

/* One document of {"documents": [...]}, and all. HEXMCP_E_UNSUPPORTED for one with a vector. */
int32_t request_document(struct arena *arena, hexmcp_str json, struct document *out,
                         hexmcp_error *err);
int32_t request_documents(struct arena *arena, hexmcp_str json, struct document **out, size_t *count,
                          hexmcp_error *err);
/* {"ids": [...]} or {"all": true}. */
int32_t request_ids(struct arena *arena, hexmcp_str json, hexmcp_str **out, size_t *count, int *all,
                    hexmcp_error *err);

struct search {
    int words;           /* is there a text? */
    struct term *terms;  /* each must be in a document; without a text all documents are found    */
    size_t term_count;
    hexmcp_str filter;   /* JSON, or empty */
    hexmcp_str fields;   /* JSON array of names, or empty */
    uint64_t limit;
    uint64_t offset;
    int highlight;
};

int32_t request_search(struct arena *arena, hexmcp_str json, struct search *out, hexmcp_error *err);

/* Do the fields (JSON) of a document pass the filter? */
int search_passes(hexmcp_str filter, hexmcp_str fields);

struct hit {
    hexmcp_str id;
    double score; /* 0 to 1 */
    void *document;
};

/* A sum of words_score() as 0 to 1. */
double search_scale(double score);
/* The best first; those alike by id. */
void search_sort(struct hit *hits, size_t count);

/* The answer: the hits from offset to limit of `hits`, which are sorted. `load` gives the document of a
 * hit, in the arena of the job. */
int32_t search_answer(struct job *job, const struct search *search, const struct hit *hits,
                      size_t count,
                      int32_t (*load)(void *arg, const struct hit *hit, struct document *out,
                                      hexmcp_error *err),
                      void *arg, hexmcp_error *err);
