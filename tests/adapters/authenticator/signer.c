#include "signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/base64url.h"

static void must(bool good)
{
    if (!good)
        abort();
}

EVP_PKEY *signer_key(enum key_kind kind)
{
    EVP_PKEY *key = kind == KEY_RSA     ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                    : kind == KEY_P256  ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                    : kind == KEY_P384  ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384")
                                        : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    must(key != NULL);
    return key;
}

static void add_text(struct buffer *out, const char *text)
{
    buffer_add_str(out, str_from(text));
}

static void add_number(struct buffer *out, EVP_PKEY *key, const char *name, const char *member,
                       int len)
{
    BIGNUM *number = NULL;
    unsigned char bytes[1024];
    must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    if (len == 0)
        len = BN_num_bytes(number);
    must(BN_bn2binpad(number, bytes, len) == len);
    BN_free(number);
    add_text(out, ",\"");
    add_text(out, member);
    add_text(out, "\":\"");
    base64url_encode((struct str){(char *)bytes, (size_t)len}, out);
    add_text(out, "\"");
}

void signer_jwk(struct buffer *out, EVP_PKEY *key, const char *kid, const char *extra)
{
    const bool small = EVP_PKEY_get_bits(key) == 256;
    unsigned char raw[32];
    size_t len = sizeof(raw);
    add_text(out, "{\"kid\":\"");
    add_text(out, kid);
    if (EVP_PKEY_is_a(key, "RSA")) {
        add_text(out, "\",\"kty\":\"RSA\"");
        add_number(out, key, OSSL_PKEY_PARAM_RSA_N, "n", 0);
        add_number(out, key, OSSL_PKEY_PARAM_RSA_E, "e", 0);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        add_text(out, "\",\"kty\":\"EC\",\"crv\":");
        add_text(out, small ? "\"P-256\"" : "\"P-384\"");
        add_number(out, key, OSSL_PKEY_PARAM_EC_PUB_X, "x", small ? 32 : 48);
        add_number(out, key, OSSL_PKEY_PARAM_EC_PUB_Y, "y", small ? 32 : 48);
    } else {
        must(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
        add_text(out, "\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
        base64url_encode((struct str){(char *)raw, len}, out);
        add_text(out, "\"");
    }
    add_text(out, extra);
    add_text(out, "}");
}

/* r and s side by side */
static size_t join_pair(unsigned char *signature, size_t len, int half)
{
    const unsigned char *at = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
    unsigned char joined[96];
    must(pair != NULL);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), joined, half) == half);
    must(BN_bn2binpad(ECDSA_SIG_get0_s(pair), joined + half, half) == half);
    ECDSA_SIG_free(pair);
    memcpy(signature, joined, 2 * (size_t)half);
    return 2 * (size_t)half;
}

static const EVP_MD *digest_of(enum token_algorithm algorithm)
{
    switch (algorithm) {
    case TOKEN_EDDSA:
        return NULL;
    case TOKEN_RS384:
    case TOKEN_PS384:
    case TOKEN_ES384:
        return EVP_sha384();
    case TOKEN_RS512:
    case TOKEN_PS512:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

static void add_signature(struct buffer *out, struct str data, EVP_PKEY *key,
                          enum token_algorithm algorithm)
{
    unsigned char signature[1024];
    size_t len = sizeof(signature);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx;
    must(EVP_DigestSignInit(md, &ctx, digest_of(algorithm), NULL, key) == 1);
    if (algorithm >= TOKEN_PS256 && algorithm <= TOKEN_PS512)
        must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
    must(EVP_DigestSign(md, signature, &len, (const unsigned char *)data.ptr, data.len) == 1);
    EVP_MD_CTX_free(md);
    if (algorithm == TOKEN_ES256 || algorithm == TOKEN_ES384)
        len = join_pair(signature, len, algorithm == TOKEN_ES256 ? 32 : 48);
    base64url_encode((struct str){(char *)signature, len}, out);
}

static void add_head(struct buffer *out, const char *header, const char *payload)
{
    base64url_encode(str_from(header), out);
    buffer_add_char(out, '.');
    base64url_encode(str_from(payload), out);
}

void signer_token(struct buffer *out, const char *header, const char *payload, EVP_PKEY *key,
                  enum token_algorithm algorithm)
{
    struct buffer token = BUFFER_INIT, signature = BUFFER_INIT;
    add_head(&token, header, payload);
    if (key)
        add_signature(&signature, buffer_str(&token), key, algorithm);
    buffer_add_char(&token, '.');
    buffer_add_str(&token, buffer_str(&signature));
    buffer_add_str(out, buffer_str(&token));
    buffer_clear(&token);
    buffer_clear(&signature);
}

void signer_token_hs256(struct buffer *out, const char *header, const char *payload,
                        struct str secret)
{
    struct buffer token = BUFFER_INIT;
    unsigned char mac[32];
    unsigned len = sizeof(mac);
    add_head(&token, header, payload);
    must(HMAC(EVP_sha256(), secret.ptr, (int)secret.len, (unsigned char *)token.data, token.len,
              mac, &len) != NULL);
    buffer_add_char(&token, '.');
    base64url_encode((struct str){(char *)mac, len}, &token);
    buffer_add_str(out, buffer_str(&token));
    buffer_clear(&token);
}
