/* Inside of the module `tls`. */
#pragma once

#include <openssl/ssl.h>
#include <uv.h>

#include "adapters/driving/tls/tls.h"

/* As much as one TLS record can hold. */
#define RECORD_BYTES ((size_t)16 * 1024)

/* One of the two files as it was when it was read. */
struct stamp {
    int64_t seconds, nanoseconds;
    uint64_t inode, size;
};

struct certificate {
    SSL_CTX *context;
    struct stamp cert, key;
    uint64_t looked_ms; /* on the loop's clock */
};

struct tls {
    struct tls_options options;
    struct certificate certificate;
    struct session *sessions;
    struct tls_facts facts;
    char record[RECORD_BYTES]; /* what is just being moved */
};

/* certificate.c: ST_CONFIG names the file. */
int certificate_open(struct tls *tls, struct error *err);
/* Takes the files if they have changed since; at most one look a second. */
void certificate_refresh(struct tls *tls);
/* Takes them in any case. */
void certificate_reload(struct tls *tls);
void certificate_close(struct tls *tls);

/* Bytes that could not be moved on at once. */
struct rest {
    char *data;
    size_t len, at;
};

/* One connection. */
struct session {
    struct tls *tls;
    struct session *next, *before;
    SSL *ssl;
    int net; /* the client */
    int app; /* our end of the pair; -1 before the end of the handshake */
    uv_poll_t net_poll, app_poll;
    uv_timer_t timer;
    int handles; /* open ones */
    int net_events, app_events;
    void (*done)(void *arg, int fd);
    void (*ended)(void *arg);
    void *arg;
    struct rest to_app, to_net;
    uint64_t moved, moved_before; /* bytes; those when the timer was started */
    uint64_t linger_until;        /* on the loop's clock; 0: nothing is being waited for */
    bool handshaken;
    bool net_eof;  /* the client will send nothing more */
    bool net_shut; /* ... has been told that nothing more will come */
    bool net_dead; /* ... cannot be reached */
    bool app_eof;  /* those behind us will send nothing more */
    bool app_shut; /* ... have been told that nothing more will come */
    bool app_gone; /* ... take nothing any more */
    bool read_wants_write, write_wants_read;
    bool closing;
};

/* session.c */
void session_start(struct tls *tls, int fd, void (*done)(void *arg, int fd),
                   void (*ended)(void *arg), void *arg);
void session_end(struct session *s);
/* Waits for what the state asks for; ends the session when all is done. */
void session_update(struct session *s);

/* handshake.c: goes on; fills net_events. */
void handshake_step(struct session *s);

/* pump.c: moves what can be moved now, within bounds. */
void pump(struct session *s);
