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
    const char *suffixes; /* see kit/suffix.h */
    int type;             /* of libsndfile: SF_FORMAT_WAV and so on */
    int subtype;          /* to write it with; 0: samples as they are */
    bool written;
    bool lossy;
};

/* "wav", "flac", "ogg", "mp3", ... by its place in the table; NULL after the last. */
const struct format *format_at(size_t place);

/* So many bytes are enough to tell. */
#define FORMAT_HEAD 36

/* NULL if they are of none. */
const struct format *format_of_bytes(hexmcp_str bytes);

/* By the end of the name; NULL if it is of none. */
const struct format *format_of_name(const char *path);

/* The sample rate that it is written with where `rate` is wanted: MP3 and Opus take some alone. */
int format_rate(const struct format *format, int rate);
