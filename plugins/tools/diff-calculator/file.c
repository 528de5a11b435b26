/*
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include "hexmcp/json.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_BYTES ((size_t)1024 * 1024)

/* A path in a message, cut to what a message holds. */
static int shown(hexmcp_str path)
{
    return path.len < 200 ? (int)path.len : 200;
}

static int32_t too_large(const char *argument, hexmcp_str path, size_t limit, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                       "%s: %.*s has more than the %zu bytes that are left of the limit for both "
                       "sides; compare smaller files",
                       argument, shown(path), path.ptr, limit);
}

/* Reads to the end of the file, which may change meanwhile, but at most `room` bytes. Returns how
 * many; -1 with errno, or with *err filled if *status is one. */
static ssize_t read_all(int fd, const struct work *work, char *data, size_t room, int32_t *status,
                        hexmcp_error *err)
{
    size_t len = 0;
    while (len < room) {
        *status = work_check(work, err);
        if (*status != HEXMCP_OK)
            return -1;
        ssize_t got = read(fd, data + len, room - len < STEP_BYTES ? room - len : STEP_BYTES);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        len += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)len;
}

static int32_t read_open(int fd, const struct work *work, const char *argument, hexmcp_str path,
                         size_t limit, char **ret_data, size_t *ret_len, hexmcp_error *err)
{
    struct stat info;
    int32_t status = HEXMCP_OK;
    if (fstat(fd, &info) != 0)
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "%s: cannot look at %.*s: %s; try again", argument,
                           shown(path), path.ptr, strerror(errno));
    if (info.st_size < 0 || (uint64_t)info.st_size > limit)
        return too_large(argument, path, limit, err);
    /* One byte more shows a file that grows. */
    size_t room = (size_t)info.st_size + 1;
    char *data = malloc(room + 1);
    if (!data)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again", shown(path),
                           path.ptr);
    ssize_t len = read_all(fd, work, data, room, &status, err);
    if (len < 0 && status == HEXMCP_OK)
        status = hexmcp_fail(err, HEXMCP_E_GENERIC, "%s: cannot read %.*s: %s; try again", argument,
                             shown(path), path.ptr, strerror(errno));
    else if (status == HEXMCP_OK && (size_t)len == room)
        status = hexmcp_fail(err, HEXMCP_E_BUSY,
                             "%s: %.*s grew while it was read; try again when nobody writes it",
                             argument, shown(path), path.ptr);
    if (status != HEXMCP_OK) {
        free(data);
        return status;
    }
    data[len] = '\0';
    *ret_data = data;
    *ret_len = (size_t)len;
    return HEXMCP_OK;
}

int32_t file_read(const hexmcp_files_1 *files, const struct work *work, const char *argument,
                  hexmcp_str path, size_t limit, char **ret_data, size_t *ret_len,
                  hexmcp_error *err)
{
    int32_t fd;
    if (!files)
        return hexmcp_fail(err, HEXMCP_E_DENIED,
                           "%s: this server lets no tool read files; pass the text itself",
                           argument);
    int32_t status = files->open(files->ctx, work->call, path, HEXMCP_FILES_READ, &fd, err);
    if (status != HEXMCP_OK)
        return status;
    status = read_open(fd, work, argument, path, limit, ret_data, ret_len, err);
    close(fd);
    return status;
}
