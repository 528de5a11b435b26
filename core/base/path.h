/* Paths of files as text: nothing here looks at a file system. Bytes other than '/' and NUL mean
 * nothing. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* Longest path, in bytes. */
#define PATH_BYTES_MAX 4096

/*
 * Appends `path` without empty components, "." and "..", and without a slash at the end. A ".." takes
 * the component in front of it away, whatever that is on the disk. "/" stays "/"; the relative path
 * that names its own folder becomes empty.
 *
 * ST_INVALID: empty, longer than PATH_BYTES_MAX, or with a NUL. ST_DENIED: ".." leads above the
 * begin. ST_NOMEM. `out` is appended to only with ST_OK.
 */
int path_clean(struct str path, struct buffer *out, struct error *err);

static inline bool path_is_absolute(struct str path)
{
    return path.len > 0 && path.ptr[0] == '/';
}

/* True if `path` is `folder` or beneath it; both are absolute and clean. *rest is what follows,
 * relative, empty for the folder itself. */
bool path_beneath(struct str path, struct str folder, struct str *rest);

/* The path, or as much of its begin as a message has room for, cut at a character. */
struct str path_shown(struct str path);
