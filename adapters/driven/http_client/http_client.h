/*
 * Requests over HTTP for plugins: the port "hexmcp.http/1" (ports/driven/service.h, and
 * include/hexmcp/host/http.h for what a plugin is promised). libcurl is in the module
 * hexmcp-http-client, which is loaded with the first request and has a thread of its own.
 *
 * Where a request may go is decided here, by core/policy/host_rule.h and the grants of the plugin: for
 * each URL before anything is sent, for each address when the connection is made.
 *
 * All [loop].
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

/* The one operation. Its text is {"request": what hexmcp/host/http.h says, "traceparent"?,
 * "tracestate"?}, its bytes are the body. */
#define HTTP_OP_REQUEST 1u

enum http_event {
    HTTP_EVENT_END,      /* the last one, if it failed                                           */
    HTTP_EVENT_HEAD,     /* text: of the answer                                                  */
    HTTP_EVENT_BODY,     /* bytes                                                                */
    HTTP_EVENT_COMPLETE, /* text {"bytes", "redirects"}; the request stays open until close()    */
    HTTP_EVENT_SENT,     /* text: a number: so many bytes of what was written were sent on       */
    HTTP_EVENT_RESUMED,  /* the answer to HTTP_TELL_RESUME                                       */
};

enum http_tell {
    HTTP_TELL_TAKEN,  /* text: a number: so many bytes of the body make room for further ones    */
    HTTP_TELL_RESUME, /* asks for HTTP_EVENT_RESUMED                                             */
    HTTP_TELL_WRITE,  /* bytes                                                                   */
    HTTP_TELL_FINISH,
};

/* Bytes of a body that are told before others were taken, and bytes that may be written before others
 * were sent. */
#define HTTP_CLIENT_AHEAD 262144u
#define HTTP_CLIENT_WRITE_AHEAD 1048576u

struct http_client_config {
    /* Borrowed as long as the client lives. */
    const char *modules; /* the folder of the program's modules */
    const char *version; /* of hexmcp, for User-Agent */
    const struct clock_port *clock;
    const struct timer_port *timer;

    /* [any] Calls fn(arg) once on the loop, in order. Negative: it will not. */
    int (*post)(void *ctx, void (*fn)(void *arg), void *arg);
    void *post_ctx;

    const struct secret_store_port *secrets; /* NULL: there are none */
    const struct crypto_port *crypto;        /* NULL: no headers are signed */

    size_t max_requests; /* of all plugins at the same time */
    size_t max_per_plugin;
    unsigned idle_ms;    /* connections are kept as long after the last request; 0: 30,000       */
    bool traces;         /* sends the trace context of the call */
    bool may_lose_tls;   /* a redirect may lead from https to http */

    /* Copied. */
    struct str proxy;    /* "": none; "environment"; a URL */
    struct str ca_file;  /* "": the system's authorities */
    struct str unverified; /* JSON array of host rules: there no certificate is looked at */
};

struct http_client;

/* ST_CONFIG, ST_NOMEM. Loads no module. */
int http_client_new(const struct http_client_config *config, struct http_client **out,
                    struct error *err);

/* After what has requests open. NULL is allowed. */
void http_client_free(struct http_client *client);

const struct service_port *http_client_port(const struct http_client *client);
