/*
 * suffix.h - what the end of a file's name says of its format.
 *
 * SPDX-License-Identifier: MIT
 *
 * A format has a list of suffixes, " .jpg .jpeg ", with a space before and after each; the first is the
 * usual one.
 */
#pragma once

#include <stdbool.h>

/* Whether the name ends in one of them, in small letters or capitals. */
bool suffix_fits(const char *path, const char *suffixes);

/* The first of them: ".jpg". */
const char *suffix_first(const char *suffixes, char out[8]);
