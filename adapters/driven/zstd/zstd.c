#include "adapters/driven/zstd/zstd.h"

#include <pthread.h>
#include <stdlib.h>

#include "adapters/driven/module/module.h"
#include "core/base/error.h"

struct zstd_module {
    struct codec_port port;
    struct codec_port library; /* what the module gave; no functions before it is loaded */
    pthread_mutex_t lock;
    const char *folder;
};

typedef int (*codec_entry)(struct codec_port *out, struct error *err);

static int load(struct zstd_module *m, struct error *err)
{
    module_entry *entry;
    int rc = ST_OK;
    pthread_mutex_lock(&m->lock);
    if (!m->library.compress) {
        rc = module_open(m->folder, "zstd", &entry, err);
        if (!rc)
            rc = ((codec_entry)entry)(&m->library, err);
    }
    pthread_mutex_unlock(&m->lock);
    return rc;
}

static int compress(void *ctx, struct str data, void *out, size_t cap, size_t *len, struct error *err)
{
    struct zstd_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->library.compress(m->library.ctx, data, out, cap, len, err);
}

static int expand(void *ctx, struct str data, void *out, size_t len, struct error *err)
{
    struct zstd_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->library.expand(m->library.ctx, data, out, len, err);
}

int zstd_module_new(const char *folder, struct zstd_module **out, struct error *err)
{
    struct zstd_module *m = calloc(1, sizeof(*m));
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_init(&m->lock, NULL);
    m->folder = folder;
    m->port = (struct codec_port){m, compress, expand};
    *out = m;
    return ST_OK;
}

void zstd_module_free(struct zstd_module *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

const struct codec_port *zstd_module_port(struct zstd_module *m)
{
    return &m->port;
}
