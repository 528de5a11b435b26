/*
 * limits.h - what an archive may hold, read or written.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

#define ENTRIES_MAX 10000u
#define ENTRY_BYTES_MAX ((uint64_t)100 * 1024 * 1024)
#define TOTAL_BYTES_MAX ((uint64_t)1024 * 1024 * 1024)

/* Files may be so many times as large as their archive; the first bytes are not looked at, since small
 * files of zeros are harmless. */
#define RATIO_MAX 100u
#define RATIO_FREE_BYTES ((uint64_t)1024 * 1024)

/* Of the name of an entry. */
#define NAME_BYTES_MAX 1024u
#define NAME_DEPTH_MAX 64u

/* How many names a result shows. */
#define SHOWN_FILES_MAX 100u
