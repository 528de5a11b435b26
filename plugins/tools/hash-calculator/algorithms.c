/*
 * SPDX-License-Identifier: MIT
 */
#include "algorithms.h"
#include "blake3.h"

#include "hexmcp/json.h"

#include <sodium.h>

/* The states of the algorithms; of libsodium's BLAKE2b it must be aligned. */
union state {
    crypto_hash_sha256_state sha256;
    crypto_hash_sha512_state sha512;
    crypto_generichash_blake2b_state blake2b;
    struct blake3 blake3;
    struct openssl_digest *openssl;
};

typedef void init_fn(union state *state);
typedef void add_fn(union state *state, hexmcp_str data);
typedef void end_fn(union state *state, uint8_t *hash);

/* Either the three functions are set, or `openssl` names a digest of OpenSSL's. */
struct algorithm {
    const char *name;
    size_t bytes;
    init_fn *init;
    add_fn *add;
    end_fn *end;
    const char *openssl;
};

struct hasher {
    union state state;
    const struct algorithm *algorithm;
};

static const uint8_t *bytes_of(hexmcp_str data)
{
    return (const uint8_t *)data.ptr;
}

static void init_sha256(union state *state)
{
    crypto_hash_sha256_init(&state->sha256);
}

static void add_sha256(union state *state, hexmcp_str data)
{
    crypto_hash_sha256_update(&state->sha256, bytes_of(data), data.len);
}

static void end_sha256(union state *state, uint8_t *hash)
{
    crypto_hash_sha256_final(&state->sha256, hash);
}

static void init_sha512(union state *state)
{
    crypto_hash_sha512_init(&state->sha512);
}

static void add_sha512(union state *state, hexmcp_str data)
{
    crypto_hash_sha512_update(&state->sha512, bytes_of(data), data.len);
}

static void end_sha512(union state *state, uint8_t *hash)
{
    crypto_hash_sha512_final(&state->sha512, hash);
}

static void init_blake2b(union state *state)
{
    crypto_generichash_blake2b_init(&state->blake2b, NULL, 0, 64);
}

static void add_blake2b(union state *state, hexmcp_str data)
{
    crypto_generichash_blake2b_update(&state->blake2b, bytes_of(data), data.len);
}

static void end_blake2b(union state *state, uint8_t *hash)
{
    crypto_generichash_blake2b_final(&state->blake2b, hash, 64);
}

static void init_blake3(union state *state)
{
    blake3_init(&state->blake3);
}

static void add_blake3(union state *state, hexmcp_str data)
{
    blake3_add(&state->blake3, bytes_of(data), data.len);
}

static void end_blake3(union state *state, uint8_t *hash)
{
    blake3_end(&state->blake3, hash);
}

#define OWN(name) init_##name, add_##name, end_##name, NULL
#define OPENSSL(name) NULL, NULL, NULL, name

static const struct algorithm algorithms[] = {
    {"md5", 16, OPENSSL("MD5")},
    {"sha1", 20, OPENSSL("SHA1")},
    {"sha224", 28, OPENSSL("SHA2-224")},
    {"sha256", 32, OWN(sha256)},
    {"sha384", 48, OPENSSL("SHA2-384")},
    {"sha512", 64, OWN(sha512)},
    {"sha512-256", 32, OPENSSL("SHA2-512/256")},
    {"sha3-256", 32, OPENSSL("SHA3-256")},
    {"sha3-512", 64, OPENSSL("SHA3-512")},
    {"blake2b", 64, OWN(blake2b)},
    {"blake2s", 32, OPENSSL("BLAKE2S-256")},
    {"blake3", 32, OWN(blake3)},
    {"ripemd160", 20, OPENSSL("RIPEMD-160")},
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

static int32_t fail(const struct algorithm *algorithm, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_GENERIC, "OpenSSL failed to compute %s; try again",
                       algorithm->name);
}

/* Whole multiples of the alignment, as aligned_alloc() wants it. */
static struct hasher *allocate(void)
{
    size_t align = _Alignof(struct hasher);
    return aligned_alloc(align, (sizeof(struct hasher) + align - 1) / align * align);
}

int32_t hasher_new(const struct algorithm *algorithm, struct openssl *openssl, struct hasher **ret,
                   hexmcp_error *err)
{
    struct hasher *hasher = allocate();
    int32_t status = HEXMCP_OK;
    if (!hasher)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %s; try again", algorithm->name);
    hasher->algorithm = algorithm;
    if (algorithm->init)
        algorithm->init(&hasher->state);
    else
        status = openssl_begin(openssl, algorithm->openssl, algorithm->bytes,
                               &hasher->state.openssl, err);
    if (status == HEXMCP_OK)
        *ret = hasher;
    else
        free(hasher);
    return status;
}

int32_t hasher_add(struct hasher *hasher, hexmcp_str data, hexmcp_error *err)
{
    if (hasher->algorithm->add)
        hasher->algorithm->add(&hasher->state, data);
    else if (!openssl_add(hasher->state.openssl, data))
        return fail(hasher->algorithm, err);
    return HEXMCP_OK;
}

int32_t hasher_end(struct hasher *hasher, uint8_t hash[HASH_BYTES_MAX], hexmcp_error *err)
{
    if (hasher->algorithm->end)
        hasher->algorithm->end(&hasher->state, hash);
    else if (!openssl_end(hasher->state.openssl, hash))
        return fail(hasher->algorithm, err);
    return HEXMCP_OK;
}

void hasher_free(struct hasher *hasher)
{
    if (hasher && !hasher->algorithm->init)
        openssl_drop(hasher->state.openssl);
    free(hasher);
}
