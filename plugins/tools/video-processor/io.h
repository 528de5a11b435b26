/*
 * io.h - an open file as libavformat reads it: by descriptor, and nothing else.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libavformat/avformat.h>

struct io {
    int fd;
    int64_t size, at;
    AVIOContext *context;
};

/* For an open file, which stays the caller's; false if memory is short. io_free() is due in any case. */
int io_begin(struct io *io, int fd, int64_t size);
void io_free(struct io *io);

/* What a file asks for beside itself: it gets nothing. */
int io_refuse(struct AVFormatContext *context, AVIOContext **out, const char *url, int flags,
              AVDictionary **options);
