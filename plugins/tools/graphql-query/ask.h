/*
 * ask.h - one request of GraphQL over HTTP, and its answer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "kit/fetch.h"
#include "kit/headers.h"

/* What all operations have in common. */
struct question {
    const hexmcp_round *r;
    struct args args;
    struct bytes endpoint;
    struct headers headers;
    uint32_t timeout_ms;
    const char *operation; /* query, mutation, subscription, introspection */
    size_t kind;           /* its place in that order */
    const char *operation_name; /* "" : none */
    hexmcp_str variables;  /* JSON; empty: none */
    bool socket;           /* it goes over WebSocket */
    bool dry_run;
};

/* Adds the body of the request for this document. false if memory is short. */
bool ask_write(const struct question *q, const char *document, size_t len, struct bytes *body);

/* [worker] Asks, and checks that what comes is an answer of GraphQL: *json is the object in
 * answer->body, which has data or errors. HEXMCP_E_PROTOCOL says what came instead. fetch_free() is due
 * after HEXMCP_OK. */
int32_t ask(const struct question *q, hexmcp_str document, struct fetch_answer *answer, hexmcp_str *json);

/* The error for an answer that is none of GraphQL. */
int32_t ask_fail(const struct question *q, const struct fetch_answer *answer, hexmcp_str body);

/* Puts success, data, errors and extensions of an answer; data that is too large becomes a resource. */
void ask_put(const struct question *q, struct answer *a, hexmcp_str json);

/* How many errors there are, and the message of the first (cut). */
size_t ask_errors(hexmcp_str json, char *first, size_t room);
