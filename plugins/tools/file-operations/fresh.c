/*
 * SPDX-License-Identifier: MIT
 */
#include "fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

/* Rights of others that a program must not be given by copying: setuid and its like stay behind. */
#define RIGHTS 0777

static int take_after(int fd, const struct stat *like)
{
    struct stat own;
    if (fstat(fd, &own) != 0)
        return errno;
    /* Only the superuser can keep the owner; for everybody else the file becomes his own. */
    if ((own.st_uid != like->st_uid || own.st_gid != like->st_gid) &&
        fchown(fd, like->st_uid, like->st_gid) != 0 && errno != EPERM)
        return errno;
    /* What the umask took away; in a sandbox it stays away. */
    if ((own.st_mode & RIGHTS) == (like->st_mode & RIGHTS) ||
        fchmod(fd, like->st_mode & RIGHTS) == 0 || errno == EPERM)
        return 0;
    return errno;
}

int32_t fresh_begin(const struct op *op, const struct entry *entry, const struct stat *like,
                    struct fresh *fresh)
{
    uint64_t number;
    randombytes_buf(&number, sizeof(number));
    *fresh = (struct fresh){.op = op, .entry = entry};
    snprintf(fresh->name, sizeof(fresh->name), ".hexmcp-%016llx.tmp", (unsigned long long)number);
    fresh->fd = openat(entry->folder, fresh->name,
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       like ? like->st_mode & RIGHTS : 0644);
    if (fresh->fd < 0)
        return op_errno(op, "write", entry->path, errno);
    int failure = like ? take_after(fresh->fd, like) : 0;
    if (failure == 0)
        return HEXMCP_OK;
    fresh_drop(fresh);
    return op_errno(op, "write", entry->path, failure);
}

int write_all(int fd, hexmcp_str data, size_t *done)
{
    size_t at = 0;
    int failure = 0;
    while (at < data.len && failure == 0) {
        ssize_t put = write(fd, data.ptr + at, data.len - at);
        if (put >= 0)
            at += (size_t)put;
        else if (errno != EINTR)
            failure = errno;
    }
    if (done)
        *done = at;
    return failure;
}

int32_t fresh_write(struct fresh *fresh, hexmcp_str data)
{
    int failure = write_all(fresh->fd, data, NULL);
    return failure ? op_errno(fresh->op, "write", fresh->entry->path, failure) : HEXMCP_OK;
}

int rename_entry(int from, const char *name, int to, const char *new_name, int overwrite)
{
    struct stat st;
    if (overwrite)
        return renameat(from, name, to, new_name) == 0 ? 0 : errno;
    if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
        return 0;
    int failure = errno;
    if ((failure != EINVAL && failure != ENOSYS) ||
        fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(st.st_mode))
        return failure;
    /* A file system that cannot: a second name does not replace either. */
    if (linkat(from, name, to, new_name, 0) != 0)
        return errno;
    return unlinkat(from, name, 0) == 0 ? 0 : errno;
}

static int put_in_place(const struct fresh *fresh, int overwrite)
{
    int folder = fresh->entry->folder;
    if (fsync(fresh->fd) != 0)
        return errno;
    int failure = rename_entry(folder, fresh->name, folder, fresh->entry->name, overwrite);
    if (failure)
        return failure;
    return fsync(folder) == 0 ? 0 : errno;
}

int32_t fresh_commit(struct fresh *fresh, int overwrite)
{
    int failure = put_in_place(fresh, overwrite);
    const struct op *op = fresh->op;
    if (failure) {
        fresh_drop(fresh);
    } else {
        close(fresh->fd);
        return HEXMCP_OK;
    }
    if (failure == EEXIST)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s exists already; give overwrite true to replace it, or another path",
                           SHOWN(fresh->entry->path));
    return op_errno(op, "write", fresh->entry->path, failure);
}

void fresh_drop(struct fresh *fresh)
{
    close(fresh->fd);
    unlinkat(fresh->entry->folder, fresh->name, 0);
}
