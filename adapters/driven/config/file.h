/* Inside of config: the text of a file, and places in it. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* Counted from 1; a column is a character, not a byte. */
struct place {
    unsigned line, column;
};

/* Where the byte at `offset` stands. */
struct place place_of(const char *text, size_t offset);

/* Appends the whole file to `out`. ST_NOT_FOUND leaves `err` alone; ST_CONFIG if it cannot be read,
 * is no regular file or is too long. */
int file_read(const char *path, struct buffer *out, struct error *err);
