/*
 * scan.h - small steps through a text. Each moves *at behind what it took, and only then.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* How many digits stand at `text`. */
size_t scan_digits(const char *text);

/* Takes exactly `count` digits (at most 9); returns 1 and their value in *value. */
int scan_number(const char **at, size_t count, int *value);

/* Takes the byte `c`. */
int scan_byte(const char **at, char c);

/* Takes blanks; returns how many. */
size_t scan_blanks(const char **at);

/* Takes one of the `count` words, in any case, that no letter follows. Returns its index, or -1.
 * `least` is how many letters are enough: 3 takes "Mon" for "Monday"; 0 asks for the whole word. */
int scan_word(const char **at, const char *const words[], size_t count, size_t least);

/* Takes digits behind a decimal point as microseconds; what is finer is cut off. */
int scan_fraction(const char **at, int *microsecond);
