/*
 * formats.h - the formats of video files: told by their first bytes, and the one demuxer for each.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* So many bytes are enough to tell. */
#define FORMAT_HEAD 64

struct format {
    const char *name;
    const char *mime;
    const char *suffixes; /* see kit/suffix.h */
    const char *demuxer;
};

/* NULL if they are of none. */
const struct format *format_of_bytes(hexmcp_str bytes);

/* By the end of the name; NULL if it is of none. */
const struct format *format_of_name(const char *path);
