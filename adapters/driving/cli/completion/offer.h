/* What can stand where the cursor is, told to the shell: "TEXT<tab>DESCRIPTION" a line on stdout. */
#pragma once

#include "core/base/str.h"

struct offers {
    struct str before; /* the part of the word that stays, e.g. "--config=" */
    struct str typed;  /* the rest of it, which an offer must begin with */
};

/* Offers `text` and `tail` if it begins as typed. A tail "=" means that more comes. What a shell
 * could not take as one line, or would show a terminal as something else, is not offered. */
void offer(const struct offers *offers, struct str text, const char *tail, struct str about);

/* Offers each of the words, which `between` parts. */
void offer_words(const struct offers *offers, struct str words, char between);

/* The first line: what else fits besides the offers. `kind` is "words" for nothing, "files" or
 * "folders"; paths begin behind `before`. */
void offer_begin(const struct offers *offers, const char *kind);

/* Goes on with the part of the word behind its first `len` bytes. */
struct offers offers_behind(const struct offers *offers, size_t len);
