/*
 * tree.h - files and folders made beneath one folder, never through a link.
 *
 * SPDX-License-Identifier: MIT
 *
 * The host opens the folder; from there each step is taken by name, and a link, a file or another file
 * system on the way ends it. A file has another name until it is whole.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "hexmcp/simple.h"

struct tree {
    const hexmcp_round *r;
    const char *path; /* borrowed, for messages */
    int top;          /* -1: the folder is not there (dry run) */
    dev_t device;
    bool overwrite;
    int file; /* being written, -1: none */
    int folder;
    char temporary[40];
};

/* [worker] The folder `path`; it is made, without those above it, if `make`. tree_close() is due after
 * success. */
int32_t tree_open(const hexmcp_round *r, const char *path, bool overwrite, bool make,
                  struct tree *tree);
void tree_close(struct tree *tree);

/* Whether a file (or a folder) could be made at `name`, a clean name. */
int32_t tree_look(struct tree *tree, const char *name, bool is_folder);

/* Makes a folder and those above it; *made tells whether it was not there. */
int32_t tree_folder(struct tree *tree, const char *name, bool *made);

/* One file at a time: begin, write in any number of pieces, then commit or drop. */
int32_t tree_begin(struct tree *tree, const char *name);
int32_t tree_write(struct tree *tree, const void *data, size_t len, uint64_t offset);
int32_t tree_commit(struct tree *tree, const char *name, uint64_t size);
void tree_drop(struct tree *tree);

/* A file that is there, to read. */
int32_t tree_read(struct tree *tree, const char *name, int *fd);
