/*
 * target.h - a file that a tool makes: whole, or not at all.
 *
 * SPDX-License-Identifier: MIT
 *
 * The data goes to a file of another name in the same folder, which takes the name when all is there.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/host/files.h"
#include "hexmcp/simple.h"

struct target {
    const hexmcp_round *r;
    const char *path; /* borrowed */
    bool overwrite;
    int folder;
    int fd; /* to write to */
    bool there; /* something of this name was there at the beginning */
    bool rehearsed; /* nothing is written */
    char temporary[40];
    char name[HEXMCP_FILES_NAME_MAX + 1];
};

/* [worker] Begins the file at `path`; HEXMCP_E_INVALID if something is there and not `overwrite`, or it is
 * no file. A file that is replaced gives its mode. target_commit() or target_drop() is due. */
int32_t target_begin(const hexmcp_round *r, const char *path, bool overwrite, struct target *target);

/* [worker] The same for a dry run: it says what target_begin() would say, and what follows does nothing.
 * `fd` is -1. */
int32_t target_rehearse(const hexmcp_round *r, const char *path, bool overwrite,
                        struct target *target);

int32_t target_write(struct target *target, const void *data, size_t len);

/* Syncs it and puts it in its place at once. After an error it is dropped. */
int32_t target_commit(struct target *target);
void target_drop(struct target *target);

/* [worker] What target_begin() would say, for a dry run; nothing is written. */
int32_t target_check(const hexmcp_round *r, const char *path, bool overwrite, bool *there);

/* [worker] The three steps for bytes that are there already. */
int32_t target_put(const hexmcp_round *r, const char *path, bool overwrite, hexmcp_str data);
