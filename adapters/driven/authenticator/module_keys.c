#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/authenticator/module_parts.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define FIELD_MAX 48

struct public_key {
    enum key_kind kind;
    EVP_PKEY *pkey;
};

/* ---- making keys ---- */

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static EVP_PKEY *import_rsa(const struct key_material *m)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn((const unsigned char *)m->a.ptr, (int)m->a.len, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)m->b.ptr, (int)m->b.len, NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *pkey = NULL;
    if (build && n && e && BN_num_bits(n) >= RSA_BITS_MIN && BN_num_bits(n) <= RSA_BITS_MAX &&
        BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(e) <= 32 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(build);
    if (params)
        pkey = from_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return pkey;
}

static bool is_on_curve(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool good = ctx && EVP_PKEY_public_check(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

static EVP_PKEY *import_ec(const struct key_material *m)
{
    const bool small = m->kind == KEY_P256;
    const size_t field = small ? 32 : 48;
    char group[8];
    unsigned char point[1 + 2 * FIELD_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    if (m->a.len != field || m->b.len != field)
        return NULL;
    memcpy(group, small ? "P-256" : "P-384", 6);
    memcpy(point + 1, m->a.ptr, field);
    memcpy(point + 1 + field, m->b.ptr, field);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * field),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *pkey = from_params("EC", params);
    if (pkey && !is_on_curve(pkey)) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    return pkey;
}

static EVP_PKEY *import_ed25519(const struct key_material *m)
{
    if (m->a.len != 32)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)m->a.ptr, 32);
}

static EVP_PKEY *import_any(const struct key_material *m)
{
    switch (m->kind) {
    case KEY_RSA:
        return m->a.len <= RSA_BITS_MAX / 8 + 1 && m->b.len <= 8 ? import_rsa(m) : NULL;
    case KEY_P256:
    case KEY_P384:
        return import_ec(m);
    default:
        return import_ed25519(m);
    }
}

static int import_key(const struct key_material *material, struct public_key **out,
                      struct error *err)
{
    struct public_key *key = calloc(1, sizeof(*key));
    if (!key)
        return error_set(err, ST_NOMEM, "out of memory");
    key->kind = material->kind;
    key->pkey = import_any(material);
    ERR_clear_error();
    if (!key->pkey) {
        free(key);
        return error_set(err, ST_INVALID, "this is no public key that can be used");
    }
    *out = key;
    return ST_OK;
}

static void free_key(struct public_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

/* ---- signatures ---- */

struct method {
    enum key_kind kind;
    const EVP_MD *(*digest)(void); /* NULL: the key has its own */
    bool pss;
};

static const struct method methods[TOKEN_ALGORITHMS] = {
    [TOKEN_RS256] = {KEY_RSA, EVP_sha256, false}, [TOKEN_RS384] = {KEY_RSA, EVP_sha384, false},
    [TOKEN_RS512] = {KEY_RSA, EVP_sha512, false}, [TOKEN_PS256] = {KEY_RSA, EVP_sha256, true},
    [TOKEN_PS384] = {KEY_RSA, EVP_sha384, true},  [TOKEN_PS512] = {KEY_RSA, EVP_sha512, true},
    [TOKEN_ES256] = {KEY_P256, EVP_sha256, false}, [TOKEN_ES384] = {KEY_P384, EVP_sha384, false},
    [TOKEN_EDDSA] = {KEY_ED25519, NULL, false},
};

/* A token has r and s side by side (RFC 7518, 3.4); OpenSSL wants them in DER. */
static unsigned char *der_of(struct str signature, size_t *len)
{
    const unsigned char *raw = (const unsigned char *)signature.ptr;
    const int half = (int)(signature.len / 2);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, half, NULL), *s = BN_bin2bn(raw + half, half, NULL);
    unsigned char *der = NULL;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s)) {
        int size = i2d_ECDSA_SIG(pair, &der);
        *len = size > 0 ? (size_t)size : 0;
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    return der;
}

static bool set_padding(EVP_PKEY_CTX *ctx, const struct method *method)
{
    if (method->kind != KEY_RSA)
        return true;
    if (!method->pss)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    /* RFC 7518, 3.5: the salt is as long as the digest. */
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool check(EVP_PKEY *pkey, const struct method *method, struct str data,
                  const unsigned char *signature, size_t len)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL;
    bool good = md &&
                EVP_DigestVerifyInit(md, &ctx, method->digest ? method->digest() : NULL, NULL,
                                     pkey) == 1 &&
                set_padding(ctx, method) &&
                EVP_DigestVerify(md, signature, len, (const unsigned char *)data.ptr,
                                 data.len) == 1;
    EVP_MD_CTX_free(md);
    return good;
}

static bool has_length(const struct public_key *key, size_t len)
{
    switch (key->kind) {
    case KEY_RSA:
        return len == (size_t)EVP_PKEY_get_size(key->pkey);
    case KEY_P384:
        return len == 96;
    default:
        return len == 64;
    }
}

static bool verify(const struct public_key *key, enum token_algorithm algorithm, struct str data,
                   struct str signature)
{
    const struct method *method = &methods[algorithm];
    bool good;
    if (key->kind != method->kind || !has_length(key, signature.len))
        return false;
    if (key->kind == KEY_P256 || key->kind == KEY_P384) {
        size_t len = 0;
        unsigned char *der = der_of(signature, &len);
        good = der && check(key->pkey, method, data, der, len);
        OPENSSL_free(der);
    } else {
        good = check(key->pkey, method, data, (const unsigned char *)signature.ptr, signature.len);
    }
    /* Why it failed is nobody's business, and the queue belongs to the thread. */
    ERR_clear_error();
    return good;
}

void module_fill_keys(struct auth_module *out)
{
    out->import_key = import_key;
    out->free_key = free_key;
    out->verify = verify;
}
