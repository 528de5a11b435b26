/*
 * request.h - the arguments of web-scraper.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"

#define REQUEST_SELECTORS 20

struct named_selector {
    const char *name;
    const char *css;
};

struct request {
    const char *url;
    struct named_selector selectors[REQUEST_SELECTORS + 1];
    size_t selector_count;
    bool markdown, main_only, include_hidden;
    bool links, images, meta;
    bool ignore_robots;
    size_t offset, limit, max_items;
    uint32_t timeout_ms;
};

/* Texts live as long as `args`. */
int32_t request_read(struct args *args, struct request *request);
