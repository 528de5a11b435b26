/*
 * encode.h - a decoded picture, scaled, turned and written as PNG or JPEG.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libavcodec/avcodec.h>

#include "kit/bytes.h"

struct shape {
    int width, height; /* of the result, upright */
    int rotation;      /* clockwise: 0, 90, 180, 270 */
    int quality;       /* of JPEG; 0 is PNG */
};

/* [worker] An error code of FFmpeg, or 0 and the bytes. */
int encode(const AVFrame *frame, const struct shape *shape, struct bytes *bytes);
