/*
 * SPDX-License-Identifier: MIT
 */
#include "sink.h"

#include "hexmcp/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

void sink_to_memory(struct sink *sink, size_t limit)
{
    *sink = (struct sink){.limit = limit, .fd = -1, .folder = -1};
}

static int32_t fail_system(const char *what, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_GENERIC, "target_path cannot be %s: %s", what,
                       strerror(errno));
}

static int32_t fail_exists(hexmcp_error *err)
{
    return hexmcp_fail(
        err, HEXMCP_E_INVALID,
        "target_path exists already; give another path, or overwrite true to replace "
        "the file");
}

/* Looks at what is there now; *mode is that of the file which will be replaced, or 0. */
static int32_t look(const struct sink *sink, mode_t *mode, hexmcp_error *err)
{
    struct stat about;
    *mode = 0;
    if (fstatat(sink->folder, sink->name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HEXMCP_OK : fail_system("looked at", err);
    if (!S_ISREG(about.st_mode))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "target_path is a %s; give the path of a file",
                           S_ISDIR(about.st_mode)   ? "folder"
                           : S_ISLNK(about.st_mode) ? "symbolic link"
                                                    : "device or another special file");
    if (!sink->overwrite)
        return fail_exists(err);
    *mode = about.st_mode & 0777;
    return HEXMCP_OK;
}

static int32_t begin(struct sink *sink, hexmcp_error *err)
{
    unsigned char random[8];
    char digits[2 * sizeof(random) + 1];
    mode_t mode;
    int32_t status = look(sink, &mode, err);
    if (status != HEXMCP_OK || sink->dry_run)
        return status;
    randombytes_buf(random, sizeof(random));
    sodium_bin2hex(digits, sizeof(digits), random, sizeof(random));
    snprintf(sink->temporary, sizeof(sink->temporary), ".hexmcp-%s.tmp", digits);
    sink->fd = openat(sink->folder, sink->temporary,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (sink->fd < 0)
        return fail_system("written", err);
    if (mode != 0 && fchmod(sink->fd, mode) != 0)
        return fail_system("given the mode of the file that it replaces", err);
    return HEXMCP_OK;
}

int32_t sink_to_file(struct sink *sink, const hexmcp_files_1 *files, hexmcp_call call,
                     hexmcp_str path, int overwrite, int dry_run, hexmcp_error *err)
{
    sink_to_memory(sink, 0);
    sink->overwrite = overwrite;
    sink->dry_run = dry_run;
    int32_t status =
        files->parent(files->ctx, call, path, HEXMCP_FILES_WRITE, &sink->folder, sink->name, err);
    if (status == HEXMCP_OK)
        status = begin(sink, err);
    if (status != HEXMCP_OK)
        sink_close(sink);
    return status;
}

static int32_t append(struct sink *sink, const void *data, size_t len, hexmcp_error *err)
{
    size_t used = (size_t)sink->len;
    if (len > sink->limit - used)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the result has more than the %zu bytes that fit in an answer; give "
                           "target_path to write it to a file",
                           sink->limit);
    if (len > sink->room - used) {
        size_t room = 2 * sink->room > used + len ? 2 * sink->room : used + len;
        uint8_t *bytes = realloc(sink->bytes, room);
        if (!bytes)
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
        sink->bytes = bytes;
        sink->room = room;
    }
    memcpy(sink->bytes + used, data, len);
    sink->len += len;
    return HEXMCP_OK;
}

int32_t sink_write(struct sink *sink, const void *data, size_t len, hexmcp_error *err)
{
    const char *at = data;
    if (len == 0)
        return HEXMCP_OK;
    if (sink->dry_run) {
        sink->len += len;
        return HEXMCP_OK;
    }
    if (sink->fd < 0)
        return append(sink, data, len, err);
    while (len > 0) {
        ssize_t put = write(sink->fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_system("written", err);
        at += put;
        len -= (size_t)put;
        sink->len += (uint64_t)put;
    }
    return HEXMCP_OK;
}

static int32_t take_name(struct sink *sink, hexmcp_error *err)
{
    unsigned flags = sink->overwrite ? 0 : RENAME_NOREPLACE;
    if (renameat2(sink->folder, sink->temporary, sink->folder, sink->name, flags) == 0) {
        sink->temporary[0] = '\0';
        return HEXMCP_OK;
    }
    if (errno == EEXIST)
        return fail_exists(err);
    if (errno == EINVAL && flags != 0)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "the file system of target_path cannot promise to replace nothing; give "
                           "overwrite true");
    return fail_system("given its name", err);
}

int32_t sink_finish(struct sink *sink, hexmcp_error *err)
{
    if (sink->fd < 0)
        return HEXMCP_OK;
    if (fsync(sink->fd) != 0)
        return fail_system("synced to the disk", err);
    int32_t status = take_name(sink, err);
    /* The file is there and whole. That its name lasts is up to the folder, if it can sync. */
    if (status == HEXMCP_OK)
        (void)fsync(sink->folder);
    return status;
}

void sink_close(struct sink *sink)
{
    if (sink->fd >= 0) {
        if (sink->temporary[0] != '\0')
            unlinkat(sink->folder, sink->temporary, 0);
        close(sink->fd);
    }
    if (sink->folder >= 0)
        close(sink->folder);
    free(sink->bytes);
    *sink = (struct sink){.fd = -1, .folder = -1};
}
