/*
 * folder.c - a new folder, with the folders above it if asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep may missing folders be? */
#define DEPTH_MAX 100

/* 0, or the errno that mkdirat() would fail with. */
static int try_to_make(const struct entry *entry)
{
    struct stat st;
    if (fstatat(entry->folder, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    if (errno != ENOENT || faccessat(entry->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return errno;
    return 0;
}

/* *made is 1, or 0 if it is there and `tolerant`. */
static int32_t make(const struct op *op, const struct entry *entry, int tolerant, int *made)
{
    int folder, failure = 0;
    if (op->request->dry_run)
        failure = try_to_make(entry);
    else if (mkdirat(entry->folder, entry->name, 0755) != 0)
        failure = errno;
    *made = failure == 0;
    if (*made)
        return HEXMCP_OK;
    if (failure != EEXIST)
        return op_errno(op, "make", entry->path, failure);
    if (!tolerant)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s exists already; with recursive true a folder that is there is fine",
                           SHOWN(entry->path));
    int32_t status =
        op_open(op, entry->path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &folder);
    if (status == HEXMCP_OK)
        close(folder);
    return status;
}

/* Shortens the path until its folder is there; *depth is how many components it lost. */
static int32_t find_existing(const struct op *op, struct path *path, struct entry *entry,
                             int *depth)
{
    int32_t status;
    for (*depth = 0; *depth < DEPTH_MAX; (*depth)++) {
        status = op_entry(op, path_str(path), HEXMCP_FILES_WRITE, entry);
        if (status != HEXMCP_E_NOT_FOUND || op_check(op) != HEXMCP_OK || !path_pop(path))
            return status;
    }
    return hexmcp_fail(op->err, HEXMCP_E_TOO_LARGE,
                       "more than %d folders of %.*s are missing; make some of them first",
                       DEPTH_MAX, SHOWN(op->request->path));
}

/* How long is `path` with `count` components fewer? */
static size_t length_without(const struct path *path, int count)
{
    struct path shorter = *path;
    while (count-- > 0)
        path_pop(&shorter);
    return shorter.len;
}

static int32_t make_all(const struct op *op, const struct path *whole, int64_t *count)
{
    struct path path = *whole;
    struct entry entry;
    int depth, made;
    int32_t status = find_existing(op, &path, &entry, &depth);
    for (; status == HEXMCP_OK; depth--) {
        entry.path = path_str(&path);
        status = make(op, &entry, 1, &made);
        entry_close(&entry);
        *count += status == HEXMCP_OK && made;
        if (status != HEXMCP_OK || depth == 0)
            break;
        /* In a folder that is not made, nothing is in the way. */
        if (op->request->dry_run && made) {
            *count += depth;
            break;
        }
        path = *whole;
        path.len = length_without(whole, depth - 1);
        status = op_entry(op, path_str(&path), HEXMCP_FILES_WRITE, &entry);
    }
    return status;
}

static int32_t make_one(const struct op *op)
{
    struct entry entry;
    int made;
    int32_t status = op_new_entry(op, op->request->path, &entry);
    if (status != HEXMCP_OK)
        return status;
    status = make(op, &entry, 0, &made);
    entry_close(&entry);
    return status;
}

int32_t operation_create_dir(const struct op *op)
{
    struct path path;
    int64_t count = 0;
    int32_t status;
    /* A path that is too long goes to the host as it is, which says so. */
    if (op->request->recursive && path_clean(&path, op->request->path)) {
        status = make_all(op, &path, &count);
    } else {
        status = make_one(op);
        count = 1;
    }
    if (status == HEXMCP_OK) {
        hexmcp_json_put_bool(op->out, "is_new", count > 0);
        hexmcp_json_put_int64(op->out, "folders", count);
    }
    return status;
}
