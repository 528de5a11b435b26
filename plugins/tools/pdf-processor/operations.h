/*
 * operations.h - what can be done with a document. Each answers the call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "document.h"

/* [worker] */
int32_t extract_text(const hexmcp_round *r, struct document *document);
int32_t extract_metadata(const hexmcp_round *r, struct document *document);
int32_t extract_pages(const hexmcp_round *r, struct document *document);
/* The pages as a document of their own, in the file target_path. */
int32_t split(const hexmcp_round *r, struct document *document);
int32_t render(const hexmcp_round *r, struct document *document);
int32_t outline(const hexmcp_round *r, struct document *document);
int32_t links(const hexmcp_round *r, struct document *document);
int32_t search(const hexmcp_round *r, struct document *document);

/* The text of the page as UTF-8, to be freed with g_free(). */
char *text_of_page(const struct request *request, PopplerPage *page);
