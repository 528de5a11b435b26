/*
 * names.h - the names of the entries of a folder.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* Most entries that are read of one folder. */
#define NAMES_MAX 1000000

struct names {
    char **at; /* point into `text` */
    size_t count;
    char *text;
    size_t used;
    size_t size;
};

/* Reads the names in the open folder, which stays open, without "." and "..", and sorts them by
 * their bytes. names_clear() is due, also after a failure. Returns 0 or an errno; EFBIG: there are
 * more than NAMES_MAX. */
int names_read(int folder, struct names *names);

void names_clear(struct names *names);
