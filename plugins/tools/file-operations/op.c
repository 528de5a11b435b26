/*
 * SPDX-License-Identifier: MIT
 */
#include "op.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int32_t op_open(const struct op *op, hexmcp_str path, uint32_t flags, int *fd)
{
    return op->files->open(op->files->ctx, op->call, path, flags, fd, op->err);
}

int32_t op_entry(const struct op *op, hexmcp_str path, uint32_t access, struct entry *entry)
{
    entry->path = path;
    return op->files->parent(op->files->ctx, op->call, path, access, &entry->folder, entry->name,
                             op->err);
}

int32_t op_new_entry(const struct op *op, hexmcp_str path, struct entry *entry)
{
    int32_t status = op_entry(op, path, HEXMCP_FILES_WRITE, entry);
    return status == HEXMCP_E_NOT_FOUND ? op_no_folder(op, path) : status;
}

int32_t op_no_folder(const struct op *op, hexmcp_str path)
{
    if (op_check(op) != HEXMCP_OK)
        return HEXMCP_E_CANCELLED;
    return hexmcp_fail(op->err, HEXMCP_E_NOT_FOUND,
                       "the folder of %.*s does not exist; make it first with the operation "
                       "create_dir and recursive true",
                       SHOWN(path));
}

void entry_close(struct entry *entry)
{
    close(entry->folder);
}

int32_t op_check(const struct op *op)
{
    return op->calls && op->calls->cancelled(op->calls->ctx, op->call) ? HEXMCP_E_CANCELLED
                                                                        : HEXMCP_OK;
}

int32_t op_may_change(const struct op *op, int folder, const char *verb, hexmcp_str path)
{
    return faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0 ? HEXMCP_OK
                                                                : op_errno(op, verb, path, errno);
}

struct meaning {
    int failure;
    int32_t code;
    const char *text;
};

static const struct meaning meanings[] = {
    {ENOENT, HEXMCP_E_NOT_FOUND, "it does not exist"},
    {EEXIST, HEXMCP_E_INVALID, "it exists already"},
    {EACCES, HEXMCP_E_DENIED, "the system denies it to the user of the server"},
    {EPERM, HEXMCP_E_DENIED, "the system does not permit it"},
    {EROFS, HEXMCP_E_DENIED, "its file system is read-only"},
    {ENAMETOOLONG, HEXMCP_E_INVALID, "the name is too long"},
    {EISDIR, HEXMCP_E_INVALID, "it is a folder"},
    {ENOTDIR, HEXMCP_E_INVALID, "it is not a folder"},
    {ENOTEMPTY, HEXMCP_E_INVALID, "it is a folder that is not empty"},
    {EINVAL, HEXMCP_E_INVALID, "its file system does not know how"},
    {EBUSY, HEXMCP_E_BUSY, "it is in use; try again"},
    {EMFILE, HEXMCP_E_BUSY, "too many files are open; try again"},
    {ENFILE, HEXMCP_E_BUSY, "too many files are open; try again"},
    {EFBIG, HEXMCP_E_TOO_LARGE, "it would be too large"},
    {ENOSPC, HEXMCP_E_UNAVAILABLE, "the disk is full; free some space and try again"},
    {EDQUOT, HEXMCP_E_UNAVAILABLE, "the quota is used up; free some space and try again"},
    {ENOMEM, HEXMCP_E_NOMEM, "out of memory; try again"},
};

int32_t op_errno(const struct op *op, const char *verb, hexmcp_str path, int failure)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].failure == failure)
            return hexmcp_fail(op->err, meanings[i].code, "cannot %s %.*s: %s", verb, SHOWN(path),
                               meanings[i].text);
    return hexmcp_fail(op->err, HEXMCP_E_GENERIC, "cannot %s %.*s: %s", verb, SHOWN(path),
                       strerror(failure));
}
