/* What a file in a bundle may be called, and making one. */
#pragma once

#include "adapters/driven/archive/archive.h"

/* ST_INVALID or ST_TOO_LARGE if no bundle may have a file of this name (parts with '/' between). */
int archive_name_check(const char *name, struct error *err);

/* Makes the file `name` below the open folder, and the folders on the way. A descriptor, or
 * ST_INVALID if it is there, ST_UNAVAILABLE. */
int archive_make_file(int folder, const char *name, struct error *err);

/* Writes all of it. -1 with errno. */
int archive_write_all(int fd, const void *data, size_t len);
