/*
 * copy.c - copies of files, links and folders, and moving them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "fresh.h"
#include "operations.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define STEP_BYTES ((size_t)256 * 1024)

int32_t check_copied(const struct op *op, hexmcp_str path, int64_t bytes)
{
    if (bytes <= FILE_BYTES_MAX)
        return HEXMCP_OK;
    return hexmcp_fail(op->err, HEXMCP_E_TOO_LARGE,
                       "%.*s has more than %lld bytes, the most for a file; copy it by other means",
                       SHOWN(path), (long long)FILE_BYTES_MAX);
}

int32_t copy_content(const struct op *op, int from, int to, hexmcp_str path, int64_t *bytes)
{
    int64_t copied = 0;
    int32_t status = HEXMCP_OK;
    int failure = 0;
    ssize_t got = 1;
    char *block = malloc(STEP_BYTES);
    if (!block)
        return op_errno(op, "copy", path, ENOMEM);
    while (got > 0 && failure == 0 && (status = op_check(op)) == HEXMCP_OK) {
        got = read(from, block, STEP_BYTES);
        if (got > 0)
            status = check_copied(op, path, copied + got);
        if (status != HEXMCP_OK)
            break;
        if (got < 0)
            failure = errno;
        else
            failure = write_all(to, (hexmcp_str){block, (size_t)got}, NULL);
        copied += got > 0 ? got : 0;
    }
    free(block);
    if (failure)
        status = op_errno(op, "copy", path, failure);
    *bytes += status == HEXMCP_OK ? copied : 0;
    return status;
}

int link_copy(int from_folder, const char *name, int to_folder, const char *new_name)
{
    char target[HEXMCP_FILES_PATH_MAX];
    ssize_t len = readlinkat(from_folder, name, target, sizeof(target));
    if (len < 0)
        return errno;
    if (len == (ssize_t)sizeof(target))
        return ENAMETOOLONG;
    target[len] = '\0';
    return symlinkat(target, to_folder, new_name) == 0 ? 0 : errno;
}

/* May the entry be made or replaced? `source` must not be replaced by itself. */
static int32_t check_target(const struct op *op, const struct entry *to, const struct stat *source,
                            int overwrite)
{
    struct stat st;
    if (fstatat(to->folder, to->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HEXMCP_OK : op_errno(op, "look at", to->path, errno);
    if (st.st_dev == source->st_dev && st.st_ino == source->st_ino)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is what is to be copied or moved itself; give another target_path",
                           SHOWN(to->path));
    if (S_ISDIR(st.st_mode))
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is a folder; give the whole new path, with the name in that folder",
                           SHOWN(to->path));
    if (!overwrite)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s exists already; give overwrite true to replace it, or another path",
                           SHOWN(to->path));
    return HEXMCP_OK;
}

static int32_t try_copy(const struct op *op, const struct entry *to, const struct stat *st,
                        hexmcp_str path, int64_t *bytes)
{
    int32_t status = check_copied(op, path, st->st_size);
    *bytes += st->st_size;
    return status == HEXMCP_OK ? op_may_change(op, to->folder, "write", to->path) : status;
}

static int32_t copy_open(const struct op *op, int from, const struct entry *to, int overwrite,
                         hexmcp_str path, int64_t *bytes)
{
    struct fresh fresh;
    struct stat st;
    if (fstat(from, &st) != 0)
        return op_errno(op, "look at", path, errno);
    int32_t status = check_target(op, to, &st, overwrite);
    if (status == HEXMCP_OK && op->request->dry_run)
        return try_copy(op, to, &st, path, bytes);
    if (status == HEXMCP_OK)
        status = fresh_begin(op, to, &st, &fresh);
    if (status != HEXMCP_OK)
        return status;
    status = copy_content(op, from, fresh.fd, path, bytes);
    if (status == HEXMCP_OK)
        return fresh_commit(&fresh, overwrite);
    fresh_drop(&fresh);
    return status;
}

int32_t file_copy(const struct op *op, hexmcp_str from, const struct entry *to, int overwrite,
                  int64_t *bytes)
{
    int fd;
    int32_t status = op_open(op, from, HEXMCP_FILES_READ, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = copy_open(op, fd, to, overwrite, from, bytes);
    close(fd);
    return status;
}

static int real_path(int fd, char path[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    if (len <= 0)
        return 0;
    path[len] = '\0';
    return 1;
}

static int32_t inside_itself(const struct op *op, const struct entry *to)
{
    return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                       "%.*s is inside of %.*s, which cannot go into itself; give another target_path",
                       SHOWN(to->path), SHOWN(op->request->path));
}

/* A folder in itself would have no end. */
static int32_t check_apart(const struct op *op, int from, const struct entry *to)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    int known = real_path(from, outer) && real_path(to->folder, inner);
    size_t len = known ? strlen(outer) : 0;
    if (known && (strncmp(inner, outer, len) != 0 || (inner[len] != '/' && inner[len] != '\0')))
        return HEXMCP_OK;
    return inside_itself(op, to);
}

static void put_tally(const struct op *op, const struct tally *tally)
{
    char text[HEXMCP_ERROR_TEXT + 80];
    hexmcp_json_put_int64(op->out, "files", tally->files);
    hexmcp_json_put_int64(op->out, "folders", tally->folders);
    hexmcp_json_put_int64(op->out, "links", tally->links);
    if (tally->skipped == 0)
        return;
    snprintf(text, sizeof(text), "%lld entries were left out, the first because %s",
             (long long)tally->skipped, tally->first_skipped);
    hexmcp_json_put_int64(op->out, "skipped", tally->skipped);
    hexmcp_json_put_text(op->out, "message", text);
}

static int32_t copy_whole_folder(const struct op *op, int from, const struct entry *to,
                                 struct tally *tally)
{
    struct stat st = {0};
    int32_t status = check_apart(op, from, to);
    if (status == HEXMCP_OK && fstatat(to->folder, to->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s exists already, and folders are not merged; give a target_path "
                           "where nothing is",
                           SHOWN(to->path));
    if (status == HEXMCP_OK && op->request->dry_run)
        status = op_may_change(op, to->folder, "write", to->path);
    if (status == HEXMCP_OK)
        status = tree_copy(op, from, op->request->path, to, tally);
    return status;
}

static int32_t copy_folder(const struct op *op, int from)
{
    struct tally tally = {0};
    struct entry to;
    if (!op->request->recursive)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is a folder; give recursive true to copy it with all that is in it",
                           SHOWN(op->request->path));
    int32_t status = op_new_entry(op, op->request->target, &to);
    if (status != HEXMCP_OK)
        return status;
    status = copy_whole_folder(op, from, &to, &tally);
    entry_close(&to);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(op->out, "type", "folder");
    hexmcp_json_put_int64(op->out, "size", tally.bytes);
    put_tally(op, &tally);
    return HEXMCP_OK;
}

static int is_there(const struct entry *entry)
{
    struct stat st;
    return fstatat(entry->folder, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int32_t copy_a_file(const struct op *op)
{
    struct entry to;
    int64_t bytes = 0;
    int32_t status = op_new_entry(op, op->request->target, &to);
    if (status != HEXMCP_OK)
        return status;
    int replaced = is_there(&to);
    status = file_copy(op, op->request->path, &to, op->request->overwrite, &bytes);
    entry_close(&to);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(op->out, "type", "file");
    hexmcp_json_put_int64(op->out, "size", bytes);
    if (replaced)
        hexmcp_json_put_bool(op->out, "replaced", 1);
    return HEXMCP_OK;
}

int32_t operation_copy(const struct op *op)
{
    int from;
    int32_t status =
        op_open(op, op->request->path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &from);
    if (status == HEXMCP_E_INVALID)
        return copy_a_file(op);
    if (status != HEXMCP_OK)
        return status;
    status = copy_folder(op, from);
    close(from);
    return status;
}

/* --- moving --------------------------------------------------------------------------------- */

static int32_t move_folder_far(const struct op *op, const struct entry *from, const struct entry *to)
{
    struct tally tally = {0};
    struct tally deleted = {0};
    int fd;
    int32_t status =
        op_open(op, op->request->path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = copy_whole_folder(op, fd, to, &tally);
    close(fd);
    if (status == HEXMCP_OK && tally.skipped > 0)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is on another disk and was copied, but not deleted, because %lld "
                           "entries in it could not be copied, the first because %.200s",
                           SHOWN(from->path), (long long)tally.skipped, tally.first_skipped);
    return status == HEXMCP_OK ? tree_delete(op, from, &deleted) : status;
}

static int32_t move_link_far(const struct op *op, const struct entry *from, const struct entry *to)
{
    int failure = 0;
    if (op->request->dry_run)
        return HEXMCP_OK;
    if (op->request->overwrite && unlinkat(to->folder, to->name, 0) != 0 && errno != ENOENT)
        failure = errno;
    if (failure == 0)
        failure = link_copy(from->folder, from->name, to->folder, to->name);
    return failure ? op_errno(op, "move", from->path, failure) : HEXMCP_OK;
}

/* To another disk: a copy, and then the old one goes. */
static int32_t move_far(const struct op *op, const struct entry *from, const struct entry *to,
                        const struct stat *st)
{
    int64_t bytes = 0;
    int32_t status;
    if (S_ISDIR(st->st_mode))
        return move_folder_far(op, from, to);
    if (S_ISREG(st->st_mode))
        status = file_copy(op, from->path, to, op->request->overwrite, &bytes);
    else if (S_ISLNK(st->st_mode))
        status = move_link_far(op, from, to);
    else
        return op_errno(op, "move", from->path, EXDEV);
    if (status == HEXMCP_OK && !op->request->dry_run && unlinkat(from->folder, from->name, 0) != 0)
        status = op_errno(op, "delete", from->path, errno);
    return status;
}

/* What move() would say. */
static int32_t try_move(const struct op *op, const struct entry *from, const struct entry *to,
                        const struct stat *st)
{
    struct stat target;
    int fd;
    int32_t status = op_may_change(op, from->folder, "move", from->path);
    if (status == HEXMCP_OK)
        status = op_may_change(op, to->folder, "move", from->path);
    if (status == HEXMCP_OK && S_ISDIR(st->st_mode)) {
        status = op_open(op, from->path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &fd);
        if (status == HEXMCP_OK) {
            status = check_apart(op, fd, to);
            close(fd);
        }
    }
    if (status == HEXMCP_OK && fstat(to->folder, &target) == 0 && target.st_dev != st->st_dev)
        status = move_far(op, from, to, st);
    return status;
}

static int32_t move(const struct op *op, const struct entry *from, const struct entry *to,
                    struct stat *st)
{
    if (fstatat(from->folder, from->name, st, AT_SYMLINK_NOFOLLOW) != 0)
        return op_errno(op, "move", from->path, errno);
    int32_t status = check_target(op, to, st, op->request->overwrite);
    if (status != HEXMCP_OK)
        return status;
    if (op->request->dry_run)
        return try_move(op, from, to, st);
    int failure = rename_entry(from->folder, from->name, to->folder, to->name,
                               op->request->overwrite);
    if (failure == EXDEV)
        return move_far(op, from, to, st);
    if (failure == EINVAL && S_ISDIR(st->st_mode))
        return inside_itself(op, to);
    if (failure)
        return op_errno(op, "move", from->path, failure);
    if (fsync(to->folder) != 0 || fsync(from->folder) != 0)
        return op_errno(op, "write", to->path, errno);
    return HEXMCP_OK;
}

int32_t operation_move(const struct op *op)
{
    struct entry from, to;
    struct stat st;
    int replaced = 0;
    int32_t status = op_entry(op, op->request->path, HEXMCP_FILES_WRITE, &from);
    if (status != HEXMCP_OK)
        return status;
    status = op_new_entry(op, op->request->target, &to);
    if (status == HEXMCP_OK) {
        replaced = is_there(&to);
        status = move(op, &from, &to, &st);
        entry_close(&to);
    }
    entry_close(&from);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(op->out, "type", S_ISDIR(st.st_mode) ? "folder"
                                          : S_ISLNK(st.st_mode) ? "link" : "file");
    if (replaced)
        hexmcp_json_put_bool(op->out, "replaced", 1);
    return HEXMCP_OK;
}
