/*
 * text.h - UTF-8 text and the places in it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A character is a code point of Unicode here, as in the strings of Python; places count them from 0.
 */
#pragma once

#include "hexmcp/abi.h"

/* How many characters begin in the first `bytes` bytes of `text`. */
size_t text_characters(hexmcp_str text, size_t bytes);

/* The offset behind the character that begins at `at`, which must be inside of valid text. */
size_t text_next(hexmcp_str text, size_t at);

/* A valid text of which many places are asked for. */
struct places {
    hexmcp_str text;
    size_t *marks; /* characters before each 1,024th byte */
};

/* Borrows `text`. HEXMCP_OK or HEXMCP_E_NOMEM. */
int32_t places_init(struct places *places, hexmcp_str text);
void places_clear(struct places *places);

/* The number of the character at byte `offset`, at most the length of the text. */
size_t places_character(const struct places *places, size_t offset);
