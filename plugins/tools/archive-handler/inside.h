/*
 * inside.h - an archive that is an entry of another one, unpacked into memory.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "reader.h"

/* How deep. */
#define INSIDE_MAX 3

/* The names: the first in the file, each other one in the one before. */
struct inside {
    const char *const *names;
    size_t count;
};

/* Reads the argument `inside`; its texts live as long as the arguments. */
struct inside inside_read(struct args *args);

/* [worker] Opens the file at `path`, or the archive in it. All that is unpacked is measured by the size of
 * the file. reader_close() is due after success. */
int32_t inside_open(const hexmcp_round *r, const char *path, const struct inside *inside,
                    struct reader *reader);

/* Adds the member "inside", if there is something to say. */
void inside_put(hexmcp_json_writer *w, const struct inside *inside);
