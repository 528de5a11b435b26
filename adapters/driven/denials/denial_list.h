/* Denied attempts, and how they stand in a file. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"

/* At most so many kinds of attempts of one plugin, and so many in all. What comes last goes first when
 * there is no room: the oldest. */
#define DENIALS_OF_PLUGIN_MAX 32u
#define DENIALS_MAX 1024u
#define DENIAL_TEXT_MAX 200u

struct denial {
    char *plugin, *what;
    uint64_t count;
    int64_t first_ms, last_ms;
};

struct denial_list {
    struct denial *at;
    size_t count, cap;
};

void denial_list_clear(struct denial_list *list);

/* Counts `more` attempts. *fresh, which may be NULL: it was not in the list. Texts longer than
 * DENIAL_TEXT_MAX are cut. False without memory. */
bool denial_list_add(struct denial_list *list, struct str plugin, struct str what, uint64_t more,
                     int64_t first_ms, int64_t last_ms, bool *fresh);

/* Adds what a file says; false if it is no such file, or without memory. */
bool denial_list_read(struct denial_list *list, struct str text);

void denial_list_write(const struct denial_list *list, struct buffer *out);
