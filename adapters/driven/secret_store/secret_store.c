#include "adapters/driven/secret_store/secret_store.h"

#include <stdlib.h>

#include "adapters/driven/secret_store/inside.h"

struct secret *secret_find(const struct secret_store *store, struct str name)
{
    for (size_t i = 0; i < store->count; i++)
        if (str_eq(str_from(store->secrets[i].name), name))
            return &store->secrets[i];
    return NULL;
}

int secret_need(const struct secret_store *store, struct str name, struct secret **out,
                struct error *err)
{
    *out = secret_find(store, name);
    return *out ? ST_OK
                : error_set(err, ST_NOT_FOUND,
                            "there is no secret %.*s; add it to secrets.sources in the configuration",
                            STR_ARG(name));
}

int secret_refresh(struct secret_store *store, struct secret *s, struct error *err)
{
    struct buffer value = BUFFER_INIT;
    int rc = secret_read(s, &value, err);
    if (!rc && !str_eq(buffer_str(&value), buffer_str(&s->values[0]))) {
        pthread_mutex_lock(&store->lock);
        buffer_wipe(&s->values[SECRET_VALUES_KEPT - 1]);
        memmove(&s->values[1], &s->values[0], sizeof(s->values) - sizeof(s->values[0]));
        s->values[0] = value;
        value = (struct buffer)BUFFER_INIT;
        pthread_mutex_unlock(&store->lock);
        atomic_store(&store->knows, true);
    }
    buffer_wipe(&value);
    return rc;
}

static int store_reveal(void *ctx, const struct plugin_grants *grants, struct str name,
                        struct buffer *out, struct error *err)
{
    struct secret_store *store = ctx;
    if (!secret_granted(grants->revealed, grants->revealed_count, name))
        return error_set(err, ST_DENIED,
                         "the plugin may not see the secret %.*s; it may send it by its handle, or "
                         "ask for {\"name\": ..., \"reveal\": true} in \"grants\" of plugin.json",
                         STR_ARG(name));
    struct secret *s;
    int rc = secret_need(store, name, &s, err);
    if (!rc)
        rc = secret_refresh(store, s, err);
    if (rc)
        return rc;
    if (!buffer_reserve(out, s->values[0].len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    buffer_add_str(out, buffer_str(&s->values[0]));
    return ST_OK;
}

int secret_store_new(struct str sources, struct secret_store **out, struct error *err)
{
    struct secret_store *store = calloc(1, sizeof(*store));
    if (!store)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_init(&store->lock, NULL);
    store->port = (struct secret_store_port){store, store_fill, store_reveal, store_redact};
    int rc = secrets_parse(store, sources, err);
    if (rc) {
        secret_store_free(store);
        return rc;
    }
    *out = store;
    return ST_OK;
}

static void clear(struct secret *s)
{
    for (size_t i = 0; i < SECRET_VALUES_KEPT; i++)
        buffer_wipe(&s->values[i]);
    for (size_t i = 0; i < s->host_count; i++)
        free(s->hosts[i]);
    free(s->hosts);
    free(s->place);
}

void secret_store_free(struct secret_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->count; i++)
        clear(&store->secrets[i]);
    free(store->secrets);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

const struct secret_store_port *secret_store_port(struct secret_store *store)
{
    return &store->port;
}

static void write_redacted(void *ctx, enum log_level level, struct str component, struct str text)
{
    struct secret_store *store = ctx;
    struct buffer clean = BUFFER_INIT;
    if (store_redact(store, text, &clean))
        text = buffer_str(&clean);
    store->log->write(store->log->ctx, level, component, text);
    buffer_clear(&clean);
}

const struct log_port *secret_store_log(struct secret_store *store, const struct log_port *log)
{
    store->log = log;
    store->log_port = (struct log_port){store, write_redacted};
    return &store->log_port;
}
