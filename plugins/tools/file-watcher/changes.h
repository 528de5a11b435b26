/*
 * changes.h - what happened, held back until it is quiet, so that many small changes of a file are one.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum change_kind { CHANGE_CREATE, CHANGE_MODIFY, CHANGE_DELETE, CHANGE_RENAME, CHANGE_OTHER };

/* "create", "modify", "delete", "rename", "other" */
extern const char *const change_names[];

struct change {
    enum change_kind kind;
    char *path;
    char *old_path;   /* of a rename; NULL */
    uint32_t cookie;  /* of the first half of a rename; 0 */
    bool settled;     /* there is no second half */
    bool is_dir;
    bool shown;       /* the pattern fits */
    int64_t when_ms;  /* since 1970 */
    uint64_t last_ms; /* of a clock that never goes back: the last change of this kind */
};

/* {0} with a debounce_ms is empty. */
struct changes {
    struct change *list;
    size_t count, room;
    uint64_t debounce_ms;
    uint64_t now_ms; /* set by the caller before it adds */
    int64_t when_ms;
};

/* Each is false if memory is short. */
bool changes_add(struct changes *c, enum change_kind kind, const char *path, bool is_dir, bool shown);
bool changes_left(struct changes *c, const char *path, bool is_dir, bool shown, uint32_t cookie);

/* The second half of a rename; *left is its first half, which has become the whole, or NULL if it is
 * not there: then it is a creation. Until the next call. */
bool changes_came(struct changes *c, const char *path, bool is_dir, bool shown, uint32_t cookie,
                  const struct change **left);

/* First halves of renames of folders whose second halves did not come: calls for the path of each, once.
 * They have left what is watched. */
void changes_settle(struct changes *c, void (*each)(void *arg, const char *path), void *arg);

/* Takes the oldest change that has been quiet for long enough, or any if `all`. The texts are the
 * caller's: change_free(). */
bool changes_take(struct changes *c, bool all, struct change *change);

/* Milliseconds until one will be quiet or settle; `most` if that is less. */
uint64_t changes_due(const struct changes *c, uint64_t most);

void change_free(struct change *change);
void changes_free(struct changes *c);
