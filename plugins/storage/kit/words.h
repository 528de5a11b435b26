/*
 * words.h - the words of a text, as documents are found by them.
 *
 * SPDX-License-Identifier: MIT
 *
 * A word is a row of letters and digits of any script, in lower case for Latin, Greek and Cyrillic;
 * all else divides. A word of more than 64 bytes is cut there.
 */
#pragma once

#include "kit/job.h"

#define WORD_MAX 64

struct word {
    size_t at;  /* where it stands in the text */
    size_t end;
    size_t len;
    char text[WORD_MAX + 4]; /* in lower case, with NUL */
};

/* Finds the next word at or behind *at, and moves it. 0 at the end. */
int words_next(hexmcp_str text, size_t *at, struct word *out);

/* A different word of a text and how often it is there. */
struct term {
    hexmcp_str word;
    uint32_t count;
};

/* All different words, in the order of their bytes; *total is how many words there are in all. */
int32_t words_terms(struct arena *arena, hexmcp_str text, struct term **out, size_t *count,
                    size_t *total, hexmcp_error *err);

/* What a word in a document adds to its score (BM25): `count` times in a document of `length` words,
 * where a document has `average` words, and `with` of `documents` have it. */
double words_score(uint32_t count, double length, double average, double with, double documents);
