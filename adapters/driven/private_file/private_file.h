/*
 * Files with secrets of the program: for their owner alone, replaced at once and durably, by one
 * process at a time. All [any].
 */
#pragma once

#include <sys/stat.h>

#include "core/base/buffer.h"
#include "core/base/error.h"

/*
 * Appends what is in the file to `out`, in memory that does not move while it is read, and says in
 * `seen` which file it was. A file must be shorter than `most`.
 *
 * ST_NOT_FOUND: there is no such file or folder. ST_UNAVAILABLE: the folder cannot be used.
 * ST_CONFIG: there is a file, and it must not be used; the text is what stands behind its name in a
 * sentence, e.g. "belongs to another user". `out` is then undefined.
 */
int private_file_read(const char *path, size_t most, struct buffer *out, struct stat *seen,
                      struct error *err);

/* True if the file is the one that was seen. */
bool private_file_same(const char *path, const struct stat *seen);

/* Makes the folders of `path`, 0700, as far as they are missing, and waits for the lock of that name,
 * for a second at most. Pass `*lock` to private_file_unlock then. ST_UNAVAILABLE. */
int private_file_lock(const char *path, int *lock, struct error *err);
void private_file_unlock(int lock);

/* Puts `text` in the place of what was there, at once and durably. With a lock held.
 * ST_UNAVAILABLE. */
int private_file_replace(const char *path, struct str text, struct error *err);
