/*
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)256 * 1024)

/* A path in a message, cut to what a message holds. */
static int shown(hexmcp_str path)
{
    return path.len < 200 ? (int)path.len : 200;
}

static int32_t too_large(hexmcp_str path, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                       "%.*s has more than 104857600 bytes (100 MiB), the most that is taken; hash "
                       "a smaller file",
                       shown(path), path.ptr);
}

static int32_t check(const hexmcp_host *host, hexmcp_call call, hexmcp_error *err)
{
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    if (info && info->cancelled(info->ctx, call))
        return hexmcp_fail(err, HEXMCP_E_CANCELLED,
                           "stopped: the call was cancelled or took longer than 30 seconds");
    return HEXMCP_OK;
}

/* The next piece into `piece`; *ret_len is 0 at the end. */
static int32_t next_piece(int fd, hexmcp_str path, char *piece, size_t *ret_len, hexmcp_error *err)
{
    ssize_t got;
    do
        got = read(fd, piece, PIECE_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "cannot read %.*s: %s; try again", shown(path),
                           path.ptr, strerror(errno));
    *ret_len = (size_t)got;
    return HEXMCP_OK;
}

/* The file can grow meanwhile, so the bytes that come are what counts. */
static int32_t hash_pieces(const hexmcp_host *host, hexmcp_call call, int fd, hexmcp_str path,
                           struct hasher *hasher, char *piece, hexmcp_error *err)
{
    size_t total = 0;
    size_t len = 1;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && len > 0) {
        status = check(host, call, err);
        if (status == HEXMCP_OK)
            status = next_piece(fd, path, piece, &len, err);
        if (status != HEXMCP_OK)
            break;
        total += len;
        status = total > FILE_BYTES_MAX ? too_large(path, err)
                                        : hasher_add(hasher, (hexmcp_str){piece, len}, err);
    }
    return status;
}

static int32_t hash_open(const hexmcp_host *host, hexmcp_call call, int fd, hexmcp_str path,
                         struct hasher *hasher, hexmcp_error *err)
{
    struct stat info;
    if (fstat(fd, &info) == 0 && info.st_size > (off_t)FILE_BYTES_MAX)
        return too_large(path, err);
    char *piece = malloc(PIECE_BYTES);
    if (!piece)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again", shown(path),
                           path.ptr);
    int32_t status = hash_pieces(host, call, fd, path, hasher, piece, err);
    free(piece);
    return status;
}

int32_t file_hash(const hexmcp_host *host, hexmcp_call call, hexmcp_str path, struct hasher *hasher,
                  hexmcp_error *err)
{
    const hexmcp_files_1 *files = host->get_interface(host->ctx, HEXMCP_FILES_1);
    int32_t fd;
    if (!files)
        return hexmcp_fail(err, HEXMCP_E_DENIED,
                           "this server lets no tool read files; pass the data itself as input");
    int32_t status = files->open(files->ctx, call, path, HEXMCP_FILES_READ, &fd, err);
    if (status != HEXMCP_OK)
        return status;
    status = hash_open(host, call, fd, path, hasher, err);
    close(fd);
    return status;
}
