/*
 * request.h - the arguments of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/headers.h"
#include "kit/response.h"
#include "kit/retry.h"

struct request {
    struct args args;
    const char *method;
    struct bytes url;
    struct headers headers;
    struct bytes body;
    struct retry retry;
    struct response_body answer;
    uint32_t timeout_ms;
    int max_redirects;
    uint64_t max_bytes;
    bool dry_run;
};

/* [worker] Reads r->args. request_free() is due in any case. */
int32_t request_read(const hexmcp_round *r, struct request *request);
void request_free(struct request *request);
