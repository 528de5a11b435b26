/*
 * load.h - a picture from bytes, after a look at its format and its size.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <vips/vips.h>

#include "kit/bytes.h"
#include "kit/pace.h"
#include "request.h"

/* load_close() is due after HEXMCP_OK. */
struct picture {
    const struct format *format;
    struct bytes bytes;
    VipsImage *image; /* sequential: read once from the top down, unless load_turned() was called */
    VipsImage *origin; /* as it was opened: reports the progress of all that is made of it */
    int pages;
    int orientation; /* 1: as it is stored */
    struct pace pace;
};

/* [worker] Reads the file and tells its format; the picture is not opened yet. */
int32_t load_bytes(const hexmcp_round *r, const char *path, struct picture *picture);

/* [worker] Opens the picture: its header is read, nothing is decoded. `picture` must stay where it is. */
int32_t load_open(const hexmcp_round *r, const struct request *request, struct picture *picture);

/* [worker] Turns it as its orientation says. With `all` it is decoded into memory, so that it can be read
 * in any order. */
int32_t load_turned(const hexmcp_round *r, const char *path, bool all, struct picture *picture);

void load_close(struct picture *picture);
