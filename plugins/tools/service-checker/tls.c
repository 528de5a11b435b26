/*
 * SPDX-License-Identifier: MIT
 */
#include "tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>

#define STEP_MS 50
#define CHAIN_BYTES_MAX 131072

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static SSL *session_new(SSL_CTX *context, int fd, const char *host)
{
    SSL *ssl = SSL_new(context);
    if (!ssl)
        return NULL;
    bool ok = SSL_set_fd(ssl, fd) == 1;
    if (is_address(host))
        ok = ok && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    else
        ok = ok && SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
    if (ok)
        return ssl;
    SSL_free(ssl);
    return NULL;
}

/* What the library says last, for a person. */
static void reason(char *out, size_t room)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    snprintf(out, room, "%s", text ? text : "the connection was closed");
    ERR_clear_error();
}

static int32_t shake(struct pace *pace, SSL *ssl, int fd, const char *host, uint32_t timeout_ms)
{
    char why[160];
    ERR_clear_error();
    for (int done; (done = SSL_connect(ssl)) != 1;) {
        int wants = SSL_get_error(ssl, done);
        struct pollfd waits = {fd, wants == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN, 0};
        int32_t status = pace_step(pace, pace_ms(pace), timeout_ms, "TLS handshake");
        if (status != HEXMCP_OK)
            return status;
        if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) {
            reason(why, sizeof(why));
            return hexmcp_fail(pace->r->err, HEXMCP_E_PROTOCOL, "%s: the TLS handshake failed: %s", host, why);
        }
        if (pace_ms(pace) > timeout_ms)
            return hexmcp_fail(pace->r->err, HEXMCP_E_TIMEOUT, "%s: no TLS handshake within %u ms", host,
                               timeout_ms);
        poll(&waits, 1, STEP_MS);
    }
    return HEXMCP_OK;
}

static int32_t take(const hexmcp_round *r, SSL *ssl, const char *host, struct tls_facts *out)
{
    X509 *x = SSL_get0_peer_certificate(ssl);
    long verdict = SSL_get_verify_result(ssl);
    if (!x)
        return hexmcp_fail(r->err, HEXMCP_E_PROTOCOL, "%s: the server gave no certificate", host);
    certificate_read(x, &out->certificate);
    out->verified = verdict == X509_V_OK;
    if (!out->verified)
        snprintf(out->problem, sizeof(out->problem), "%s", X509_verify_cert_error_string(verdict));
    snprintf(out->protocol, sizeof(out->protocol), "%s", SSL_get_version(ssl));
    snprintf(out->cipher, sizeof(out->cipher), "%s", SSL_get_cipher_name(ssl));
    return HEXMCP_OK;
}

int32_t tls_look(struct pace *pace, int fd, const char *host, uint32_t timeout_ms,
                 struct tls_facts *out)
{
    *out = (struct tls_facts){.verified = false};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    if (context) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        SSL_CTX_set_max_cert_list(context, CHAIN_BYTES_MAX);
        SSL_CTX_set_default_verify_paths(context);
        ssl = session_new(context, fd, host);
    }
    int32_t status = ssl ? shake(pace, ssl, fd, host, timeout_ms)
                         : hexmcp_fail(pace->r->err, HEXMCP_E_UNAVAILABLE,
                                       "%s: the TLS library cannot begin; try again", host);
    if (status == HEXMCP_OK)
        status = take(pace->r, ssl, host, out);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return status;
}
