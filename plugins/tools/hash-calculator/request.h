/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "algorithms.h"
#include "encoding.h"

#include "kit/source.h"

/* Most bytes of `input`. */
#define INPUT_BYTES_MAX ((size_t)10 * 1024 * 1024)

enum operation { HASH, VERIFY };
extern const char *const operation_names[];

/*
 *   source    what to hash: its data, decoded, or the path of a file
 *   format    of the hash that the answer shows; that of expected_hash for verify
 *   expected  as many bytes as the algorithm gives; only if verify
 */
struct request {
    struct args args;
    enum operation operation;
    const struct algorithm *algorithm;
    struct source source;
    enum encoding format;
    uint8_t expected[HASH_BYTES_MAX];
};

/* Reads the arguments of the call. request_clear() is due, also after an error.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(const hexmcp_round *r, struct request *request);

void request_clear(struct request *request);
