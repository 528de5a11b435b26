/*
 * algorithms.h - the hash functions by name.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "openssl.h"

/* Bytes of the longest hash. */
#define HASH_BYTES_MAX 64

struct algorithm;

/* The algorithm of that name; NULL if there is none. */
const struct algorithm *algorithm_find(const char *name);

const char *algorithm_name(const struct algorithm *algorithm);

/* Bytes of a hash. */
size_t algorithm_bytes(const struct algorithm *algorithm);

/* Writes the names of the algorithms whose hash has `bytes` bytes to `text`, separated by ", "; an
 * empty text if there is none. `bytes` 0 means all. 160 bytes of room hold every list. */
void algorithm_names(size_t bytes, char *text, size_t room);

/* A hash in the making, one thread at a time. */
struct hasher;

/* Begins. On success hasher_free() is due. Errors as openssl_begin(). */
int32_t hasher_new(const struct algorithm *algorithm, struct openssl *openssl, struct hasher **ret,
                   hexmcp_error *err);

/* Adds bytes; `data.ptr` may be NULL if there are none. Errors: HEXMCP_E_GENERIC. */
int32_t hasher_add(struct hasher *hasher, hexmcp_str data, hexmcp_error *err);

/* Writes the hash of what was added. Errors: HEXMCP_E_GENERIC. */
int32_t hasher_end(struct hasher *hasher, uint8_t hash[HASH_BYTES_MAX], hexmcp_error *err);

/* NULL is fine. */
void hasher_free(struct hasher *hasher);
