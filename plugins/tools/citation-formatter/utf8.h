/*
 * utf8.h - whether bytes are UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* Where the first byte stands that is none; `len` if all are. */
size_t utf8_valid(const char *text, size_t len);

/* Puts ? in place of bytes that are none: of characters that were cut. */
void utf8_mend(char *text, size_t len);
