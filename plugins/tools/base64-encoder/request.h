/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "decoder.h"

#include "kit/source.h"

/* Most bytes of `input`. */
#define INPUT_BYTES_MAX ((size_t)10 * 1024 * 1024)

/*
 *   pad          for encode: whether to write padding
 *   padding      for decode: what to make of padding
 *   line_breaks  for decode: whether to pass over them
 *   source       the input, bytes if it was given in hex; or the path of the file to read
 *   target_path  the file to write; NULL if not given
 */
struct request {
    struct args args;
    bool decode;
    bool url_safe;
    bool pad;
    enum decoder_padding padding;
    bool line_breaks;
    bool overwrite;
    bool dry_run;
    struct source source;
    const char *target_path;
};

/* "encode" or "decode". */
const char *request_operation(const struct request *request);

/* "standard" or "url-safe". */
const char *request_variant(const struct request *request);

/* Reads the arguments of the call. request_clear() is due, also after an error.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(const hexmcp_round *r, struct request *request);

void request_clear(struct request *request);
