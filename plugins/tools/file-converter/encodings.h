/*
 * encodings.h - text between encodings, by way of UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hexmcp/abi.h"
#include "kit/bytes.h"
#include "meter.h"

/* Those that text can be written in, then those that it can only be read from. */
enum encoding {
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_WINDOWS_1252,
    ENCODING_ISO_8859_1,
    ENCODING_ASCII,
    ENCODING_WRITTEN
};

/* Names in small letters, those that are written first; NULL ends them. */
extern const char *const encoding_names[];

/* The place of a name, or of another one that is common for it, whatever its letters; -1 if it is none of
 * them. */
int encoding_find(const char *name);

/* Where something did not fit. */
struct misfit {
    uint64_t at;        /* decode: the byte */
    uint64_t line;      /* encode: from 1 */
    uint64_t column;    /* encode: in characters, from 1 */
    uint32_t character; /* encode: what it is. decode: the byte's value */
};

enum outcome {
    OUTCOME_DONE,
    OUTCOME_MISFIT,
    OUTCOME_NO_MEMORY,
    OUTCOME_UNKNOWN,
    OUTCOME_TOO_LARGE,
    OUTCOME_STOPPED /* the meter has the status */
};

/* Adds `text`, without a byte order mark, to `out` as UTF-8. What is no text in the encoding becomes
 * U+FFFD if `lossy`, and is counted; else it ends with OUTCOME_MISFIT. OUTCOME_UNKNOWN: the system does
 * not know the encoding. */
enum outcome encoding_decode(int encoding, hexmcp_str text, bool lossy, struct bytes *out,
                             uint64_t *replaced, struct misfit *misfit, struct meter *meter);

/* Adds UTF-8, which must be valid, in an encoding that is written; what it lacks becomes "?" if
 * `lossy`. */
enum outcome encoding_encode(enum encoding encoding, hexmcp_str utf8, bool lossy, struct bytes *out,
                             uint64_t *replaced, struct misfit *misfit, struct meter *meter);

/* The bytes of the mark at the beginning of a text in this encoding; empty if it has none. */
hexmcp_str encoding_mark(int encoding);

/* The first character of UTF-8 text, with its length; 0 bytes if it is none. */
size_t utf8_next(hexmcp_str text, uint32_t *character);
