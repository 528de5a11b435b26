/*
 * sign.h - signatures of requests to Amazon (Signature Version 4).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "hexmcp/abi.h"

#define SIGN_DATE_ROOM 20
#define SIGN_ROOM 600

/* A POST of JSON without a query. */
struct sign {
    const char *url; /* http or https, with a path */
    const char *region;
    const char *service;
    const char *key_id;
    const char *secret;
    hexmcp_str body;
    time_t time;
};

/* Writes X-Amz-Date and Authorization; the signed headers are content-type, host and x-amz-date. False if
 * the URL is none, or something is too long. */
bool sign_v4(const struct sign *sign, char date[SIGN_DATE_ROOM], char authorization[SIGN_ROOM]);
