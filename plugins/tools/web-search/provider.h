/*
 * provider.h - one back end: how it is asked, and how its answer reads.
 *
 * SPDX-License-Identifier: MIT
 *
 * A back end is a file with one struct provider, and a line in providers.c.
 */
#pragma once

#include "hexmcp/simple.h"
#include "read.h"
#include "wire.h"

enum search_type { SEARCH_WEB, SEARCH_NEWS, SEARCH_IMAGES, SEARCH_TYPES };

/* How a back end is asked for results after the first ones. */
enum paging {
    PAGING_NONE,   /* it cannot be */
    PAGING_START,  /* by how many to pass over: query.start */
    PAGING_NUMBER, /* by the number of a page of as many as are asked for: query.page */
    PAGING_FIXED,  /* by the number of a page, which has `cap` results */
    PAGING_WALK,   /* by the number of a page, and nobody knows how many results one has */
};

struct query {
    const char *text;
    enum search_type type;
    bool safe;
    const char *language; /* "en", "pt-BR" */
    size_t count;         /* that are wanted; not above the cap */
    size_t start, page;   /* what its paging needs; pages begin with 0 */
};

/* What the operator has set for a back end. */
struct setup {
    char *key;    /* the handle of a secret, or NULL */
    char *engine; /* of google */
    char *url;    /* in place of the usual one; without a slash at its end */
};

/* What it can do for one type of search, and where its answer has the results. */
struct ability {
    size_t cap; /* results of one request; 0: it cannot search for this type */
    enum paging paging;
    const char *path;
    const struct fields *fields;
};

struct provider {
    const char *name;
    const char *url; /* NULL: the operator has to set one */
    struct ability abilities[SEARCH_TYPES];
    size_t most_results, most_pages; /* that can be reached by paging; 0: no limit is known */
    bool needs_key, needs_engine;
    bool safe;           /* whether it can leave out what is not for everybody */
    const char *help;    /* for an answer of 403, or NULL */
    const char *spent;   /* what an error says if no more searches are paid for, or NULL: the status says it */
    const char *refused; /* what an error says if the key is wrong, or NULL: the status says it */

    /* Writes the request for the address `base`. */
    void (*ask)(const struct setup *setup, const char *base, const struct query *query, struct wire *wire);

    /* Reads an answer of status 200; NULL: see struct ability. */
    void (*read)(hexmcp_str json, struct results *results);
};

/* In the order in which they are tried if the operator says no other; NULL ends them. */
extern const struct provider *const providers[];

/* The place in providers[]; -1 if there is none of this name. */
int provider_find(const char *name);

#define PROVIDERS_MOST 16

extern const struct provider provider_tavily, provider_serper, provider_brave, provider_exa,
    provider_google, provider_serpapi, provider_searxng, provider_duckduckgo;
