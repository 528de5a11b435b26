#include "adapters/driving/cli/network/parts.h"
#include "core/base/str.h"

/* The settings, as C strings: config does not end them. */
static int copy_path(struct network *n, const char *key, char *out, size_t size, struct error *err)
{
    struct str path = config_string(app_config(n->app), key);
    if (path.len >= size)
        return error_set(err, ST_CONFIG, "%s: the path is too long", key);
    memcpy(out, path.ptr, path.len);
    out[path.len] = '\0';
    return ST_OK;
}

int network_tls_open(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    bool cert = config_string(c, "listen.tls_cert").len > 0;
    bool key = config_string(c, "listen.tls_key").len > 0;
    if (!cert && !key)
        return ST_OK;
    if (cert != key)
        return error_set(err, ST_CONFIG,
                         "TLS needs both listen.tls_cert and listen.tls_key, and %s is not set",
                         cert ? "listen.tls_key" : "listen.tls_cert");
    int rc = copy_path(n, "listen.tls_cert", n->cert_path, sizeof(n->cert_path), err);
    if (!rc)
        rc = copy_path(n, "listen.tls_key", n->key_path, sizeof(n->key_path), err);
    if (rc)
        return rc;
    const struct tls_options options = {
        .cert_path = n->cert_path,
        .key_path = n->key_path,
        .handshake_ms = (uint64_t)config_integer(c, "listen.tls_handshake_ms"),
        .loop = n->uv,
        .log = app_log(n->app),
    };
    rc = tls_open(app_modules(n->app), &options, &n->tls, err);
    if (!rc)
        n->tls_ending = (struct tls_ending){n->tls.ctx, n->tls.take};
    return rc;
}

void network_tls_close(struct network *n)
{
    if (n->tls.free)
        n->tls.free(n->tls.ctx);
}
