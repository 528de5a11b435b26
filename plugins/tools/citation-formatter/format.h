/*
 * format.h - entries of a library in a style: who is cited, in which order, and how they are told apart.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "style.h"

struct cited {
    const struct entry *entry;
    struct place place;
    char *sort_key;
};

struct formatted {
    struct cited *by_citation; /* as they were cited */
    struct cited **by_list;    /* as they stand in the list */
    size_t count;
};

/* Of the entries with these keys in their order, of all without keys. false: no memory. Keys must exist. */
bool format_make(const struct library *library, const struct style *style, const char *const *keys,
                 size_t key_count, struct formatted *out);
void format_free(struct formatted *formatted);

/* The texts; NULL without memory. To be freed. */
char *format_citation(const struct style *style, const struct cited *cited);
char *format_reference(const struct style *style, const struct cited *cited);
