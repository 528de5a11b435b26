/*
 * sitemap.h - one file of the sitemap protocol (sitemaps.org): XML, or text with an address a line.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kit/pace.h"

/* An entry as it stands in the file; texts that are missing are "". Borrowed until the function returns. */
struct sitemap_entry {
    const char *loc;
    const char *lastmod;
    const char *changefreq;
    const char *priority;
};

enum sitemap_kind { SITEMAP_URLS, SITEMAP_INDEX, SITEMAP_TEXT };

/* Gets each entry. HEXMCP_OK: go on; else reading ends with this status. */
typedef int32_t (*sitemap_fn)(void *arg, enum sitemap_kind kind, const struct sitemap_entry *entry);

/* Bytes of a file, unpacked: what the protocol allows. */
#define SITEMAP_BYTES ((size_t)50 * 1024 * 1024)

/* Reads a file. *kind is what it is. An error of the file has a sentence without its name in r->err. */
int32_t sitemap_read(struct pace *pace, hexmcp_str file, sitemap_fn each, void *arg,
                     enum sitemap_kind *kind);
