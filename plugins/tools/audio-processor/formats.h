/*
 * formats.h - the formats of sound files: told by their first bytes, and how libsndfile calls them.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/abi.h"

struct format {
    const char *name;
    const char *mime;
    const char *suffixes; /* " .ogg .oga ", the first is the usual one */
    int type;             /* of libsndfile: SF_FORMAT_WAV and so on */
    bool written;
    bool lossy;
};

/* "wav", "flac", "ogg", "mp3", ... by its place in the table; NULL after the last. */
const struct format *format_at(size_t place);

/* By the first bytes (12 are enough); NULL if they are of none. */
const struct format *format_of_bytes(hexmcp_str bytes);

/* By the end of the name; NULL if it is of none. */
const struct format *format_of_name(const char *path);

/* ".wav" */
const char *format_suffix(const struct format *format, char out[8]);
