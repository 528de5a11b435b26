/*
 * source.h - what a tool works on: the argument `input`, or the file at `path`.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/args.h"
#include "kit/bytes.h"

/* source_free() is due after HEXMCP_OK. */
struct source {
    hexmcp_str data;  /* until source_free(), or args_end() if it is `input` */
    const char *path; /* NULL if it is `input` */
    struct bytes held;
};

/* The arguments alone: `data` is `input` (at most `most_input` bytes), or `path` that of a file, which is
 * not read. They fail if there are both or none of them. No source_free() is due. */
void source_arguments(struct args *args, size_t most_input, struct source *source);

/* [worker] Reads `input` (at most `most_input` bytes) or the file at `path` (at most `most_file`);
 * HEXMCP_E_INVALID if there are both or none of them. */
int32_t source_read(const hexmcp_round *r, struct args *args, size_t most_input, size_t most_file,
                    struct source *source);
void source_free(struct source *source);

/* [worker] Reads the whole file. */
int32_t source_read_file(const hexmcp_round *r, const char *path, size_t most, struct bytes *bytes);

/* [worker] The same of a file that is open; `path` is for messages. bytes_free() is due after an error,
 * too. */
int32_t source_read_fd(const hexmcp_round *r, int fd, const char *path, size_t most,
                       struct bytes *bytes);

/* A multiple of three, so that base64 can be made of each piece. */
#define SOURCE_PIECE ((size_t)192 * 1024)

/* [worker] Hands an open file, of at most `most` bytes, to `take`: in pieces of SOURCE_PIECE bytes and a
 * shorter one, maybe empty, at the end. The first error of take(), which has to look for cancellation,
 * ends it. */
int32_t source_pieces(const hexmcp_round *r, int fd, const char *path, size_t most,
                      int32_t (*take)(void *arg, hexmcp_str piece), void *arg);

/* [worker] Opens a file to read; `fd` is the caller's to close. */
int32_t source_open(const hexmcp_round *r, const char *path, int *fd);

/* [worker] The same for a folder, to list it. What is in it is opened by its path again. */
int32_t source_open_folder(const hexmcp_round *r, const char *path, int *fd);

/* `path`, which may also be called `source_path`; NULL if there is none of them. Both, and different: the
 * arguments fail. */
const char *source_path_argument(struct args *args);

/* For messages: "%.*s", SHOWN(path). Long paths are cut. */
#define SHOWN(path) 200, (path)
