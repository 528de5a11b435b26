#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/driving/tls/inside.h"
#include "core/base/str.h"

#define LOOK_MS 1000u

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)arg;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int cannot_use(const char *what, const char *path, struct error *err)
{
    unsigned long code = ERR_get_error();
    const char *why = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
                                             : ERR_reason_error_string(code);
    error_set(err, ST_CONFIG, "the %s %s cannot be used: %s", what, path,
              why ? why : "it is no PEM file of that kind");
    ERR_clear_error();
    return ST_CONFIG;
}

/* A key with a passphrase would have OpenSSL ask at the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *arg)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static int load_files(SSL_CTX *context, const struct tls_options *options, struct error *err)
{
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, options->cert_path) != 1)
        return cannot_use("certificate", options->cert_path, err);
    if (SSL_CTX_use_PrivateKey_file(context, options->key_path, SSL_FILETYPE_PEM) != 1)
        return cannot_use("private key", options->key_path, err);
    return SSL_CTX_check_private_key(context) == 1
               ? ST_OK
               : cannot_use("private key", options->key_path, err);
}

static int make_context(const struct tls_options *options, SSL_CTX **out, struct error *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return error_set(err, ST_NOMEM, "out of memory");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    /* HTTP and WebSocket know where a message ends: a missing goodbye hides nothing. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    int rc = load_files(context, options, err);
    if (rc)
        SSL_CTX_free(context);
    else
        *out = context;
    return rc;
}

static void take_stamp(const char *path, struct stamp *out)
{
    struct stat st;
    *out = (struct stamp){0};
    if (stat(path, &st) == 0)
        *out = (struct stamp){st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_ino,
                              (uint64_t)st.st_size};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->seconds == b->seconds && a->nanoseconds == b->nanoseconds && a->inode == b->inode &&
           a->size == b->size;
}

/* The stamps are taken first: what changes while it is read is read again. */
static int load(struct tls *tls, struct error *err)
{
    SSL_CTX *context = NULL;
    take_stamp(tls->options.cert_path, &tls->certificate.cert);
    take_stamp(tls->options.key_path, &tls->certificate.key);
    int rc = make_context(&tls->options, &context, err);
    if (rc)
        return rc;
    SSL_CTX_free(tls->certificate.context); /* sessions keep what they use */
    tls->certificate.context = context;
    return ST_OK;
}

int certificate_open(struct tls *tls, struct error *err)
{
    tls->certificate.looked_ms = uv_now(tls->options.loop);
    return load(tls, err);
}

void certificate_reload(struct tls *tls)
{
    const struct log_port *log = tls->options.log;
    struct error err;
    if (load(tls, &err)) {
        error_prefix(&err, "the old certificate is kept: ");
        log->write(log->ctx, LOG_LEVEL_ERROR, STR("tls"), str_from(err.text));
    } else {
        tls->facts.reloads++;
        log->write(log->ctx, LOG_LEVEL_NOTICE, STR("tls"), STR("the certificate was read again"));
    }
}

void certificate_refresh(struct tls *tls)
{
    struct stamp cert, key;
    uint64_t now = uv_now(tls->options.loop);
    if (now < tls->certificate.looked_ms + LOOK_MS)
        return;
    tls->certificate.looked_ms = now;
    take_stamp(tls->options.cert_path, &cert);
    take_stamp(tls->options.key_path, &key);
    if (!same_stamp(&cert, &tls->certificate.cert) || !same_stamp(&key, &tls->certificate.key))
        certificate_reload(tls);
}

void certificate_close(struct tls *tls)
{
    SSL_CTX_free(tls->certificate.context);
}
