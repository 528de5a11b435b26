#include "adapters/driven/secretstream/secretstream.h"

#include <pthread.h>
#include <stdlib.h>

#include "adapters/driven/module/module.h"
#include "core/base/error.h"

struct secretstream_module {
    struct stream_cipher_port port;
    struct stream_cipher_port sodium; /* what the module gave; no functions before it is loaded */
    pthread_mutex_t lock;
    const char *folder;
};

typedef int (*secretstream_entry)(struct stream_cipher_port *out, struct error *err);

static int load(struct secretstream_module *m, struct error *err)
{
    module_entry *entry;
    int rc = ST_OK;
    pthread_mutex_lock(&m->lock);
    if (!m->sodium.seal) {
        rc = module_open(m->folder, "secretstream", &entry, err);
        if (!rc)
            rc = ((secretstream_entry)entry)(&m->sodium, err);
    }
    pthread_mutex_unlock(&m->lock);
    return rc;
}

static int seal_begin(void *ctx, const uint8_t key[STREAM_KEY_BYTES], uint8_t start[STREAM_START_BYTES],
                      struct stream_cipher **out, struct error *err)
{
    struct secretstream_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->sodium.seal_begin(m, key, start, out, err);
}

static int open_begin(void *ctx, const uint8_t key[STREAM_KEY_BYTES],
                      const uint8_t start[STREAM_START_BYTES], struct stream_cipher **out,
                      struct error *err)
{
    struct secretstream_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->sodium.open_begin(m, key, start, out, err);
}

/* A stream remembers the module that began it as its first member. */
static const struct stream_cipher_port *sodium_of(const struct stream_cipher *stream)
{
    const struct secretstream_module *const *m = (const void *)stream;
    return &(*m)->sodium;
}

static int seal(struct stream_cipher *stream, struct str data, struct str beside, bool last, void *out,
                struct error *err)
{
    return sodium_of(stream)->seal(stream, data, beside, last, out, err);
}

static int open_piece(struct stream_cipher *stream, struct str sealed, struct str beside, void *out,
                      bool *last, struct error *err)
{
    return sodium_of(stream)->open(stream, sealed, beside, out, last, err);
}

static void end(struct stream_cipher *stream)
{
    if (stream)
        sodium_of(stream)->end(stream);
}

int secretstream_module_new(const char *folder, struct secretstream_module **out, struct error *err)
{
    struct secretstream_module *m = calloc(1, sizeof(*m));
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_init(&m->lock, NULL);
    m->folder = folder;
    m->port = (struct stream_cipher_port){m, seal_begin, open_begin, seal, open_piece, end};
    *out = m;
    return ST_OK;
}

void secretstream_module_free(struct secretstream_module *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

const struct stream_cipher_port *secretstream_module_port(struct secretstream_module *m)
{
    return &m->port;
}
