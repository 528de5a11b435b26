/*
 * text_file.h - the small text files by which the kernel tells its state.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_FILE_MAX ((size_t)4 << 20)
#define TEXT_PATH_MAX 4096

/* The whole file `root``path`, ended by NUL, to be freed; NULL if it cannot be read or is too long. */
char *text_file_read(const char *root, const char *path);

/* The number with which the file begins; false if there is none ("max"). */
bool text_file_number(const char *root, const char *path, uint64_t *out);
