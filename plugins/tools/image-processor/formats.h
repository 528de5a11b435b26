/*
 * formats.h - the formats of pictures: told by their first bytes, and what libvips reads and writes them
 * with.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/abi.h"

enum format_id {
    FORMAT_PNG,
    FORMAT_JPEG,
    FORMAT_GIF,
    FORMAT_WEBP,
    FORMAT_TIFF,
    FORMAT_AVIF,
    FORMAT_HEIC,
    FORMAT_COUNT
};

struct format {
    enum format_id id;
    const char *name;
    const char *mime;
    const char *suffixes; /* see kit/suffix.h */
    const char *loader;   /* names of operations */
    const char *saver;    /* NULL: it is read only */
    bool pages;           /* a file can hold several pictures */
    bool module;          /* by a module of libvips */
};

const struct format *format_by_id(enum format_id id);

/* By the first bytes; NULL if they are of none. */
const struct format *format_of_bytes(hexmcp_str bytes);

/* By the end of the name; NULL if it is of none. */
const struct format *format_of_name(const char *path);
