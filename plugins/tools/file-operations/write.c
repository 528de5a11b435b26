/*
 * write.c - a new content, and more content at the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "fresh.h"
#include "info.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* The file that is there. */
struct old {
    int fd; /* -1: there is none */
    struct stat st;
};

static int32_t open_old(const struct op *op, uint32_t flags, struct old *old)
{
    int32_t status = op_open(op, op->request->path, flags, &old->fd);
    if (status != HEXMCP_OK) {
        old->fd = -1;
        return status;
    }
    if (fstat(old->fd, &old->st) == 0)
        return HEXMCP_OK;
    status = op_errno(op, "look at", op->request->path, errno);
    close(old->fd);
    return status;
}

static int32_t check_modified(const struct op *op, const struct old *old)
{
    const struct request *request = op->request;
    char text[TIME_ROOM];
    if (!request->modified.ptr)
        return HEXMCP_OK;
    if (old->fd < 0)
        return hexmcp_fail(op->err, HEXMCP_E_NOT_FOUND,
                           "%.*s does not exist, but expected_modified is for a file that does; "
                           "leave it out to make the file",
                           SHOWN(request->path));
    info_time(&old->st.st_mtim, text);
    if (strlen(text) == request->modified.len &&
        memcmp(text, request->modified.ptr, request->modified.len) == 0)
        return HEXMCP_OK;
    return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                       "%.*s was modified at %s and not, as expected, at %.*s; read it again before "
                       "changing it",
                       SHOWN(request->path), text, (int)(request->modified.len < TIME_ROOM ? request->modified.len : TIME_ROOM),
                       request->modified.ptr);
}

static int32_t check_size(const struct op *op, int64_t before)
{
    if ((int64_t)op->request->input.len <= FILE_BYTES_MAX - before)
        return HEXMCP_OK;
    return hexmcp_fail(op->err, HEXMCP_E_TOO_LARGE,
                       "%.*s would have more than %lld bytes, the most for a file; write a second "
                       "file",
                       SHOWN(op->request->path), (long long)FILE_BYTES_MAX);
}

static int is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A link would be replaced and not the file that it points to: goes on with that file's own path,
 * which the host checks like any other. `real` has PATH_MAX bytes. */
static int32_t follow(const struct op *op, const struct old *old, char *real, struct entry *entry)
{
    char link[40];
    entry_close(entry);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", old->fd);
    ssize_t len = readlink(link, real, PATH_MAX);
    if (len <= 0 || len == PATH_MAX)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is a link; give the path of the file that it points to",
                           SHOWN(op->request->path));
    return op_new_entry(op, (hexmcp_str){real, (size_t)len}, entry);
}

/* Where the old file is, or the new one will be. */
static int32_t find_entry(const struct op *op, const struct old *old, char *real,
                          struct entry *entry)
{
    hexmcp_str path = op->request->path;
    struct stat st;
    int32_t status = op_new_entry(op, path, entry);
    if (status != HEXMCP_OK)
        return status;
    int found = fstatat(entry->folder, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (found && S_ISLNK(st.st_mode) && old->fd >= 0) {
        status = follow(op, old, real, entry);
        if (status != HEXMCP_OK)
            return status;
        found = fstatat(entry->folder, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    }
    if (old->fd >= 0 ? found && is_same(&st, &old->st) : !found)
        return HEXMCP_OK;
    entry_close(entry);
    return hexmcp_fail(op->err, HEXMCP_E_BUSY,
                       "%.*s is a link that leads nowhere, or somebody else changes it just now; "
                       "look at it with metadata and try again",
                       SHOWN(path));
}

/* What replace() and append() say of a file that is not there or would be another. */
static int32_t tell(const struct op *op, const struct old *old, int64_t size)
{
    hexmcp_json_put_bool(op->out, "is_new", old->fd < 0);
    hexmcp_json_put_int64(op->out, "bytes_written", (int64_t)op->request->input.len);
    hexmcp_json_put_int64(op->out, "size", size);
    return op_check(op);
}

static int32_t try_replace(const struct op *op, const struct old *old, const struct entry *entry)
{
    int32_t status = op_may_change(op, entry->folder, "write", entry->path);
    return status == HEXMCP_OK ? tell(op, old, (int64_t)op->request->input.len) : status;
}

static int32_t replace(const struct op *op, const struct old *old, const struct entry *entry)
{
    struct fresh fresh;
    int is_new = old->fd < 0;
    struct stat st;
    int32_t status = fresh_begin(op, entry, is_new ? NULL : &old->st, &fresh);
    if (status != HEXMCP_OK)
        return status;
    status = fresh_write(&fresh, op->request->input);
    if (status == HEXMCP_OK && fstat(fresh.fd, &st) != 0)
        status = op_errno(op, "look at", op->request->path, errno);
    if (status == HEXMCP_OK)
        status = op_check(op);
    if (status != HEXMCP_OK) {
        fresh_drop(&fresh);
        return status;
    }
    status = fresh_commit(&fresh, !is_new);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_bool(op->out, "is_new", is_new);
    hexmcp_json_put_int64(op->out, "bytes_written", (int64_t)op->request->input.len);
    hexmcp_json_put_int64(op->out, "size", st.st_size);
    info_put_time(op->out, "modified", &st.st_mtim);
    return HEXMCP_OK;
}

static int32_t check_old(const struct op *op, const struct old *old)
{
    if (old->fd >= 0 && !op->request->overwrite)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s exists already; give overwrite true to replace it, or another path",
                           SHOWN(op->request->path));
    return check_modified(op, old);
}

int32_t operation_write(const struct op *op)
{
    struct old old;
    struct entry entry;
    char real[PATH_MAX];
    int32_t status = open_old(op, HEXMCP_FILES_WRITE, &old);
    if (status != HEXMCP_OK && status != HEXMCP_E_NOT_FOUND)
        return status;
    status = check_size(op, 0);
    if (status == HEXMCP_OK)
        status = check_old(op, &old);
    if (status == HEXMCP_OK)
        status = find_entry(op, &old, real, &entry);
    if (status == HEXMCP_OK) {
        status = op->request->dry_run ? try_replace(op, &old, &entry) : replace(op, &old, &entry);
        entry_close(&entry);
    }
    if (old.fd >= 0)
        close(old.fd);
    return status;
}

/* What was begun and cannot be finished is taken back, unless somebody else has gone on. */
static int append_all(const struct op *op, const struct old *old)
{
    struct stat st;
    size_t done;
    int failure = write_all(old->fd, op->request->input, &done);
    if (failure == 0)
        return fsync(old->fd) == 0 ? 0 : errno;
    if (fstat(old->fd, &st) == 0 && st.st_size == old->st.st_size + (off_t)done &&
        ftruncate(old->fd, old->st.st_size) != 0)
        return errno;
    return failure;
}

static int32_t append(const struct op *op, const struct old *old, int is_new)
{
    struct stat st;
    int failure = append_all(op, old);
    if (failure == 0 && fstat(old->fd, &st) != 0)
        failure = errno;
    if (failure)
        return op_errno(op, "append to", op->request->path, failure);
    hexmcp_json_put_bool(op->out, "is_new", is_new);
    hexmcp_json_put_int64(op->out, "bytes_written", (int64_t)op->request->input.len);
    hexmcp_json_put_int64(op->out, "size", st.st_size);
    info_put_time(op->out, "modified", &st.st_mtim);
    return HEXMCP_OK;
}

/* The old file, if there is one, is open. */
static int32_t try_append(const struct op *op, const struct old *old)
{
    struct entry entry;
    char real[PATH_MAX];
    int64_t before = old->fd >= 0 ? old->st.st_size : 0;
    int32_t status = check_modified(op, old);
    if (status == HEXMCP_OK)
        status = check_size(op, before);
    if (status == HEXMCP_OK && old->fd < 0) {
        status = find_entry(op, old, real, &entry);
        if (status == HEXMCP_OK) {
            status = op_may_change(op, entry.folder, "append to", entry.path);
            entry_close(&entry);
        }
    }
    return status == HEXMCP_OK ? tell(op, old, before + (int64_t)op->request->input.len) : status;
}

int32_t operation_append(const struct op *op)
{
    const uint32_t flags = HEXMCP_FILES_WRITE | HEXMCP_FILES_APPEND;
    struct old old;
    int32_t status = open_old(op, flags, &old);
    int is_new = status == HEXMCP_E_NOT_FOUND;
    if (op->request->dry_run && (is_new || status == HEXMCP_OK)) {
        status = try_append(op, &old);
        if (old.fd >= 0)
            close(old.fd);
        return status;
    }
    if (is_new && (status = check_modified(op, &old)) == HEXMCP_OK)
        status = open_old(op, flags | HEXMCP_FILES_CREATE, &old);
    if (status == HEXMCP_E_NOT_FOUND && old.fd < 0 && !op->request->modified.ptr)
        return op_no_folder(op, op->request->path);
    if (status != HEXMCP_OK)
        return status;
    if (!is_new)
        status = check_modified(op, &old);
    if (status == HEXMCP_OK)
        status = check_size(op, old.st.st_size);
    if (status == HEXMCP_OK)
        status = append(op, &old, is_new);
    close(old.fd);
    return status;
}
