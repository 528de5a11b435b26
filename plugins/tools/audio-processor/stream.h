/*
 * stream.h - an open file as libsndfile reads and writes it: by descriptor, never by name.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <sndfile.h>
#include <stdbool.h>

/* `fd` stays the caller's. A stream to write begins with size 0. */
struct stream {
    int fd;
    sf_count_t size, at;
    sf_count_t most; /* bytes that may be written */
    bool full;       /* there was no room for more */
    int failure;     /* errno of the first error, 0 if there was none */
};

/* To be passed with the stream as user data. */
extern const SF_VIRTUAL_IO stream_io;
