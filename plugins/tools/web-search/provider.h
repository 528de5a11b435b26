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

enum search_type { SEARCH_WEB, SEARCH_NEWS, SEARCH_IMAGES };

#define TYPE(t) (1u << (t))

struct query {
    const char *text;
    enum search_type type;
    bool safe;
    const char *language; /* "en", "pt-BR" */
    size_t count;         /* that are wanted; not above the cap */
};

/* What the operator has set for a back end. */
struct setup {
    char *key;    /* the handle of a secret, or NULL */
    char *engine; /* of google */
    char *url;    /* in place of the usual one; without a slash at its end */
};

struct provider {
    const char *name;
    const char *url; /* NULL: the operator has to set one */
    size_t cap;      /* results of one request */
    unsigned types;  /* TYPE(...) of what it can search for */
    bool needs_key, needs_engine;
    bool safe;       /* whether it can leave out what is not for everybody */
    const char *help; /* for an answer of 403, or NULL */

    /* Writes the request for the address `base`. */
    void (*ask)(const struct setup *setup, const char *base, const struct query *query, struct wire *wire);

    /* Reads an answer of status 200. */
    void (*read)(const struct query *query, hexmcp_str json, struct results *results);
};

/* In the order in which they are tried if the operator says no other; NULL ends them. */
extern const struct provider *const providers[];

/* The place in providers[]; -1 if there is none of this name. */
int provider_find(const char *name);

#define PROVIDERS_MOST 16

extern const struct provider provider_tavily, provider_serper, provider_brave, provider_exa,
    provider_google, provider_serpapi, provider_searxng, provider_duckduckgo;
