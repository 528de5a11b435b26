/*
 * SPDX-License-Identifier: MIT
 */
#include "algorithms.h"
#include "blake3.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

typedef void hash_fn(hexmcp_str data, uint8_t *hash);

/* Either `run` is set, or `openssl` names a digest of OpenSSL's. */
struct algorithm {
    const char *name;
    size_t bytes;
    hash_fn *run;
    const char *openssl;
};

static void run_sha256(hexmcp_str data, uint8_t *hash)
{
    crypto_hash_sha256(hash, (const uint8_t *)data.ptr, data.len);
}

static void run_sha512(hexmcp_str data, uint8_t *hash)
{
    crypto_hash_sha512(hash, (const uint8_t *)data.ptr, data.len);
}

static void run_blake2b(hexmcp_str data, uint8_t *hash)
{
    crypto_generichash_blake2b(hash, 64, (const uint8_t *)data.ptr, data.len, NULL, 0);
}

static void run_blake3(hexmcp_str data, uint8_t *hash)
{
    blake3((const uint8_t *)data.ptr, data.len, hash);
}

static const struct algorithm algorithms[] = {
    {"md5", 16, NULL, "MD5"},
    {"sha1", 20, NULL, "SHA1"},
    {"sha224", 28, NULL, "SHA2-224"},
    {"sha256", 32, run_sha256, NULL},
    {"sha384", 48, NULL, "SHA2-384"},
    {"sha512", 64, run_sha512, NULL},
    {"sha512-256", 32, NULL, "SHA2-512/256"},
    {"sha3-256", 32, NULL, "SHA3-256"},
    {"sha3-512", 64, NULL, "SHA3-512"},
    {"blake2b", 64, run_blake2b, NULL},
    {"blake2s", 32, NULL, "BLAKE2S-256"},
    {"blake3", 32, run_blake3, NULL},
    {"ripemd160", 20, NULL, "RIPEMD-160"},
};

#define ALGORITHM_COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

const struct algorithm *algorithm_find(const char *name)
{
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    }
    return NULL;
}

const char *algorithm_name(const struct algorithm *algorithm)
{
    return algorithm->name;
}

size_t algorithm_bytes(const struct algorithm *algorithm)
{
    return algorithm->bytes;
}

void algorithm_names(size_t bytes, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (bytes != 0 && algorithms[i].bytes != bytes)
            continue;
        int len = snprintf(text + used, room - used, "%s%s", used > 0 ? ", " : "",
                           algorithms[i].name);
        if (len < 0 || (size_t)len >= room - used)
            return;
        used += (size_t)len;
    }
}

int32_t algorithm_run(const struct algorithm *algorithm, struct openssl *openssl, hexmcp_str data,
                      uint8_t hash[HASH_BYTES_MAX], hexmcp_error *err)
{
    if (!algorithm->run)
        return openssl_digest(openssl, algorithm->openssl, data, hash, algorithm->bytes, err);
    algorithm->run(data, hash);
    return HEXMCP_OK;
}
