#include "adapters/driven/crypto/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/module/module.h"
#include "core/base/error.h"

struct crypto_module {
    struct crypto_port port;   /* what the core sees */
    struct crypto_port sodium; /* what the module gave; no functions before it is loaded */
    pthread_mutex_t lock;      /* digests are made on every thread */
    const char *folder;
};

typedef int (*crypto_entry)(struct crypto_port *out, struct error *err);

static int load(struct crypto_module *m, struct error *err)
{
    module_entry *entry;
    int rc = ST_OK;
    pthread_mutex_lock(&m->lock);
    if (!m->sodium.sha256) {
        rc = module_open(m->folder, "crypto", &entry, err);
        if (!rc)
            rc = ((crypto_entry)entry)(&m->sodium, err);
    }
    pthread_mutex_unlock(&m->lock);
    return rc;
}

static int sha256(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    struct crypto_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->sodium.sha256(m->sodium.ctx, data, out, err);
}

static int hmac_sha256(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
                       struct error *err)
{
    struct crypto_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->sodium.hmac_sha256(m->sodium.ctx, key, data, out, err);
}

static bool equal(void *ctx, const void *a, const void *b, size_t len)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char difference = 0;
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        difference |= (unsigned char)(x[i] ^ y[i]);
    return difference == 0;
}

int crypto_module_new(const char *folder, struct crypto_module **out, struct error *err)
{
    struct crypto_module *m = calloc(1, sizeof(*m));
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_init(&m->lock, NULL);
    m->folder = folder;
    m->port = (struct crypto_port){m, sha256, hmac_sha256, equal};
    *out = m;
    return ST_OK;
}

void crypto_module_free(struct crypto_module *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

const struct crypto_port *crypto_module_port(struct crypto_module *m)
{
    return &m->port;
}
