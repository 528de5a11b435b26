/*
 * decode.h - one picture out of a video.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libavcodec/avcodec.h>

#include "movie.h"

/* [worker] The picture that is seen at request->timestamp. av_frame_free() is due; *shown is its own
 * time in seconds. */
int32_t decode_at(const struct request *request, struct movie *movie, AVFrame **frame, double *shown);
