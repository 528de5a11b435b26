/*
 * encoding.h - the characters of a sitemap, as UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/bytes.h"

/* *text is the file without its byte order mark or, if the mark or the XML declaration says something else
 * than UTF-8, what it says in `held`, at most `most` bytes. An error has a sentence without the name of the
 * file. */
int32_t encoding_to_utf8(const hexmcp_round *r, hexmcp_str file, size_t most, struct bytes *held,
                         hexmcp_str *text);
