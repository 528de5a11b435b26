/*
 * request.h - the arguments of service-checker.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"

#define TARGETS_MAX 10
#define HOST_MAX 253

enum check_type { CHECK_TCP, CHECK_HTTP, CHECK_HTTPS, CHECK_DNS };
extern const char *const check_types[]; /* NULL ends them */

struct target_of_check {
    const char *text; /* as it was given */
    char host[HOST_MAX + 1];
    uint16_t port;
    const char *url; /* for http and https */
};

struct request {
    enum check_type type;
    struct target_of_check targets[TARGETS_MAX];
    size_t count;
    uint32_t timeout_ms; /* of one attempt */
    int retries;
    int expected_status; /* 0: 200 to 399 */
};

/* Texts belong to the arguments. */
int32_t request_read(struct args *args, struct request *request);
