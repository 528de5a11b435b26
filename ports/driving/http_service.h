/*
 * HTTP, between the adapter that speaks it and what answers a path. All [loop].
 *
 * The adapter has checked a request (Host, Origin, credentials, limits) before a route sees it, and
 * has read its whole body. A route answers each exchange exactly once, at once or later: with
 * respond(), or with stream() and then finish(). If the client goes away before, the adapter calls
 * `gone` and the exchange is over.
 */
#pragma once

#include "ports/context.h"

struct http_header {
    struct str name; /* in requests as it came: compare without regard to case */
    struct str value; /* without space around it */
};

/* One request and its answer. Belongs to the adapter; not used after respond, finish or gone. */
struct http_exchange;

struct http_answer {
    /* The whole answer; everything is copied. Content-Length is added. */
    void (*respond)(struct http_exchange *exchange, int status, const struct http_header *headers,
                    size_t header_count, struct str body);

    /* Begins an answer of unknown length. */
    void (*stream)(struct http_exchange *exchange, int status, const struct http_header *headers,
                   size_t header_count);

    /* Queues bytes of the stream, copied. False: the client is too far behind, and `may_drop` was
     * true. What must not be dropped is always queued; a client that lets too much of it wait is
     * closed, and `gone` is called later, never inside. */
    bool (*write)(struct http_exchange *exchange, bool may_drop, struct str bytes);

    void (*finish)(struct http_exchange *exchange);

    /* Has gone(user) called if the client goes away before the end of the answer. */
    void (*watch)(struct http_exchange *exchange, void (*gone)(void *user), void *user);
};

/* What a route keeps for one connection of the transport; requests come one at a time on it. */
struct http_connection {
    void *user;                 /* the route's; NULL at first */
    void (*closed)(void *user); /* called when the connection ends, if `user` is set */
};

struct http_request {
    struct str method; /* "GET" ... */
    struct str path;   /* decoded once, without query */
    struct str query;  /* as it came, without "?"; empty if none */
    const struct http_header *headers;
    size_t header_count;
    const struct caller *caller; /* never NULL; lives until the answer ended */
    struct http_connection *connection;
    struct http_exchange *exchange;
    const struct http_answer *answer;
    char *body; /* from malloc, with a NUL behind; the route that takes it sets it to NULL */
    size_t body_len;
};

/* A route borrows the request until `handle` returns. */
struct http_route {
    struct str path;
    bool beneath; /* also for everything below path + "/" */
    bool open;    /* without credentials; Host and Origin are checked all the same */
    void *ctx;
    void (*handle)(void *ctx, struct http_request *request);
};

/* The value of the first header of this name, compared without regard to case; a NULL `ptr` if
 * there is none. */
static inline struct str http_header_value(const struct http_request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct str *have = &request->headers[i].name;
        size_t at = 0;
        while (have->len == name.len && at < name.len &&
               (have->ptr[at] | 0x20) == (name.ptr[at] | 0x20))
            at++;
        if (have->len == name.len && at == name.len)
            return request->headers[i].value;
    }
    return (struct str){NULL, 0};
}
