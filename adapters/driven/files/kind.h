/* Inside of files: what may be opened at all. */
#pragma once

#include "core/base/error.h"
#include "ports/driven/files.h"

#include <sys/stat.h>

/*
 * Looks at the open (or O_PATH) descriptor. ST_INVALID for a folder where a file is wanted and the
 * reverse, ST_DENIED for a device, a pipe, a socket, a file with further names unless `hard_links`,
 * and anything of a file system like /proc.
 */
int kind_check(int fd, bool folder, bool hard_links, struct str path, struct stat *st,
               struct error *err);
