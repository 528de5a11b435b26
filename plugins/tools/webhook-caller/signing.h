/*
 * signing.h - the headers by which a receiver knows who sent an event, when, and which one it is.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/headers.h"

/* Of one delivery; each attempt has the same. */
struct delivery {
    char id[48];        /* idempotency key: given, or of 128 random bits */
    char timestamp[24]; /* seconds since 1970 */
};

/* [worker] Reads idempotency_key and makes the rest. */
void delivery_begin(struct args *args, struct delivery *delivery);

/* Puts Idempotency-Key, X-Webhook-Timestamp and, if the argument `signature` is there, the signature over
 * "TIMESTAMP.BODY", the body alone, or that of Standard Webhooks. */
void signing_put(const hexmcp_round *r, struct args *args, const struct delivery *delivery,
                 struct headers *h);
