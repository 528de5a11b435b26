/*
 * SPDX-License-Identifier: MIT
 */
#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static sf_count_t stream_size(void *arg)
{
    return ((struct stream *)arg)->size;
}

static sf_count_t stream_seek(sf_count_t offset, int whence, void *arg)
{
    struct stream *s = arg;
    sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? s->at : s->size, to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return -1;
    return s->at = to;
}

static sf_count_t stream_read(void *into, sf_count_t count, void *arg)
{
    struct stream *s = arg;
    sf_count_t done = 0;
    while (done < count) {
        ssize_t got = pread(s->fd, (char *)into + done, (size_t)(count - done), s->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && s->failure == 0)
            s->failure = errno;
        if (got <= 0)
            break;
        s->at += got;
        done += got;
    }
    return done;
}

static sf_count_t stream_write(const void *from, sf_count_t count, void *arg)
{
    struct stream *s = arg;
    sf_count_t done = 0;
    if (count > s->most - s->at) {
        s->full = true;
        return 0;
    }
    while (done < count) {
        ssize_t put = pwrite(s->fd, (const char *)from + done, (size_t)(count - done), s->at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && s->failure == 0)
            s->failure = errno;
        if (put <= 0)
            break;
        s->at += put;
        done += put;
    }
    if (s->at > s->size)
        s->size = s->at;
    return done;
}

static sf_count_t stream_tell(void *arg)
{
    return ((struct stream *)arg)->at;
}

const SF_VIRTUAL_IO stream_io = {stream_size, stream_seek, stream_read, stream_write, stream_tell};
