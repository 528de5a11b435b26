/*
 * fresh.h - a new file beside the place that it is for, and the step that puts it there at once.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "op.h"

#include <sys/stat.h>

/* Being written, under a name of its own in the folder of `entry`. */
struct fresh {
    const struct op *op;
    const struct entry *entry;
    int fd;
    char name[40];
};

/* Makes the file. It gets the rights and the owner of `like`, or 0644 less the umask if that is
 * NULL. fresh_commit() or fresh_drop() is due. */
int32_t fresh_begin(const struct op *op, const struct entry *entry, const struct stat *like,
                    struct fresh *fresh);

/* Writes all bytes. */
int32_t fresh_write(struct fresh *fresh, hexmcp_str data);

/* Puts the file in its place, safe against a crash: whoever looks sees the old file or the new one,
 * whole. HEXMCP_E_INVALID if something is there and `overwrite` is 0. A failure drops the file. */
int32_t fresh_commit(struct fresh *fresh, int overwrite);

void fresh_drop(struct fresh *fresh);

/* Renames; what is there stays unless `overwrite`. 0 or an errno. */
int rename_entry(int from, const char *name, int to, const char *new_name, int overwrite);

/* Writes all bytes to a descriptor. 0 or an errno; *done (may be NULL) is how many were written. */
int write_all(int fd, hexmcp_str data, size_t *done);
