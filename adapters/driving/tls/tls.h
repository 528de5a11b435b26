/*
 * TLS for connections that somebody else accepted: it ends here, and what was in it goes on over a
 * socket pair, in both directions and with at most some 16 KiB waiting in each. The private module
 * `tls` holds OpenSSL; the program loads it when it serves TLS.
 *
 * TLS 1.2 and 1.3, ALPN http/1.1. A certificate that changes on the disk is used for the next
 * handshake, looked for at most once a second; one that cannot be used is logged, and the old one is
 * kept. All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/log.h"

struct uv_loop_s;

struct tls_options {
    const char *cert_path; /* PEM: the certificate, then those that lead from it to the root */
    const char *key_path;  /* PEM, without a passphrase */
    uint64_t handshake_ms; /* for a whole handshake */
    struct uv_loop_s *loop;
    const struct log_port *log;
};

struct tls_facts {
    size_t sessions;     /* connections, those in their handshake included */
    uint64_t handshakes; /* that ended well */
    uint64_t failures;   /* that did not */
    uint64_t reloads;    /* certificates taken since the first */
};

struct tls_module {
    void *ctx;

    /* Takes the descriptor of a connected TCP socket. Calls done(arg, fd) once: `fd` is a
     * stream socket without TLS that belongs to who is called, or -1 if there was no handshake.
     * After that calls ended(arg) once, when the connection is closed. */
    void (*take)(void *ctx, int fd, void (*done)(void *arg, int fd), void (*ended)(void *arg),
                 void *arg);

    /* Reads the certificate now, changed or not. Failure is logged. */
    void (*reload)(void *ctx);

    void (*facts)(void *ctx, struct tls_facts *out);

    /* Closes all connections; `done` and `ended` are called. Its handles close with the next turn of
     * the loop. */
    void (*free)(void *ctx);
};

/* Loads the module from the program's folder of modules, and the certificate. The texts of `options`
 * and what it points at are borrowed until free(). ST_CONFIG: the certificate cannot be used. */
int tls_open(const char *folder, const struct tls_options *options, struct tls_module *out,
             struct error *err);

/* What the module exports as its entry. */
typedef int (*tls_module_entry)(const struct tls_options *options, struct tls_module *out,
                                struct error *err);
