/*
 * robots.h - what a site lets robots fetch: robots.txt by RFC 9309.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a file that count; what comes after them is not read. */
#define ROBOTS_BYTES ((size_t)500 * 1024)

struct robots;

/* Reads the rules for `agent`, the product token, or those for "*" if none are for it. Any text is a
 * robots.txt: what is no rule is skipped. NULL if memory is short. */
struct robots *robots_new(const char *text, size_t len, const char *agent);
void robots_free(struct robots *robots);

/* Whether `path`, which begins with "/" and holds the query, may be fetched: the longest rule that fits
 * counts, and of two that are equally long the one that allows. */
bool robots_allow(const struct robots *robots, const char *path);

/* Seconds between two requests that the site asks for (crawl-delay, no part of the RFC); 0 if none. */
double robots_delay(const struct robots *robots);

/* The address of the sitemap `i`, as it stands there; NULL after the last one. */
const char *robots_sitemap(const struct robots *robots, size_t i);
