/*
 * SPDX-License-Identifier: MIT
 */
#include "io.h"

#include <errno.h>
#include <unistd.h>

#define BUFFER 65536

static int io_read(void *arg, uint8_t *into, int count)
{
    struct io *io = arg;
    ssize_t got;
    do
        got = pread(io->fd, into, (size_t)count, io->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return AVERROR(errno);
    io->at += got;
    return got == 0 ? AVERROR_EOF : (int)got;
}

static int64_t io_seek(void *arg, int64_t offset, int whence)
{
    struct io *io = arg;
    int64_t base, to;
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE)
        return io->size;
    base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? io->at : io->size;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return AVERROR(EINVAL);
    return io->at = to;
}

int io_begin(struct io *io, int fd, int64_t size)
{
    unsigned char *buffer = av_malloc(BUFFER);
    *io = (struct io){.fd = fd, .size = size};
    if (!buffer)
        return 0;
    io->context = avio_alloc_context(buffer, BUFFER, 0, io, io_read, NULL, io_seek);
    if (!io->context)
        av_free(buffer);
    return io->context != NULL;
}

void io_free(struct io *io)
{
    if (io->context)
        av_freep(&io->context->buffer); /* it may be another one than at the beginning */
    avio_context_free(&io->context);
}

int io_refuse(struct AVFormatContext *context, AVIOContext **out, const char *url, int flags,
              AVDictionary **options)
{
    (void)context;
    (void)out;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}
