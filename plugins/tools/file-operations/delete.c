/*
 * delete.c - takes an entry away.
 *
 * SPDX-License-Identifier: MIT
 */
#include "info.h"
#include "names.h"
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

/* 0, or the errno that rmdir() would fail with. */
static int check_empty(const struct entry *entry)
{
    struct names names;
    int folder = openat(entry->folder, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return errno;
    int failure = names_read(folder, &names);
    failure = failure ? failure : names.count > 0 ? ENOTEMPTY : 0;
    names_clear(&names);
    close(folder);
    return failure;
}

/* 0, or the errno that unlinkat() would fail with. */
static int try_delete(const struct entry *entry, int is_folder)
{
    if (faccessat(entry->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return errno;
    return is_folder ? check_empty(entry) : 0;
}

/* An empty folder, or what is none. */
static int32_t delete_alone(const struct op *op, const struct entry *entry, const struct stat *st)
{
    int is_folder = S_ISDIR(st->st_mode), failure = 0;
    if (op->request->dry_run)
        failure = try_delete(entry, is_folder);
    else if (unlinkat(entry->folder, entry->name, is_folder ? AT_REMOVEDIR : 0) != 0)
        failure = errno;
    if (failure == 0)
        return HEXMCP_OK;
    if (failure == ENOTEMPTY || failure == EEXIST)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "%.*s is a folder that is not empty; give recursive true to delete it "
                           "with all that is in it",
                           SHOWN(entry->path));
    return op_errno(op, "delete", entry->path, failure);
}

static void put_tally(const struct op *op, const struct tally *tally)
{
    hexmcp_json_put_int64(op->out, "deleted", tally->files + tally->folders + tally->links);
    hexmcp_json_put_int64(op->out, "size", tally->bytes);
    hexmcp_json_put_int64(op->out, "files", tally->files);
    hexmcp_json_put_int64(op->out, "folders", tally->folders);
    hexmcp_json_put_int64(op->out, "links", tally->links);
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
    hexmcp_json_put_text(op->out, "type", info_type(st.st_mode));
    if (op->request->recursive && S_ISDIR(st.st_mode))
        put_tally(op, &tally);
    else
        hexmcp_json_put_int64(op->out, "deleted", 1);
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
