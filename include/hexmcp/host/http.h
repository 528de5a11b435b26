/*
 * hexmcp/host/http.h - "hexmcp.http/1": requests over HTTP and HTTPS, made by the host.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest asks for hosts with "grants": {"hosts": ["api.example.org"]}; others get
 * NULL for this id. A rule names a host and a port: "example.org" (ports 80 and 443),
 * "example.org:8443", "*.example.org", "[::1]:8080". Each URL is checked against the rules before
 * anything is sent, each redirect again, and each address when the connection is made, after its
 * name was resolved: loopback, private, link-local and other special addresses are refused unless a
 * rule names that very host or address. Certificates are always verified. Proxies of the environment,
 * cookies and .netrc play no part.
 *
 * HTTP/1.1. The answer comes in pieces, as fast as the plugin takes them: the host holds at most
 * HEXMCP_HTTP_AHEAD bytes of one answer, and reads no more from the server while they wait.
 *
 * A secret stands in a header's value or in the path or query of the URL as {{secret:NAME}}. The host
 * puts the value in its place when it sends, if the plugin was granted the secret and the operator
 * allows it for that host; in a URL the value is percent-encoded. Where an answer repeats the value,
 * the plugin sees the handle again.
 *
 * What authentication and signatures make of a secret is the third element of a header; the host puts
 * it behind the value, and sends the header to no other origin:
 *   ["Authorization", "Basic ", {"base64": "alice:{{secret:NAME}}"}]
 *   ["X-Signature", "sha256=", {"hmacSha256": "{{secret:NAME}}", "of": "1700000000.", "as": "hex"}]
 * The second is an HMAC with SHA-256 and this key of the text "of" (none by default) and the body behind
 * it; "as" is "hex" or "base64", hex by default. Where an answer repeats a base64 text, the plugin sees
 * {{base64:alice:{{secret:NAME}}}}.
 *
 * How a request ends: end() with HEXMCP_OK, or with one of these and {"message": text for a person}:
 *   HEXMCP_E_INVALID      the request is wrong
 *   HEXMCP_E_DENIED       no rule allows the host, the address or the secret
 *   HEXMCP_E_TIMEOUT      timeoutMs, or the deadline of the call
 *   HEXMCP_E_UNAVAILABLE  no connection, a bad certificate, an answer that breaks off
 *   HEXMCP_E_TOO_LARGE    the answer passed maxBytes, its head 256 KiB, or it unpacks to more than
 *                         200 times of what was sent
 *   HEXMCP_E_PROTOCOL     the answer is no HTTP, or what it says of its encoding is wrong
 *   HEXMCP_E_BUSY         too many requests are open, of this plugin or of all
 *   HEXMCP_E_CANCELLED    cancel(), the call ended, or the plugin stops
 *   HEXMCP_E_NOMEM
 */
#ifndef HEXMCP_HOST_HTTP_H
#define HEXMCP_HOST_HTTP_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_HTTP_1 "hexmcp.http/1"

/* Bytes of an answer that the host holds for a plugin that does not take them. */
#define HEXMCP_HTTP_AHEAD 262144

/* Longest body in one piece; longer ones are written with "stream": true. */
#define HEXMCP_HTTP_BODY_MAX 67108864

/* Bytes that write() may be ahead of what room() told. */
#define HEXMCP_HTTP_WRITE_AHEAD 1048576

/* Gets the answer of one request. All [loop]; must not block. `arg` is what request() was given.
 * Since: 1.0. */
typedef struct hexmcp_http_sink {
    uint32_t size;     /* sizeof(hexmcp_http_sink)                                               */
    uint32_t reserved; /* 0 */

    /* The head of the answer, once, before any body: {"status": 200, "url": the URL that answered,
     * "headers": [[name in small letters, value]...]}. Redirects that were followed are not told. A
     * body that was unpacked has no content-encoding and no content-length any more. */
    void (*head)(void *arg, hexmcp_str json);

    /* A piece of the body. HEXMCP_OK: go on. HEXMCP_PENDING: it was taken, and no more until
     * resume(). */
    int32_t (*body)(void *arg, const void *data, size_t len);

    /* The request is over, once; nothing follows. On HEXMCP_OK json is {"bytes": length of the body,
     * "redirects": how many were followed}. An error ends it at once, also while it is paused: what
     * waited then is dropped. */
    void (*end)(void *arg, int32_t status, hexmcp_str json);

    /* Only for "stream": true, else it may be NULL: `len` bytes of what was written have been sent
     * on. */
    void (*room)(void *arg, size_t len);
} hexmcp_http_sink;

/* Since: 1.0. */
typedef struct hexmcp_http_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Asks. `json` is
     *
     *   {"url": "https://..." or "http://...", without user and password, at most 8,192 bytes,
     *    "method": "GET" by default; a token, not CONNECT or TRACE,
     *    "headers": [[name, value]...], or with a third element as above; at most 100 and 64 KiB;
     *               not those that belong to the connection: Host, Content-Length,
     *               Transfer-Encoding, Connection, Proxy-* ...,
     *    "timeoutMs": for all of it, 1 to 3,600,000; default 60,000,
     *    "connectTimeoutMs": 1 to 600,000; default 10,000,
     *    "maxRedirects": 0 to 10; default 5; with 0 the redirect itself is the answer,
     *    "maxBytes": of the body, unpacked, up to 1 TiB; default 64 MiB,
     *    "decompress": default true: ask for gzip and deflate, and unpack them,
     *    "stream": default false: the body comes by write() and finish()}
     *
     * All but "url" may be missing. `body` is sent with every method if it is not empty. `call` ties
     * the request to a running call: it ends with the call, at the latest at its deadline, and
     * carries its trace context. 0: to none.
     *
     * A redirect is followed with 301, 302 and 303 as GET if it was a POST (303: whatever it was but
     * HEAD), else with method and body again. To another origin go no secrets, no Authorization, no
     * Cookie and no header whose name ends in "-key", "-token" or "-secret". From https to http is
     * refused.
     *
     * The sink is copied, and so are the texts. *id, which may be NULL, names the request; on another
     * thread than the loop, callbacks may come before request() returns. HEXMCP_OK: end() follows.
     * HEXMCP_E_BUSY above 1,024 open requests of a plugin; HEXMCP_E_TOO_LARGE above
     * HEXMCP_HTTP_BODY_MAX; HEXMCP_E_INVALID without body() and end(); HEXMCP_E_UNAVAILABLE from when
     * the plugin stops; HEXMCP_E_NOMEM: no callback follows. */
    int32_t (*request)(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str body,
                       const hexmcp_http_sink *sink, void *arg, uint64_t *id);

    /* [any] Goes on with a body that was answered with HEXMCP_PENDING. HEXMCP_OK;
     * HEXMCP_E_NOT_FOUND if the request is over. */
    int32_t (*resume)(void *ctx, uint64_t id);

    /* [any] Ends it: end() comes with HEXMCP_E_CANCELLED if it had not come. Unknown ids are
     * ignored. */
    void (*cancel)(void *ctx, uint64_t id);

    /* [any] The next piece of the body of a request with "stream": true, copied. At most
     * HEXMCP_HTTP_WRITE_AHEAD bytes may be ahead of what room() told; more ends the request with
     * HEXMCP_E_TOO_LARGE. HEXMCP_OK; HEXMCP_E_NOT_FOUND if the request is over; HEXMCP_E_BUSY,
     * HEXMCP_E_NOMEM: it was not taken. */
    int32_t (*write)(void *ctx, uint64_t id, hexmcp_str piece);

    /* [any] The body is complete. HEXMCP_OK; HEXMCP_E_NOT_FOUND. */
    int32_t (*finish)(void *ctx, uint64_t id);
} hexmcp_http_1;

#ifdef __cplusplus
}
#endif

#endif
