/*
 * A bundle as one file: its folder, named by the id, as a tar that gzip made small. The same bundle
 * makes the same bytes.
 *
 * Foreign archives are hostile: a child process without rights reads them, and what it says is
 * checked once more here. Only regular files with plain names come out.
 *
 * Thread: for a process that has one thread, since it forks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

#define ARCHIVE_MAX_FILES 1024u
#define ARCHIVE_MAX_NAME 240u                       /* bytes, below the bundle's folder  */
#define ARCHIVE_MAX_DEPTH 8u                        /* parts of a name                   */
#define ARCHIVE_MAX_PACKED ((uint64_t)256 << 20)    /* bytes of the archive              */
#define ARCHIVE_MAX_UNPACKED ((uint64_t)1024 << 20) /* of all files together             */
#define ARCHIVE_MAX_RATIO 100u                      /* unpacked to packed, after 1 MiB   */
#define ARCHIVE_MAX_ID 127u

/* The files of a folder and of those below it, by name. */
struct archive_files {
    char **names;
    size_t count;
};

/* Lists the open folder, sorted. ST_INVALID: it holds something that an archive may not hold. The
 * caller clears *out. */
int archive_list(int folder, struct archive_files *out, struct error *err);
void archive_files_clear(struct archive_files *files);

/* Copies the files into another open folder, where none of them may be yet. */
int archive_copy(int from, const struct archive_files *files, int to, struct error *err);

/* Removes the folder `name` in the open folder `at` with all that is in it; a link is not followed.
 * Returns 0, or -1 with errno; what is not there is removed. */
int archive_remove_folder(int at, const char *name);

/* Writes the files of the open folder to `fd` as the archive of the bundle `id`. `modules` is the
 * folder of the program's modules. */
int archive_write(const char *modules, int folder, const char *id,
                  const struct archive_files *files, int fd, struct error *err);

/* Reads the archive `fd`, a regular file, and makes its files in the open, empty folder `folder`; its
 * bundle's id goes to `id`. ST_INVALID or ST_TOO_LARGE says what is wrong with it; then files may
 * have been made. ST_UNAVAILABLE: it could not be read, or not be kept. */
int archive_read(const char *modules, int fd, int folder, char id[ARCHIVE_MAX_ID + 1],
                 struct error *err);
