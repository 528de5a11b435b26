/*
 * info.h - kinds, times and sizes as clients read them.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"

#include <sys/stat.h>

/* Bytes for a time with its closing NUL. */
#define TIME_ROOM 40

/* "file", "folder", "link" or "other". */
const char *info_type(mode_t mode);

/* RFC 3339 in UTC with nanoseconds, so that two changes differ. */
void info_time(const struct timespec *time, char text[TIME_ROOM]);

/* Adds `key` with that time. */
void info_put_time(hexmcp_json_writer *out, const char *key, const struct timespec *time);

/* Adds `target`, where the link `name` in `folder` points to; nothing if it cannot be read. */
void info_put_target(hexmcp_json_writer *out, int folder, const char *name);
