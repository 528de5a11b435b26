/*
 * changes.h - what changed between two JSON documents, by path.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "align.h"
#include "kit/output.h"
#include "tree.h"

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_MODIFIED };

/* A text in `paths` of struct changes: a JSON Pointer (RFC 6901). */
struct path {
    size_t at;
    size_t len;
};

/*
 *   old_path   where it is in the old document; of an addition where it would go there
 *   new_path   where it is in the new document; of a removal nothing
 *   old_value  NULL for an addition
 *   new_value  NULL for a removal
 */
struct change {
    enum change_kind kind;
    struct path old_path;
    struct path new_path;
    const struct node *old_value;
    const struct node *new_value;
};

/* In the order of the old document, members of objects by name. Applied from the last to the first
 * at their old paths, the changes turn the old document into the new one.
 *   counts     by enum change_kind
 *   unchanged  scalars and empty containers that are in both documents at the same place */
struct changes {
    struct change *items;
    size_t count;
    size_t room;
    struct output paths;
    size_t counts[3];
    size_t unchanged;
};

/* The classes of the tree have been found. On success changes_free() is due; the changes borrow from
 * the tree. Errors as align_run(), HEXMCP_E_TOO_LARGE also for more than 8 MiB of paths. */
int32_t changes_find(struct align *align, const struct work *work, const struct tree *tree,
                     uint32_t old_root, uint32_t new_root, int patience, struct changes *ret,
                     hexmcp_error *err);

void changes_free(struct changes *changes);

/* Borrowed from `changes`. */
hexmcp_str changes_path(const struct changes *changes, struct path path);
