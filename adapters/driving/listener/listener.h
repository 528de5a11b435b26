/*
 * Accepts connections on TCP and Unix sockets, looks at their first bytes, and hands each to the
 * wire that it asks for. It reads nothing: the bytes are left in the socket.
 *
 * A connection counts from accept until its taker calls `ended`. Above the caps a client gets a
 * short answer and is closed. All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/log.h"
#include "ports/driving/accepted.h"

struct listener;
struct loop;

/* Ends TLS: takes a TCP connection and gives one without TLS to done(arg, fd), or -1 if there was no
 * handshake. Calls ended(arg) once after that, when the connection is closed. */
struct tls_ending {
    void *ctx;
    void (*take)(void *ctx, int fd, void (*done)(void *arg, int fd), void (*ended)(void *arg),
                 void *arg);
};

struct listener_options {
    size_t max_connections;
    size_t max_per_address;  /* TCP connections from one address */
    uint64_t first_bytes_ms; /* until the first bytes must have told where a connection goes */
    const struct log_port *log;
    const struct connection_taker *http;      /* takes what is nobody else's */
    const struct connection_taker *websocket; /* NULL: http takes those, too */
    const struct connection_taker *lines;     /* NULL: there is none, and http takes those */
    const struct tls_ending *tls;             /* NULL: TCP without TLS */
    /* Called when the last connection has ended. May be NULL. */
    void (*idle)(void *user);
    void *user;
};

/* `options` is copied, what it points at is borrowed. */
int listener_new(struct loop *loop, const struct listener_options *options, struct listener **out,
                 struct error *err);

/* Listens on "HOST:PORT" or "[IPv6]:PORT"; port 0: one that is free. A name can have several
 * addresses: on all of them. */
int listener_add_tcp(struct listener *listener, struct str address, struct error *err);

/* Makes a Unix socket that nobody but our user can reach. A socket there that nobody answers on is
 * replaced. */
int listener_add_unix(struct listener *listener, struct str path, struct error *err);

/* One place that is listened on. */
struct listener_place {
    struct str text; /* "127.0.0.1:8080", "[::1]:8080", or the path; borrowed from the listener */
    bool local;
    bool loopback; /* this machine alone can reach it */
    uint16_t port; /* 0 if local */
};
bool listener_place_at(const struct listener *listener, size_t index, struct listener_place *out);

/* Begins to accept. */
int listener_start(struct listener *listener, struct error *err);

struct listener_facts {
    size_t connections; /* open, those whose first bytes are awaited included */
    size_t waiting;     /* of them: whose first bytes are awaited */
    uint64_t accepted;
    uint64_t refused; /* by a cap */
};
void listener_facts(const struct listener *listener, struct listener_facts *out);

/* Accepts nothing more, removes the Unix sockets, and closes what waits with its first bytes. Then
 * `idle` is called if there is no connection, else with the end of the last one. */
void listener_stop(struct listener *listener);

/* After listener_stop, when there are no connections or the takers will not call `ended` any more.
 * The loop must turn once more before it is freed. NULL is allowed. */
void listener_free(struct listener *listener);
