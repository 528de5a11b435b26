/* Opening files of a bundle without leaving its folder. */
#pragma once

#include <sys/stat.h>

#include "adapters/driven/plugin_host/refusal.h"
#include "core/base/error.h"

/* Opens the folder `name` in the folder `at`. A descriptor, or a negative ST_* with *why. */
int open_folder_beneath(int at, const char *name, enum refusal *why, struct error *err);

/* Opens the regular file `name` in the folder `at` for reading and tells its state. Links are
 * followed only as long as they stay in the folder. */
int open_file_beneath(int at, const char *name, struct stat *st, enum refusal *why,
                      struct error *err);
