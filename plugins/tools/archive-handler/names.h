/*
 * names.h - the names of entries: which are fit to be made, and which were there before.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"

/* Writes the name without "." and needless slashes, with no slash at the end; "" for the folder that
 * the archive is about. Returns NULL, or why no file may have the name: "is an absolute path". */
const char *name_clean(const char *name, char clean[NAME_BYTES_MAX + 1]);

/* Whether what a link in the entry `name` (clean) points to lies beneath the folder of the archive, as
 * far as names tell. */
bool name_link_stays(const char *name, const char *target);

/* Whether `name` is `above` or lies beneath it. */
bool name_is_beneath(const char *name, const char *above);

enum name_kind { NAME_FOLDER = 1, NAME_FILE, NAME_LINK };

/* {0} is empty. */
struct names {
    struct name_slot {
        char *name;
        enum name_kind kind;
        uint64_t size; /* of files, the caller's to set */
        char *of;      /* the caller's to set; freed with the name */
    } *slots;
    size_t room; /* a power of two, or 0 */
    size_t count;
    size_t bytes;
};

/* Adds a clean name, and the folders above it. Returns NULL, or why that cannot be: it is there
 * already, lies beneath a file or a link, or there are too many. */
const char *names_add(struct names *names, const char *name, enum name_kind kind);

/* NULL if it is not there. Until the next names_add(). */
struct name_slot *names_find(const struct names *names, const char *name);

void names_free(struct names *names);
