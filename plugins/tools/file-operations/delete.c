/*
 * delete.c - takes an entry away.
 *
 * SPDX-License-Identifier: MIT
 */
#include "info.h"
#include "operations.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int32_t check(const struct op *op, const struct stat *st)
{
    if (!S_ISDIR(st->st_mode) || !op->request->recursive || op->may_delete_folders)
        return HEXMCP_OK;
    return hexmcp_fail(op->err, HEXMCP_E_DENIED,
                       "%.*s is a folder, and deleting folders with what is in them is switched off; "
                       "delete what is in it first, or let the operator set allowRecursiveDelete in "
                       "the settings of hexmcp.file-operations",
                       SHOWN(op->request->path));
}

/* An empty folder, or what is none. */
static int32_t delete_alone(const struct op *op, const struct entry *entry, const struct stat *st)
{
    int is_folder = S_ISDIR(st->st_mode);
    if (unlinkat(entry->folder, entry->name, is_folder ? AT_REMOVEDIR : 0) == 0)
        return HEXMCP_OK;
    if (errno == ENOTEMPTY || errno == EEXIST)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is a folder that is not empty; give recursive true to delete it "
                           "with all that is in it",
                           SHOWN(entry->path));
    return op_errno(op, "delete", entry->path, errno);
}

static int32_t delete(const struct op *op, const struct entry *entry)
{
    struct stat st;
    struct tally tally = {0};
    if (fstatat(entry->folder, entry->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return op_errno(op, "delete", entry->path, errno);
    int32_t status = check(op, &st);
    if (status == HEXMCP_OK && op->request->recursive)
        status = tree_delete(op, entry, &tally);
    else if (status == HEXMCP_OK)
        status = delete_alone(op, entry, &st);
    if (status != HEXMCP_OK)
        return status;
    int64_t count = op->request->recursive ? tally.files + tally.folders + tally.links : 1;
    hexmcp_json_put_text(op->out, "type", info_type(st.st_mode));
    hexmcp_json_put_int64(op->out, "deleted", count);
    return HEXMCP_OK;
}

int32_t operation_delete(const struct op *op)
{
    struct entry entry;
    int32_t status = op_entry(op, op->request->path, HEXMCP_FILES_WRITE, &entry);
    if (status != HEXMCP_OK)
        return status;
    status = delete(op, &entry);
    entry_close(&entry);
    return status;
}
