/*
 * crawl.h - the sitemaps of a site, one after the other.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "web-kit/visit.h"

/* Indexes in each other. */
#define CRAWL_DEEPEST 3

/* Sitemaps that are fetched in one call. */
#define CRAWL_SITEMAPS 100

struct request {
    const char *url;
    bool follow, same_host, ignore_robots;
    size_t offset, max_urls;
    unsigned delay_ms;
    uint32_t timeout_ms;
};

/* [worker] Crawls and completes the call. */
int32_t crawl(const hexmcp_round *r, const struct request *request);
