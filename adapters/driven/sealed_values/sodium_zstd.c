/* The module `seal`: libsodium and zstd. */
#include <sodium.h>
#include <zstd.h>

#include "adapters/driven/module/export.h"
#include "adapters/driven/sealed_values/backend.h"
#include "core/base/error.h"

/* Fast, and most of what higher levels save. */
#define LEVEL 3

/* 2^24 bytes: the longest value. */
#define WINDOW_LOG_MAX 24

MODULE_DEFINE_BUILD_ID();

static void derive(const uint8_t master[SEAL_MASTER_BYTES], struct str space,
                   uint8_t out[SEAL_MASTER_BYTES])
{
    static const unsigned char purpose[] = "hexmcp values 1";
    crypto_generichash_state state;
    crypto_generichash_init(&state, master, SEAL_MASTER_BYTES, SEAL_MASTER_BYTES);
    crypto_generichash_update(&state, purpose, sizeof(purpose));
    crypto_generichash_update(&state, (const unsigned char *)space.ptr, space.len);
    crypto_generichash_final(&state, out, SEAL_MASTER_BYTES);
    sodium_memzero(&state, sizeof(state));
}

static void encrypt(const uint8_t key[SEAL_MASTER_BYTES], struct str with, struct str clear,
                    uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *out)
{
    randombytes_buf(nonce, SEAL_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, (const unsigned char *)clear.ptr,
                                               clear.len, (const unsigned char *)with.ptr, with.len,
                                               NULL, nonce, key);
}

static bool decrypt(const uint8_t key[SEAL_MASTER_BYTES], struct str with, struct str sealed,
                    const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *out)
{
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, (const unsigned char *)sealed.ptr, sealed.len,
               (const unsigned char *)with.ptr, with.len, nonce, key) == 0;
}

static size_t bound(size_t len)
{
    return ZSTD_compressBound(len);
}

static size_t compress(struct str clear, uint8_t *out, size_t room)
{
    size_t len = ZSTD_compress(out, room, clear.ptr, clear.len, LEVEL);
    return ZSTD_isError(len) ? 0 : len;
}

static bool expand(struct str packed, uint8_t *out, size_t len)
{
    ZSTD_DCtx *ctx = ZSTD_createDCtx();
    if (!ctx)
        return false;
    ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    size_t got = ZSTD_decompressDCtx(ctx, out, len, packed.ptr, packed.len);
    ZSTD_freeDCtx(ctx);
    return !ZSTD_isError(got) && got == len;
}

static void wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

MODULE_EXPORT int hexmcp_module_entry(struct seal_backend *out, struct error *err);

int hexmcp_module_entry(struct seal_backend *out, struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, ST_UNAVAILABLE, "libsodium cannot be initialised");
    *out = (struct seal_backend){derive, encrypt, decrypt, bound, compress, expand, wipe};
    return ST_OK;
}
