/*
 * op.h - what an operation works with, and how it gets at files: only through hexmcp.files/1.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* Most bytes of a file that is written, appended to or copied. */
#define FILE_BYTES_MAX ((int64_t)100 * 1024 * 1024)

/*
 *   out   an object that has been begun; the operation adds its members
 *   err   for the text of a failure
 */
struct op {
    const hexmcp_host *host;
    const hexmcp_files_1 *files;
    const hexmcp_call_info_1 *calls;
    hexmcp_call call;
    const struct request *request;
    int may_delete_folders; /* with what is in them: the operator's setting */
    hexmcp_json_writer *out;
    hexmcp_error *err;
};

/* A place in a folder: what parent() of hexmcp.files/1 gives. */
struct entry {
    hexmcp_str path; /* as it was asked for; borrowed */
    int folder;
    char name[HEXMCP_FILES_NAME_MAX + 1];
};

/* Arguments for "%.*s": a path, cut to what a message holds. */
#define SHOWN(path) (int)((path).len < 160 ? (path).len : 160), (path).ptr

/* A descriptor for `path`, to be closed. Errors as hexmcp_files_1.open. */
int32_t op_open(const struct op *op, hexmcp_str path, uint32_t flags, int *fd);

/* The entry `path` for `access`; entry_close() is due. Errors as hexmcp_files_1.parent. */
int32_t op_entry(const struct op *op, hexmcp_str path, uint32_t access, struct entry *entry);
void entry_close(struct entry *entry);

/* The same for an entry that is to be made: if the folder is missing, the text says how to make
 * it. */
int32_t op_new_entry(const struct op *op, hexmcp_str path, struct entry *entry);

/* That failure: the folder that `path` would be in is missing. */
int32_t op_no_folder(const struct op *op, hexmcp_str path);

/* HEXMCP_OK, or HEXMCP_E_CANCELLED once the call was cancelled or is over. */
int32_t op_check(const struct op *op);

/* Whether the system lets this process change the folder, for a dry run: HEXMCP_OK, or the failure
 * that it would be to `verb` there. */
int32_t op_may_change(const struct op *op, int folder, const char *verb, hexmcp_str path);

/* Fills op->err: "cannot `verb` `path`: ..." and the reason of the errno `failure`. */
int32_t op_errno(const struct op *op, const char *verb, hexmcp_str path, int failure);
