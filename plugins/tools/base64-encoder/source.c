/*
 * SPDX-License-Identifier: MIT
 */
#include "source.h"

#include "hexmcp/json.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

void source_of_memory(struct source *source, hexmcp_str data)
{
    *source = (struct source){.memory = data, .fd = -1, .size = data.len};
}

static int32_t fail_size(uint64_t size, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                       "the file at path has %" PRIu64 " bytes, but at most 52428800 (50 MiB) are "
                       "taken; give a smaller file",
                       size);
}

int32_t source_of_file(struct source *source, const hexmcp_files_1 *files, hexmcp_call call,
                       hexmcp_str path, hexmcp_error *err)
{
    struct stat about = {0};
    int32_t fd;
    int32_t status = files->open(files->ctx, call, path, HEXMCP_FILES_READ, &fd, err);
    if (status != HEXMCP_OK)
        return status;
    /* Without a size all goes on: reading has the same limit. */
    (void)fstat(fd, &about);
    if ((uint64_t)about.st_size > FILE_BYTES_MAX) {
        close(fd);
        return fail_size((uint64_t)about.st_size, err);
    }
    *source = (struct source){.fd = fd, .size = (uint64_t)about.st_size};
    return HEXMCP_OK;
}

static size_t read_memory(struct source *source, void *piece, size_t room)
{
    size_t left = source->memory.len - (size_t)source->taken;
    size_t len = left < room ? left : room;
    if (len > 0)
        memcpy(piece, source->memory.ptr + source->taken, len);
    source->taken += len;
    return len;
}

/* Fills the piece whole: encoding goes by groups of three bytes, which must not be torn. */
static int32_t read_file(struct source *source, char *piece, size_t room, size_t *len,
                         hexmcp_error *err)
{
    size_t have = 0;
    while (have < room) {
        ssize_t got = read(source->fd, piece + have, room - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hexmcp_fail(err, HEXMCP_E_GENERIC, "the file at path cannot be read: %s",
                               strerror(errno));
        if (got == 0)
            break;
        have += (size_t)got;
    }
    source->taken += have;
    if (source->taken > FILE_BYTES_MAX)
        return fail_size(source->taken, err);
    *len = have;
    return HEXMCP_OK;
}

int32_t source_read(struct source *source, void *piece, size_t room, size_t *len, hexmcp_error *err)
{
    if (source->fd >= 0)
        return read_file(source, piece, room, len, err);
    *len = read_memory(source, piece, room);
    return HEXMCP_OK;
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}
