/* A typed line, cut into words as a shell would: blanks between, '...' and "..." around. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#define WORDS_MAX 64

struct words {
    struct buffer text; /* the words, a NUL behind each */
    char *list[WORDS_MAX];
    int count;
    const char *rest[WORDS_MAX]; /* for each word: the line from it on, as it was typed */
};

/* `line` ends with NUL and must outlive *out. ST_INVALID: a quote is not closed, or there are too many
 * words. The caller clears *out on success. */
int words_split(const char *line, struct words *out, struct error *err);
void words_clear(struct words *words);
