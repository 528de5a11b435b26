/*
 * page.h - pages of the web, fetched and parsed.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "web-kit/html.h"
#include "web-kit/visit.h"

/* Longest page that is read. */
#define PAGE_BYTES ((uint64_t)10 * 1024 * 1024)

/* [worker] Fetches a page of HTML or text; any status of HTTP but success and 304 is an error.
 * fetch_free() is due after HEXMCP_OK. */
int32_t page_get(struct visitor *visitor, const char *url, const char *const (*headers)[2],
                 size_t header_count, struct fetch_answer *page);

/* Parses it, plain text too; see html.h. */
int32_t page_parse(struct pace *pace, const struct fetch_answer *page, struct html *html);
