#include "core/session/digest.h"
#include "core/base/hex.h"

bool digest_text(const struct crypto_port *crypto, struct str data, char out[DIGEST_TEXT])
{
    uint8_t digest[SHA256_BYTES];
    if (!crypto || crypto->sha256(crypto->ctx, data, digest, NULL))
        return false;
    memcpy(out, "sha256:", 7);
    hex_write(digest, SHA256_BYTES, out + 7);
    return true;
}
