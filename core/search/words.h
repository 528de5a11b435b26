/*
 * The words of a text, as a search compares them: split at everything that is no letter and no digit,
 * and where a small letter is followed by a capital one; in small letters; English endings (plurals,
 * -ing, -ed, a last e) taken off. Bytes of other scripts are letters and stay as they are.
 */
#pragma once

#include "core/base/str.h"

#define WORD_MAX 40

struct words {
    struct str left; /* of the text */
};

struct word {
    char text[WORD_MAX]; /* longer words are cut */
    size_t len;
};

/* Start with {.left = text}. False at the end. */
bool words_next(struct words *words, struct word *out);
