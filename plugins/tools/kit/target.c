/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/target.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/source.h"

static int32_t fail_system(const struct target *t, int failure)
{
    return hexmcp_fail(t->r->err, failure == ENOSPC ? HEXMCP_E_TOO_LARGE : HEXMCP_E_GENERIC,
                       "%.*s cannot be written: %s", SHOWN(t->path), strerror(failure));
}

static int32_t fail_exists(const struct target *t)
{
    return hexmcp_fail(t->r->err, HEXMCP_E_INVALID,
                       "%.*s exists already; give overwrite true to replace it, or another path",
                       SHOWN(t->path));
}

/* *mode is that of the file which will be replaced, or 0. */
static int32_t look(struct target *t, mode_t *mode)
{
    struct stat about;
    *mode = 0;
    if (fstatat(t->folder, t->name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HEXMCP_OK : fail_system(t, errno);
    t->there = true;
    if (!S_ISREG(about.st_mode))
        return hexmcp_fail(t->r->err, HEXMCP_E_INVALID, "%.*s is a %s; give the path of a file",
                           SHOWN(t->path),
                           S_ISDIR(about.st_mode)   ? "folder"
                           : S_ISLNK(about.st_mode) ? "symbolic link"
                                                    : "device or another special file");
    *mode = about.st_mode & 0777;
    return t->overwrite ? HEXMCP_OK : fail_exists(t);
}

static int32_t open_folder(const hexmcp_round *r, const char *path, bool overwrite, struct target *t)
{
    const hexmcp_files_1 *files = hexmcp_round_service(r, HEXMCP_FILES_1);
    int32_t folder;
    *t = (struct target){.r = r, .path = path, .overwrite = overwrite, .folder = -1, .fd = -1};
    if (!files)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "this server lets no tool write files; the operator allows a folder with "
                           "--allow-write FOLDER");
    int32_t status = files->parent(files->ctx, r->call, hexmcp_str_from(path), HEXMCP_FILES_WRITE,
                                   &folder, t->name, r->err);
    if (status == HEXMCP_E_NOT_FOUND)
        return hexmcp_fail(r->err, status,
                           "the folder of %.*s does not exist; make it first (file-operations: create_dir "
                           "with recursive true), or give another path",
                           SHOWN(path));
    if (status == HEXMCP_OK)
        t->folder = folder;
    return status;
}

static int32_t make(struct target *t, mode_t mode)
{
    uint64_t number;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        return fail_system(t, errno);
    snprintf(t->temporary, sizeof(t->temporary), ".hexmcp-%016llx.tmp", (unsigned long long)number);
    t->fd = openat(t->folder, t->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (t->fd < 0) {
        t->temporary[0] = '\0';
        return fail_system(t, errno);
    }
    /* Where a sandbox forbids it the mode stays that of a new file. */
    if (mode && fchmod(t->fd, mode) != 0 && errno != EPERM)
        return fail_system(t, errno);
    return HEXMCP_OK;
}

int32_t target_begin(const hexmcp_round *r, const char *path, bool overwrite, struct target *target)
{
    mode_t mode = 0;
    int32_t status = open_folder(r, path, overwrite, target);
    if (status == HEXMCP_OK)
        status = look(target, &mode);
    if (status == HEXMCP_OK)
        status = make(target, mode);
    if (status != HEXMCP_OK)
        target_drop(target);
    return status;
}

int32_t target_rehearse(const hexmcp_round *r, const char *path, bool overwrite,
                        struct target *target)
{
    mode_t mode;
    int32_t status = open_folder(r, path, overwrite, target);
    target->rehearsed = true;
    if (status == HEXMCP_OK)
        status = look(target, &mode);
    if (status != HEXMCP_OK)
        target_drop(target);
    return status;
}

int32_t target_check(const hexmcp_round *r, const char *path, bool overwrite, bool *there)
{
    struct target t;
    int32_t status = target_rehearse(r, path, overwrite, &t);
    *there = t.there;
    target_drop(&t);
    return status;
}

int32_t target_write(struct target *target, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0 && !target->rehearsed) {
        ssize_t put = write(target->fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_system(target, errno);
        at += put;
        len -= (size_t)put;
    }
    return HEXMCP_OK;
}

/* As renameat2() without replacing, where the file system does not know that. */
static int link_name(const struct target *t)
{
    if (linkat(t->folder, t->temporary, t->folder, t->name, 0) != 0)
        return -1;
    unlinkat(t->folder, t->temporary, 0);
    return 0;
}

static int32_t take_name(struct target *t)
{
    unsigned flags = t->overwrite ? 0 : RENAME_NOREPLACE;
    int moved = renameat2(t->folder, t->temporary, t->folder, t->name, flags);
    if (moved != 0 && flags && errno == EINVAL)
        moved = link_name(t);
    if (moved != 0)
        return errno == EEXIST ? fail_exists(t) : fail_system(t, errno);
    t->temporary[0] = '\0';
    return HEXMCP_OK;
}

int32_t target_commit(struct target *target)
{
    if (target->rehearsed) {
        target_drop(target);
        return HEXMCP_OK;
    }
    int32_t status = fsync(target->fd) == 0 ? take_name(target) : fail_system(target, errno);
    /* The file is there and whole. That its name lasts is up to the folder, if it can sync. */
    if (status == HEXMCP_OK)
        (void)fsync(target->folder);
    target_drop(target);
    return status;
}

void target_drop(struct target *target)
{
    if (target->temporary[0] != '\0')
        unlinkat(target->folder, target->temporary, 0);
    if (target->fd >= 0)
        close(target->fd);
    if (target->folder >= 0)
        close(target->folder);
    target->temporary[0] = '\0';
    target->fd = target->folder = -1;
}

int32_t target_put(const hexmcp_round *r, const char *path, bool overwrite, hexmcp_str data)
{
    struct target t;
    int32_t status = target_begin(r, path, overwrite, &t);
    if (status != HEXMCP_OK)
        return status;
    status = target_write(&t, data.ptr, data.len);
    if (status == HEXMCP_OK)
        return target_commit(&t);
    target_drop(&t);
    return status;
}
