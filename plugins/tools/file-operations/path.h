/*
 * path.h - paths that grow and shrink by a component.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/host/files.h"

struct path {
    char text[HEXMCP_FILES_PATH_MAX + 1];
    size_t len;
};

/* Takes `text` without what "." and ".." and further slashes make superfluous; ".." at the
 * beginning of a relative path stays. 0 if it is too long. */
int path_clean(struct path *path, hexmcp_str text);

/* Adds a component; 0 and no change if it becomes too long. */
int path_push(struct path *path, const char *name, size_t len);

/* Takes the last component off; 0 if there is none. */
int path_pop(struct path *path);

hexmcp_str path_str(const struct path *path);
