/* The module `crypto`: libsodium. */
#include <sodium.h>

#include "adapters/driven/module/export.h"
#include "core/base/error.h"
#include "ports/driven/crypto.h"

MODULE_DEFINE_BUILD_ID();

static int sha256(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    (void)ctx;
    (void)err;
    crypto_hash_sha256(out, (const unsigned char *)data.ptr, data.len);
    return ST_OK;
}

static int hmac_sha256(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
                       struct error *err)
{
    crypto_auth_hmacsha256_state state;
    (void)ctx;
    (void)err;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)data.ptr, data.len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
    return ST_OK;
}

MODULE_EXPORT int hexmcp_module_entry(struct crypto_port *out, struct error *err);

int hexmcp_module_entry(struct crypto_port *out, struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, ST_UNAVAILABLE, "libsodium cannot be initialised");
    /* To compare needs no library: crypto.c does it. */
    *out = (struct crypto_port){NULL, sha256, hmac_sha256, NULL};
    return ST_OK;
}
