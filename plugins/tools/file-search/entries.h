/*
 * entries.h - what is in a folder.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* Most entries that are read of one folder. */
#define ENTRIES_MAX 1000000

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER };

struct entry {
    enum entry_kind kind;
    const char *name;
};

struct entries {
    struct entry *at;
    size_t count;
    size_t size;
    char *text; /* what the names point into */
    size_t used;
    size_t room;
};

/* Reads the files and folders in the open folder, which stays open, and sorts them by the bytes of
 * their names. Links, devices and their like are left out. entries_clear() is due, also after a
 * failure. Returns 0 or an errno; EFBIG: there are more than ENTRIES_MAX. */
int entries_read(int folder, struct entries *entries);

void entries_clear(struct entries *entries);
