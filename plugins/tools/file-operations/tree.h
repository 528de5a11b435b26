/*
 * tree.h - whole folders: copied, and deleted.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each folder on the way is opened by its path through the host, and must be the very folder that
 * was seen in the one above it: a link that somebody puts in its place is not followed.
 */
#pragma once

#include "op.h"
#include "path.h"

/* Most entries of a tree, and how deep it may be. */
#define TREE_ENTRIES_MAX 100000
#define TREE_DEPTH_MAX 100

/* What was done. Pipes, sockets, devices and what the host does not open are not copied.
 *   first_skipped  why the first of them was left out */
struct tally {
    int64_t files;
    int64_t folders;
    int64_t links;
    int64_t bytes;
    int64_t skipped;
    char first_skipped[HEXMCP_ERROR_TEXT];
};

/* Each counts, and changes nothing, if the request is for a dry run. */

/* Deletes the entry `name`, a folder with all that is in it, or anything else. `path` is its whole
 * path. */
int32_t tree_delete(const struct op *op, const struct entry *entry, struct tally *tally);

/* Copies the folder `from`, which is open, to the new entry `to`. */
int32_t tree_copy(const struct op *op, int from_folder, hexmcp_str from, const struct entry *to,
                  struct tally *tally);

/* Copies the file `from` to `to`. */
int32_t file_copy(const struct op *op, hexmcp_str from, const struct entry *to, int overwrite,
                  int64_t *bytes);

/* HEXMCP_E_TOO_LARGE if a file of `bytes` is not copied. */
int32_t check_copied(const struct op *op, hexmcp_str path, int64_t bytes);

/* Copies the content of an open file to another; `path` is for the message. */
int32_t copy_content(const struct op *op, int from, int to, hexmcp_str path, int64_t *bytes);

/* Makes a link like `name` in `from_folder`. 0 or an errno. */
int link_copy(int from_folder, const char *name, int to_folder, const char *new_name);
