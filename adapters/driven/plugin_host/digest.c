#include "adapters/driven/plugin_host/digest.h"
#include "core/base/hex.h"

int digest_check(const struct crypto_port *crypto, struct str digest, const char *whose,
                 struct str bytes, struct error *err)
{
    uint8_t raw[SHA256_BYTES];
    char text[2 * SHA256_BYTES];
    if (digest.len == 0)
        return ST_OK;
    if (!crypto)
        return error_set(err, ST_DENIED,
                         "plugin.so: the digest in %s cannot be checked here", whose);
    int rc = crypto->sha256(crypto->ctx, bytes, raw, err);
    if (rc)
        return rc;
    hex_write(raw, sizeof(raw), text);
    struct str want = {digest.ptr + 7, digest.len - 7}, is = {text, sizeof(text)};
    if (str_eq(want, is))
        return ST_OK;
    return error_set(err, ST_DENIED,
                     "plugin.so: its sha256 is %.*s, %s names %.*s; the file was changed "
                     "or the digest is old",
                     STR_ARG(is), whose, STR_ARG(want));
}
