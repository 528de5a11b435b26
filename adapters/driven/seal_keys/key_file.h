/* The file `seal-keys` in its folder: reading, its lock, and replacing it. */
#pragma once

#include <sys/stat.h>

#include "adapters/driven/seal_keys/key_text.h"

/* ST_CONFIG: there is a file, and it must not be used. ST_UNAVAILABLE: the folder cannot be used.
 * ST_NOT_FOUND: there is no such file or folder. */

/* Fills `out`, and `seen` with which file it was. */
int key_file_read(const char *folder, struct key_list *out, struct stat *seen, struct error *err);

/* True if the file is the one that was seen. */
bool key_file_same(const char *folder, const struct stat *seen);

/* Makes the folder if need be and waits for its lock, for a second at most. Pass `*lock` to
 * key_file_unlock then. */
int key_file_lock(const char *folder, int *lock, struct error *err);
void key_file_unlock(int lock);

/* Puts these keys in the place of those before, at once and durably. With the lock held. */
int key_file_replace(const char *folder, const struct key_list *keys, struct error *err);
