/* The module `tls`: OpenSSL. */
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>

#include "adapters/driven/module/export.h"
#include "adapters/driving/tls/inside.h"

MODULE_DEFINE_BUILD_ID();

static void take(void *ctx, int fd, void (*done)(void *arg, int fd), void (*ended)(void *arg),
                 void *arg)
{
    struct tls *tls = ctx;
    certificate_refresh(tls);
    session_start(tls, fd, done, ended, arg);
}

static void reload(void *ctx)
{
    certificate_reload(ctx);
}

static void facts(void *ctx, struct tls_facts *out)
{
    struct tls *tls = ctx;
    *out = tls->facts;
}

static void free_tls(void *ctx)
{
    struct tls *tls = ctx;
    while (tls->sessions)
        session_end(tls->sessions);
    certificate_close(tls);
    free(tls);
}

MODULE_EXPORT int hexmcp_module_entry(const struct tls_options *options, struct tls_module *out,
                                      struct error *err);

int hexmcp_module_entry(const struct tls_options *options, struct tls_module *out,
                        struct error *err)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    if (!tls)
        return error_set(err, ST_NOMEM, "out of memory");
    /* OpenSSL writes to sockets without asking that no signal be sent. */
    signal(SIGPIPE, SIG_IGN);
    tls->options = *options;
    int rc = certificate_open(tls, err);
    if (rc) {
        free_tls(tls);
        return rc;
    }
    *out = (struct tls_module){tls, take, reload, facts, free_tls};
    return ST_OK;
}
