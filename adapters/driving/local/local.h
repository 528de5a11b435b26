/*
 * Lines over a Unix socket, for programs of the same user: `hexmcp connect`. The client says
 *
 *   HEXMCP-CONNECT/1 {"version":"...","client":{"name":"...","pid":N},"session":"...",
 *                     "allow":{"read":[...],"write":[...]}}
 *
 * on one line and is answered with one line,
 *
 *   HEXMCP-CONNECT/1 {"server":"...","version":"..."}    or    HEXMCP-CONNECT/1 {"error":"..."}
 *
 * the latter being the last one. With {"reload":"ID"} it asks for nothing but that the plugin is
 * reloaded, and gets {"reloaded":"ID"} or the reason as the only line. Then the rules of stdio hold: one message a line, both ways; at the
 * end of the client's input what it asked for is still answered.
 *
 * Each connection is a caller of its own, "local:UID:N". With "session", 16 to 64 letters and digits
 * that nobody can guess, it is "local:UID:SESSION", so that a client that connects again is who it
 * was. All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driving/accepted.h"
#include "ports/driving/message_endpoint.h"
#include "ports/path_grants.h"

/* What the first line begins with, both ways. */
#define LOCAL_WORD "HEXMCP-CONNECT/1 "

struct local;
struct loop;

struct local_options {
    const struct endpoint_factory *endpoints;
    struct str server_name;
    struct str server_version;
    size_t max_message_bytes;
    uint64_t greeting_ms; /* for the first line */
    uint64_t drain_ms;    /* what runs on at the end of input */

    /* The folders that a client brings, two arrays of strings or nothing; *out stays NULL if it
     * brings none, else it lives as long as the server. An error is told to the client. */
    int (*grant)(void *ctx, struct json read, struct json write, const struct path_grants **out,
                 struct error *err);
    void *grant_ctx;

    /* Reloads a plugin: done(arg, NULL or the reason) once, at once or later. */
    void (*reload)(void *ctx, struct str plugin,
                   void (*done)(void *arg, const struct error *err), void *arg);
    void *reload_ctx;
};

/* `options` is copied, what it points at is borrowed. */
int local_new(struct loop *loop, const struct local_options *options, struct local **out,
              struct error *err);

/* Takes connections that begin with the word. */
const struct connection_taker *local_taker(struct local *local);

struct local_facts {
    size_t connections;
    size_t queued_bytes; /* that clients have not read */
    uint64_t accepted;   /* that were greeted */
};
void local_facts(const struct local *local, struct local_facts *out);

/* As at the end of each client's input: what is pending may run on for drain_ms. */
void local_drain(struct local *local);

/* Ends all connections. Its handles close with the next turn of the loop. NULL is allowed. */
void local_free(struct local *local);
