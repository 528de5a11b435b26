/* Long bodies: files in memory that nobody can change any more. */
#pragma once

#include "core/base/error.h"

/* A sealed file with the bytes of both. *fd is the caller's. */
int memory_file_make(struct str head, struct str tail, int *fd, struct error *err);

/* Maps a file of exactly `size` bytes that came from elsewhere. ST_PROTOCOL if it is none that is
 * sealed. Ends with memory_file_unmap(). */
int memory_file_map(int fd, size_t size, struct str *out, struct error *err);
void memory_file_unmap(struct str bytes);
