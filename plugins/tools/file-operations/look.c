/*
 * look.c - what is known of an entry, and whether it is there.
 *
 * SPDX-License-Identifier: MIT
 */
#include "info.h"
#include "operations.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What statx() tells, of an entry itself and not of what a link points to.
 *   place  open if `is_entry`, else `folder` is open: a granted folder, which is no entry */
struct look {
    struct entry place;
    int is_entry;
    int folder;
    struct statx st;
};

static void look_end(struct look *look)
{
    if (look->is_entry)
        entry_close(&look->place);
    else
        close(look->folder);
}

/* The folder that was granted is reached by itself. */
static int32_t look_begin(const struct op *op, struct look *look)
{
    hexmcp_str path = op->request->path;
    int32_t status = op_entry(op, path, HEXMCP_FILES_READ, &look->place);
    look->is_entry = status == HEXMCP_OK;
    if (status == HEXMCP_E_DENIED)
        status = op_open(op, path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &look->folder);
    return status;
}

static int statx_of(struct look *look)
{
    const unsigned mask = STATX_BASIC_STATS | STATX_BTIME;
    int found = look->is_entry ? statx(look->place.folder, look->place.name, AT_SYMLINK_NOFOLLOW,
                                       mask, &look->st)
                               : statx(look->folder, "", AT_EMPTY_PATH, mask, &look->st);
    return found == 0 ? 0 : errno;
}

/* May this call change it? A link itself has no rights; what counts is its folder. */
static int is_readonly(const struct op *op, const struct look *look)
{
    struct entry entry;
    struct path path;
    hexmcp_error unused = {.size = sizeof(unused)};
    struct op quiet = *op;
    quiet.err = &unused;
    if (!path_clean(&path, op->request->path) || (!look->is_entry && !path_push(&path, "x", 1)))
        return 1;
    if (op_entry(&quiet, path_str(&path), HEXMCP_FILES_WRITE, &entry) != HEXMCP_OK)
        return 1;
    const char *name = look->is_entry ? entry.name : ".";
    int readonly = !S_ISLNK(look->st.stx_mode) &&
                   faccessat(entry.folder, name, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) != 0;
    entry_close(&entry);
    return readonly;
}

static void put_time(const struct op *op, const char *key, const struct statx_timestamp *time)
{
    struct timespec spec = {.tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec};
    info_put_time(op->out, key, &spec);
}

static void put_metadata(const struct op *op, const struct look *look)
{
    const struct statx *st = &look->st;
    char mode[8];
    snprintf(mode, sizeof(mode), "%04o", (unsigned)st->stx_mode & 07777);
    hexmcp_json_put_text(op->out, "type", info_type(st->stx_mode));
    hexmcp_json_put_int64(op->out, "size", (int64_t)st->stx_size);
    hexmcp_json_put_text(op->out, "mode", mode);
    hexmcp_json_put_int64(op->out, "links", st->stx_nlink);
    hexmcp_json_put_bool(op->out, "readonly", is_readonly(op, look));
    put_time(op, "modified", &st->stx_mtime);
    put_time(op, "accessed", &st->stx_atime);
    if (st->stx_mask & STATX_BTIME)
        put_time(op, "created", &st->stx_btime);
    if (look->is_entry && S_ISLNK(st->stx_mode))
        info_put_target(op->out, look->place.folder, look->place.name);
}

int32_t operation_metadata(const struct op *op)
{
    struct look look = {0};
    int32_t status = look_begin(op, &look);
    if (status != HEXMCP_OK)
        return status;
    int failure = statx_of(&look);
    if (failure)
        status = op_errno(op, "look at", op->request->path, failure);
    else
        put_metadata(op, &look);
    look_end(&look);
    return status;
}

int32_t operation_exists(const struct op *op)
{
    struct look look = {0};
    int32_t status = look_begin(op, &look);
    int failure = ENOENT;
    if (status == HEXMCP_OK) {
        failure = statx_of(&look);
        look_end(&look);
    } else if (status != HEXMCP_E_NOT_FOUND) {
        return status;
    }
    if (failure && failure != ENOENT)
        return op_errno(op, "look at", op->request->path, failure);
    hexmcp_json_put_bool(op->out, "exists", failure == 0);
    if (failure == 0)
        hexmcp_json_put_text(op->out, "type", info_type(look.st.stx_mode));
    return op_check(op);
}
