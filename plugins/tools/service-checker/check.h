/*
 * check.h - one target, checked.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/pace.h"
#include "request.h"
#include "tls.h"

struct check {
    const struct request *request;
    const struct target_of_check *target;
    bool available;
    int32_t status; /* of the last attempt */
    hexmcp_error error;
    double ms; /* of the last attempt */
    int attempts;
    struct pace pace; /* of the last attempt */
    char address[64];
    int http_status; /* 0: none */
    bool has_tls, trusted; /* trusted: the host took the certificate for a request */
    struct tls_facts tls;
};

/* [any thread that may wait] Checks, with retries. */
void check_run(const hexmcp_round *r, struct check *check);
