/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "decoder.h"

#include "hexmcp/abi.h"

/* Most bytes of `input`, and of what an answer holds. */
#define INPUT_BYTES_MAX ((size_t)10 * 1024 * 1024)

/*
 *   decode    1 to decode, 0 to encode
 *   url_safe  the alphabet
 *   pad       for encode: 1 to write padding
 *   padding   for decode: what to make of padding
 *   data      the input; bytes if it was given in hex. Empty if there is a path
 *   path      the file to read, target_path the file to write; ptr is NULL if not given
 *   dry_run   1 to write no file
 *   memory    what the above point into
 */
struct request {
    int decode;
    int url_safe;
    int pad;
    enum decoder_padding padding;
    int line_breaks;
    int overwrite;
    int dry_run;
    hexmcp_str data;
    hexmcp_str path;
    hexmcp_str target_path;
    char *memory;
};

/* "standard" or "url-safe". */
const char *request_variant(const struct request *request);

/* Reads `args_json`. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

void request_clear(struct request *request);
