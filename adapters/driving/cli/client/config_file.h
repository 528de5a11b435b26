/* A configuration file of another program: read whole, replaced in one step, with a copy of what it
 * was. */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "core/base/buffer.h"
#include "core/base/error.h"

#define CONFIG_FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)

struct config_file {
    char path[PATH_MAX]; /* without links */
    bool exists;
    mode_t mode;
    uid_t owner;
    gid_t group;
    struct buffer text;
};

/* A file that does not exist has an empty text. A link is followed; one that leads nowhere is an
 * error, like all that is no regular file. Free with config_file_clear. */
int config_file_read(const char *path, struct config_file *out, struct error *err);
void config_file_clear(struct config_file *file);

/* Copies a file that exists to NAME.hexmcp-backup, or -2, -3 ... after it: the first that is free, or
 * that holds the same. Writes the name to `name`; "" if there was nothing to copy. */
int config_file_backup(const struct config_file *file, char name[PATH_MAX], struct error *err);

/* Number `index` (from 1) of the copies, ST_NOT_FOUND behind the last. */
int config_file_old(const struct config_file *file, int index, struct config_file *out,
                    struct error *err);

/* Replaces the file, keeping mode and owner. A file that does not exist is made, with its folders;
 * for the user alone unless `shared`. ST_CONFIG if the file is no longer what was read. */
int config_file_write(const struct config_file *file, struct str text, bool shared,
                      struct error *err);

/* Deletes the file. ST_CONFIG if it is no longer what was read. */
int config_file_delete(const struct config_file *file, struct error *err);
