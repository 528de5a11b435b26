/*
 * list.c - what is in a folder, sorted, a page at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#include "info.h"
#include "names.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void put_entry(const struct op *op, int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return; /* gone meanwhile */
    hexmcp_json_begin_object(op->out);
    hexmcp_json_put_text(op->out, "name", name);
    hexmcp_json_put_text(op->out, "type", info_type(st.st_mode));
    hexmcp_json_put_int64(op->out, "size", st.st_size);
    info_put_time(op->out, "modified", &st.st_mtim);
    if (S_ISLNK(st.st_mode))
        info_put_target(op->out, folder, name);
    hexmcp_json_end_object(op->out);
}

static int32_t put_page(const struct op *op, int folder, const struct names *names)
{
    size_t begin = (size_t)op->request->offset;
    size_t left = begin < names->count ? names->count - begin : 0;
    size_t limit = (size_t)op->request->limit;
    size_t end = begin + (left < limit ? left : limit);
    hexmcp_json_key(op->out, "entries");
    hexmcp_json_begin_array(op->out);
    for (size_t i = begin; i < end && i < names->count; i++) {
        put_entry(op, folder, names->at[i]);
        if (i % 64 == 0 && op_check(op) != HEXMCP_OK)
            return HEXMCP_E_CANCELLED;
    }
    hexmcp_json_end_array(op->out);
    hexmcp_json_put_int64(op->out, "total", (int64_t)names->count);
    hexmcp_json_put_int64(op->out, "offset", op->request->offset);
    hexmcp_json_put_bool(op->out, "truncated", end < names->count);
    if (end >= names->count)
        return HEXMCP_OK;
    char text[120];
    snprintf(text, sizeof(text), "entries %zu to %zu of %zu; go on with offset %zu", begin, end - 1,
             names->count, end);
    hexmcp_json_put_int64(op->out, "next_offset", (int64_t)end);
    hexmcp_json_put_text(op->out, "message", text);
    return HEXMCP_OK;
}

static int32_t list(const struct op *op, int folder)
{
    struct names names;
    int failure = names_read(folder, &names);
    int32_t status = HEXMCP_OK;
    if (failure == EFBIG)
        status = hexmcp_fail(op->err, HEXMCP_E_TOO_LARGE,
                             "%.*s has more than %d entries, too many to sort; list a folder in it",
                             SHOWN(op->request->path), NAMES_MAX);
    else if (failure)
        status = op_errno(op, "list", op->request->path, failure);
    else
        status = put_page(op, folder, &names);
    names_clear(&names);
    return status;
}

int32_t operation_list_dir(const struct op *op)
{
    int folder;
    int32_t status =
        op_open(op, op->request->path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &folder);
    if (status != HEXMCP_OK)
        return status;
    status = list(op, folder);
    close(folder);
    return status;
}
