#include "core/session/digest.h"

bool digest_text(const struct crypto_port *crypto, struct str data, char out[DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_BYTES];
    if (!crypto || crypto->sha256(crypto->ctx, data, digest, NULL))
        return false;
    memcpy(out, "sha256:", 7);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        out[7 + 2 * i] = digits[digest[i] >> 4];
        out[8 + 2 * i] = digits[digest[i] & 15];
    }
    return true;
}
