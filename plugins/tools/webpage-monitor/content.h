/*
 * content.h - the text of a page that is compared.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"
#include "request.h"
#include "web-kit/page.h"

/* The text of the page, or of what the selector names, line by line. */
int32_t content_make(struct pace *pace, const struct request *request, const struct fetch_answer *page,
                     struct bytes *text);

/* A text in the same form: with ignore_whitespace lines without blanks at their ends, one blank between
 * words, no empty lines. Ends with a line feed unless empty. false if memory is short. */
bool content_normal(const char *text, bool ignore_whitespace, struct bytes *to);
