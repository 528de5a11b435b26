/*
 * latex.h - the commands of LaTeX that stand in BibTeX, as characters.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* Writes `from` as plain UTF-8 with single spaces: accents, special letters, dashes and quotes as
 * characters, without braces; of other commands only what they are about stays. `to` has room for
 * 3 * len + 1 bytes. */
void latex_plain(const char *from, size_t len, char *to);
