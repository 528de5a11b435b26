/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "algorithms.h"
#include "encoding.h"

#include "hexmcp/abi.h"

/* Most bytes of `input`. */
#define INPUT_BYTES_MAX ((size_t)10 * 1024 * 1024)

/*
 *   verify    1 to compare with `expected`, 0 to hash
 *   from_file 1 to hash the file `path`, 0 to hash `data`
 *   data      what to hash, decoded
 *   format    of the hash that the answer shows; that of expected_hash for verify
 *   expected  as many bytes as the algorithm gives; only if verify
 */
struct request {
    int verify;
    int from_file;
    const struct algorithm *algorithm;
    hexmcp_str data;
    hexmcp_str path;
    enum encoding format;
    uint8_t expected[HASH_BYTES_MAX];
    char *memory;
};

/* Reads `args_json`. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

void request_clear(struct request *request);
