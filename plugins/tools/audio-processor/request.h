/*
 * request.h - what a call of audio-processor asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "formats.h"
#include "kit/args.h"

#define FILE_MOST ((int64_t)500 * 1024 * 1024)

enum operation { OPERATION_DETECT, OPERATION_METADATA, OPERATION_MEASURE, OPERATION_CONVERT };

/* Texts live as long as the arguments. */
struct request {
    enum operation operation;
    const char *path;
    const char *target_path;     /* NULL: the sound becomes an artifact */
    const struct format *format; /* of the target */
    int quality;                 /* 0 to 10 */
    int bits;                    /* 0: as the source has, at most 24 */
    int sample_rate;             /* 0: as the source has, if the format takes it */
    bool mono;
    bool keep_tags;
    double start, duration; /* in seconds; duration 0: to the end */
    bool overwrite, dry_run;
};

const char *operation_name(enum operation operation);

int32_t request_read(struct args *args, struct request *request);
