/*
 * request.h - what a call of image-processor asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "formats.h"
#include "kit/args.h"

/* Limits of pictures: in pixels of a side, and in bytes of a file. */
#define SIDE_MOST 10000
#define FILE_MOST ((size_t)100 * 1024 * 1024)

enum operation {
    OPERATION_DETECT,
    OPERATION_METADATA,
    OPERATION_RESIZE,
    OPERATION_CONVERT,
    OPERATION_CROP,
    OPERATION_ROTATE,
    OPERATION_THUMBNAIL
};

enum retain { RETAIN_NO_LOCATION, RETAIN_NOTHING, RETAIN_ALL };

/* Texts live as long as the arguments. */
struct request {
    enum operation operation;
    const char *path;
    const char *target_path;      /* NULL: the picture becomes an artifact */
    const struct format *format; /* of the target; NULL: see request_format() */
    int width, height, x, y;      /* 0: not given */
    int degrees;
    int max_width, max_height;
    int quality, level, page;
    double background[3];
    bool maintain_aspect_ratio;
    bool lossless;
    bool include_location;
    bool overwrite, dry_run;
    enum retain retain;
};

const char *operation_name(enum operation operation);

int32_t request_read(struct args *args, struct request *request);

/* The format to write, for a picture that was read as `from`: what was asked for, else by the end of
 * target_path, else `from`. */
const struct format *request_format(const struct request *request, const struct format *from);
