/*
 * report.h - the members of the result, each from the page.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "request.h"
#include "web-kit/html.h"

struct scrape {
    const hexmcp_round *r;
    struct pace *pace;
    const struct request *request;
    struct html html;
    hexmcp_json_writer *json;
};

/* "title": text of the title element, or "". */
void report_title(struct scrape *s);

/* "content" and what belongs to it, see readable.h. */
int32_t report_content(struct scrape *s);

/* "selections": {name: {"total", "items": [{"text", "attributes"}...]}}. */
int32_t report_selections(struct scrape *s);

/* "links": {"total", "items": [{"url", "text"}...]}, without those that were there before. */
int32_t report_links(struct scrape *s);

/* "images": {"total", "items": [{"url", "alt"}...]}. */
int32_t report_images(struct scrape *s);

/* "meta": description, canonical address, OpenGraph, JSON-LD. */
int32_t report_meta(struct scrape *s);
