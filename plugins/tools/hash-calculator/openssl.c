/*
 * SPDX-License-Identifier: MIT
 */
#include "openssl.h"

#include "hexmcp/json.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <pthread.h>

#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
#define TEXT_OF_VALUE(value) #value
#define LIBRARY "libcrypto.so." TEXT_OF(OPENSSL_SHLIB_VERSION)

/* `context` is NULL until everything is loaded; `lock` guards the loading. */
struct openssl {
    pthread_mutex_t lock;
    OSSL_LIB_CTX *context;
    __typeof__(OSSL_LIB_CTX_new) *context_new;
    __typeof__(OSSL_LIB_CTX_free) *context_free;
    __typeof__(EVP_MD_fetch) *fetch;
    __typeof__(EVP_MD_free) *md_free;
    __typeof__(EVP_MD_get_size) *md_size;
    __typeof__(EVP_MD_CTX_new) *hash_new;
    __typeof__(EVP_MD_CTX_free) *hash_free;
    __typeof__(EVP_DigestInit_ex2) *hash_init;
    __typeof__(EVP_DigestUpdate) *hash_add;
    __typeof__(EVP_DigestFinal_ex) *hash_end;
};

struct openssl_digest {
    const struct openssl *openssl;
    EVP_MD_CTX *state;
};

struct openssl *openssl_new(void)
{
    struct openssl *openssl = calloc(1, sizeof(*openssl));
    if (openssl)
        pthread_mutex_init(&openssl->lock, NULL);
    return openssl;
}

void openssl_free(struct openssl *openssl)
{
    if (!openssl)
        return;
    if (openssl->context)
        openssl->context_free(openssl->context);
    pthread_mutex_destroy(&openssl->lock);
    free(openssl);
}

/* POSIX lets dlsym give functions as void *, ISO C does not let us cast it: hence the copy. */
static int find_symbol(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static int find_symbols(struct openssl *o, void *library)
{
    return find_symbol(library, "OSSL_LIB_CTX_new", &o->context_new) &&
           find_symbol(library, "OSSL_LIB_CTX_free", &o->context_free) &&
           find_symbol(library, "EVP_MD_fetch", &o->fetch) &&
           find_symbol(library, "EVP_MD_free", &o->md_free) &&
           find_symbol(library, "EVP_MD_get_size", &o->md_size) &&
           find_symbol(library, "EVP_MD_CTX_new", &o->hash_new) &&
           find_symbol(library, "EVP_MD_CTX_free", &o->hash_free) &&
           find_symbol(library, "EVP_DigestInit_ex2", &o->hash_init) &&
           find_symbol(library, "EVP_DigestUpdate", &o->hash_add) &&
           find_symbol(library, "EVP_DigestFinal_ex", &o->hash_end);
}

static int32_t load(struct openssl *openssl, hexmcp_error *err)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library || !find_symbols(openssl, library)) {
        const char *why = dlerror();
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "this algorithm needs OpenSSL 3, which cannot be loaded (%s); install "
                           LIBRARY " or use sha256, sha512, blake2b or blake3",
                           why ? why : "no reason given");
    }
    openssl->context = openssl->context_new();
    if (!openssl->context)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for OpenSSL; try again");
    return HEXMCP_OK;
}

static int32_t ensure_loaded(struct openssl *openssl, hexmcp_error *err)
{
    pthread_mutex_lock(&openssl->lock);
    int32_t status = openssl->context ? HEXMCP_OK : load(openssl, err);
    pthread_mutex_unlock(&openssl->lock);
    return status;
}

void openssl_drop(struct openssl_digest *digest)
{
    if (!digest)
        return;
    digest->openssl->hash_free(digest->state);
    free(digest);
}

/* The state keeps `md` alive. */
static int32_t begin(const struct openssl *openssl, const EVP_MD *md, size_t digest_len,
                     const char *name, struct openssl_digest **ret, hexmcp_error *err)
{
    struct openssl_digest *digest = calloc(1, sizeof(*digest));
    if (!digest)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %s; try again", name);
    digest->openssl = openssl;
    digest->state = openssl->hash_new();
    if (!digest->state || openssl->md_size(md) != (int)digest_len ||
        openssl->hash_init(digest->state, md, NULL) != 1) {
        openssl_drop(digest);
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "OpenSSL failed to begin %s; try again", name);
    }
    *ret = digest;
    return HEXMCP_OK;
}

int32_t openssl_begin(struct openssl *openssl, const char *name, size_t digest_len,
                      struct openssl_digest **ret, hexmcp_error *err)
{
    int32_t status = ensure_loaded(openssl, err);
    if (status != HEXMCP_OK)
        return status;
    EVP_MD *md = openssl->fetch(openssl->context, name, NULL);
    if (!md)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "OpenSSL on this machine has no %s; use another algorithm", name);
    status = begin(openssl, md, digest_len, name, ret, err);
    openssl->md_free(md);
    return status;
}

int openssl_add(struct openssl_digest *digest, hexmcp_str data)
{
    return digest->openssl->hash_add(digest->state, data.ptr, data.len) == 1;
}

int openssl_end(struct openssl_digest *digest, uint8_t *hash)
{
    unsigned int written = 0;
    return digest->openssl->hash_end(digest->state, hash, &written) == 1;
}
