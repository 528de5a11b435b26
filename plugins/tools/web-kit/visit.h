/*
 * visit.h - fetching pages as a robot that behaves.
 *
 * SPDX-License-Identifier: MIT
 *
 * Before anything is fetched from a site its robots.txt is (RFC 9309); redirects are followed one by one, so
 * that each address is asked for again.
 */
#pragma once

#include "kit/fetch.h"
#include "kit/pace.h"
#include "web-kit/robots.h"

/* The name in robots.txt, and how requests name themselves. */
#define VISIT_TOKEN "hexmcp"
#define VISIT_AGENT "hexmcp/0.1.0"

#define VISIT_REDIRECTS 5

struct visitor {
    const hexmcp_round *r;
    struct pace *pace;
    bool ignore_robots;
    uint32_t timeout_ms; /* for all visits together, from the beginning of `pace` */
    struct visited_site *sites;
};

struct visit {
    const char *url; /* absolute */
    const char *accept;
    uint64_t max_bytes;
    const char *const (*headers)[2]; /* further ones */
    size_t header_count;
};

/* [worker] Fetches; fetch_free() is due after HEXMCP_OK. An answer of any status but a redirect is
 * HEXMCP_OK. HEXMCP_E_DENIED if robots.txt or the host's rules forbid it. */
int32_t visitor_get(struct visitor *v, const struct visit *visit, struct fetch_answer *answer);
void visitor_end(struct visitor *v);

/* [worker] The rules of the site of `url`, which live as long as the visitor; NULL if robots.txt is ignored
 * or there is none that could be read. */
int32_t visitor_robots(struct visitor *v, const char *url, const struct robots **robots);

/* The value of a header of the answer, to be freed; NULL if there is none. */
char *visit_header(const struct fetch_answer *answer, const char *name);

/* A sentence for an answer whose status is no success; HEXMCP_OK if it is one. */
int32_t visit_status(const hexmcp_round *r, const struct fetch_answer *answer);

/* The argument `input`, an address of the web in normal form without fragment, in memory of the arguments. */
struct args;
const char *visit_address(struct args *args, const char *key);
