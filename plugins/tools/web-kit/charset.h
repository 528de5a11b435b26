/*
 * charset.h - the characters of a page, as UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"
#include "kit/bytes.h"

/* Converts a page. Its characters are what a byte order mark, `content_type` (may be NULL) or a meta
 * element says, in this order; else UTF-8 if it is that, else windows-1252. What is no character becomes
 * U+FFFD. *name is what it was read as, static. false if memory is short. */
bool charset_to_utf8(const char *content_type, hexmcp_str page, struct bytes *utf8, const char **name);
