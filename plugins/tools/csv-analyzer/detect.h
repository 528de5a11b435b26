/*
 * detect.h - what the beginning of a source tells of its encoding, delimiter and header.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/abi.h"

struct detected {
    const char *encoding; /* for people and for iconv: "UTF-8", "UTF-16LE", "UTF-16BE", "WINDOWS-1252" */
    size_t skip;          /* length of the byte order mark */
};

/* By the byte order mark, else UTF-8 if the bytes are that, else Windows-1252. */
struct detected detect_encoding(const char *bytes, size_t len);

/* The one of , ; TAB | that most lines have equally often outside of quotes; a comma if none. `text` may
 * be in any encoding that has ASCII's characters as single bytes, or UTF-16: zero bytes are left out. */
char detect_delimiter(const char *text, size_t len, char quote);

/* True if the first row looks like names: no field is empty, a number, a date or there twice. */
bool detect_header(const hexmcp_str *fields, size_t count);
