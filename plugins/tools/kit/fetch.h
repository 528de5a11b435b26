/*
 * fetch.h - one request over HTTP, waited for on a worker.
 *
 * SPDX-License-Identifier: MIT
 *
 * By hexmcp.http/1: the host checks names, addresses and each redirect, and verifies certificates. The
 * request ends with the call, and progress is reported meanwhile. Tools that use this run in worker mode
 * (the default).
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"
#include "kit/bytes.h"

/* What is 0 or NULL is left to the host's defaults. */
struct fetch_request {
    const char *url;
    const char *method;
    const char *const (*headers)[2]; /* name and value; values may hold {{secret:NAME}} */
    size_t header_count;
    hexmcp_str headers_json; /* in their place: the array that hexmcp/host/http.h describes */
    hexmcp_str body;
    uint32_t timeout_ms;
    int max_redirects; /* -1: none is followed; 0: the default */
    uint64_t max_bytes;
    /* [loop] Gets the body in pieces, which then are not kept in the answer; must not block. false: it has
     * enough, and the request ends. */
    bool (*take)(void *arg, const void *data, size_t len);
    void *arg;
    bool partial; /* what came until the time was over, or max_bytes reached, is an answer, too */
};

/* fetch_free() is due after HEXMCP_OK. */
struct fetch_answer {
    int status;        /* of HTTP */
    int redirects;     /* that were followed */
    double ms;         /* from the request to the end of the answer */
    bool cut;          /* `take` had enough, or it is partial */
    char *url;         /* that answered */
    struct bytes head; /* JSON of the host: {"status", "url", "headers": [[name, value]...]} */
    struct bytes body;
};

/* [worker] An answer of any status is HEXMCP_OK. Errors have the host's sentence in r->err. */
int32_t fetch(const hexmcp_round *r, const struct fetch_request *request,
              struct fetch_answer *answer);
void fetch_free(struct fetch_answer *answer);

/* The value of the first header of this name, in small letters, as JSON text; empty if there is none. */
hexmcp_str fetch_header(const struct fetch_answer *answer, const char *name);
