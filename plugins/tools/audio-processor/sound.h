/*
 * sound.h - an open sound file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "kit/pace.h"
#include "request.h"
#include "stream.h"

/* sound_close() is due after HEXMCP_OK. */
struct sound {
    const struct format *format;
    struct stream stream;
    SNDFILE *file; /* NULL before sound_decode() */
    SF_INFO info;
    struct pace pace;
};

/* [worker] Opens the file and tells its format by its first bytes. `sound` must stay where it is. */
int32_t sound_open(const hexmcp_round *r, const struct request *request, struct sound *sound);

/* [worker] Reads its head, so that `file` and `info` are there. */
int32_t sound_decode(const hexmcp_round *r, const struct request *request, struct sound *sound);

/* In seconds; 0 if nobody knows. */
double sound_duration(const struct sound *sound);

/* "vorbis", "pcm_16", ... */
const char *sound_codec(const struct sound *sound);

void sound_close(struct sound *sound);

/* [worker] The next frames, at most `most`, into `samples` (most x channels); *got is 0 at the end. What is
 * no number becomes 0. Tells how far it is. */
int32_t sound_read(struct sound *sound, float *samples, sf_count_t most, sf_count_t *got);

/* The operations; each answers the call. */
int32_t about_format(const hexmcp_round *r, const struct request *request, struct sound *sound);
int32_t about_sound(const hexmcp_round *r, const struct request *request, struct sound *sound);
int32_t measure(const hexmcp_round *r, const struct request *request, struct sound *sound);
int32_t convert(const hexmcp_round *r, const struct request *request, struct sound *sound);
