/*
 * request.h - what a call of video-processor asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/args.h"

#define FILE_MOST ((int64_t)1024 * 1024 * 1024)

enum operation { OPERATION_DETECT, OPERATION_METADATA, OPERATION_THUMBNAIL, OPERATION_FRAME };

/* Texts live as long as the arguments. */
struct request {
    enum operation operation;
    const char *path;
    const char *target_path; /* NULL: the picture becomes an artifact */
    double timestamp;        /* seconds */
    int max_width, max_height;
    int quality; /* of JPEG, 1 to 100 */
    bool png;
    bool overwrite, dry_run;
};

const char *operation_name(enum operation operation);

int32_t request_read(struct args *args, struct request *request);
