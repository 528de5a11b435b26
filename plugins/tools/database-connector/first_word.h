/*
 * first_word.h - the word that a statement begins with.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* The place after white space, comments and opening brackets. NULL for a comment of MySQL that is code
 * (it begins with an exclamation mark) or one that does not end. */
const char *first_word(const char *sql);
