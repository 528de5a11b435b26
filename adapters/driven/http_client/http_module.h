/*
 * What the private module hexmcp-http-client does for the client of HTTP: requests by libcurl, on a
 * thread of its own. It knows no plugin, no rule and no secret: it asks the program where it may go
 * and tells what comes.
 *
 * The thread, not the loop, because libcurl reads the certificates of the system anew for each
 * connection (some ten milliseconds), inflates, and joins threads that resolve names.
 */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/buffer.h"
#include "core/base/error.h"

/* Bytes of an answer that may be told and not yet granted anew. */
#define HTTP_AHEAD ((size_t)256 * 1024)

#define HTTP_HEAD_BYTES_MAX ((size_t)256 * 1024)
#define HTTP_UNPACKED_RATIO_MAX 200u

struct http_field {
    struct str name, value;
    bool secret; /* not for another origin */
};

/* Where a URL leads. `host` in small letters, an IPv6 address in brackets. */
struct http_place {
    char host[256];
    uint16_t port;
    bool tls;
};

struct http_head {
    unsigned status;
    struct str url;
    const struct http_field *fields; /* names in small letters; `secret` is not used */
    size_t field_count;
};

struct http_end {
    uint64_t bytes; /* of the body, unpacked */
    unsigned redirects;
    struct error error; /* its code is ST_OK if it went well */
};

/* All on the module's thread, with the `arg` of the request. */
struct http_events {
    /* ST_OK, or ST_DENIED with the reason. Before anything is sent there. */
    int (*may_go)(void *arg, const struct http_place *place, struct error *err);
    /* The same for an address that the place has. */
    int (*may_connect)(void *arg, const struct http_place *place, const struct sockaddr *address,
                       struct error *err);
    /* Whether its certificate is looked at. */
    bool (*verifies)(void *arg, const struct http_place *place);
    void (*connected)(void *arg); /* after may_go(), for each place */
    void (*head)(void *arg, const struct http_head *head);
    void (*body)(void *arg, struct str piece);
    void (*sent)(void *arg, size_t len); /* of what was written                               */
    void (*end)(void *arg, const struct http_end *end); /* once; nothing follows              */
};

/* Everything is borrowed until end(). */
struct http_request {
    const char *url;
    const char *method;
    const struct http_field *fields;
    size_t field_count;
    struct str body;
    bool streams; /* the body comes by write() */
    bool unpacks;
    unsigned max_redirects;
    uint64_t max_bytes;
    void *arg;
};

/* Texts are borrowed as long as the engine lives. */
struct http_engine_config {
    struct http_events events;
    const char *proxy;    /* "": none; "environment"; a URL */
    const char *ca_file;  /* "": the system's */
    int idle_ms;          /* connections are kept as long after the last request */
    bool may_lose_tls;    /* a redirect may lead from https to http */
};

struct http_engine;
struct http_exchange;

/* All [any], and none waits but as noted. */
struct http_module {
    /* Where the URL leads; what libcurl makes of it is what is connected to. ST_INVALID or ST_DENIED
     * with the reason. */
    int (*look)(const char *url, struct http_place *out, struct error *err);

    int (*start)(const struct http_engine_config *config, struct http_engine **out,
                 struct error *err);
    /* Ends the thread, after end() for every exchange. Waits for a turn of the thread, not for the
     * network. */
    void (*stop)(struct http_engine *engine);
    /* After stop(), and after free() for every exchange. */
    void (*free_engine)(struct http_engine *engine);

    int (*begin)(struct http_engine *engine, const struct http_request *request,
                 struct http_exchange **out, struct error *err);
    void (*grant)(struct http_exchange *exchange, size_t bytes); /* of its answer             */
    bool (*write)(struct http_exchange *exchange, struct str piece); /* false without memory  */
    void (*finish)(struct http_exchange *exchange);
    void (*cancel)(struct http_exchange *exchange); /* end() comes soon, if it has not come   */
    void (*free)(struct http_exchange *exchange);   /* after end()                            */
};
