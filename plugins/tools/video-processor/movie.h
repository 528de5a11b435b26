/*
 * movie.h - an open video file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "formats.h"
#include "io.h"
#include "kit/answer.h"
#include "kit/pace.h"
#include "request.h"

/* movie_close() is due after HEXMCP_OK. */
struct movie {
    const hexmcp_round *r;
    const struct format *format;
    int fd;
    int64_t size;
    struct io io;
    AVFormatContext *context; /* NULL before movie_demux() */
    int video;                /* number of the stream that is looked at; below 0 if there is none */
    struct pace pace;
};

/* [worker] Opens the file and tells its format by its first bytes. `movie` must stay where it is. */
int32_t movie_open(const hexmcp_round *r, const struct request *request, struct movie *movie);

/* [worker] Finds out what is in it. */
int32_t movie_demux(const struct request *request, struct movie *movie);

void movie_close(struct movie *movie);

/* In seconds; 0 if nobody knows. */
double movie_duration(const struct movie *movie);

/* By how much the pictures are to be turned clockwise to be seen upright: 0, 90, 180 or 270. */
int movie_rotation(const struct movie *movie);

/* Of the pictures as they are to be seen: with square pixels, upright. */
void movie_seen(const struct movie *movie, int width, int height, double *seen_width,
                double *seen_height);

/* The error of the call: `what` failed on the file, for the reason `code` of FFmpeg. */
int32_t movie_failed(const struct movie *movie, const struct request *request, const char *what,
                     int code);

/* The decoders that are used; all others are not, whatever a file says. */
extern const char movie_codecs[];

/* The operations; each answers the call. */
int32_t about_format(const struct request *request, const struct movie *movie);
int32_t about_movie(const struct request *request, struct movie *movie);
int32_t picture(const struct request *request, struct movie *movie);
