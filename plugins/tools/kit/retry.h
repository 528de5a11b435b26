/*
 * retry.h - requests that are tried again.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/fetch.h"
#include "kit/pace.h"

#define RETRY_STATUSES_MOST 20

struct retry {
    unsigned attempts;    /* at most, with the first */
    uint64_t wait_ms;     /* before the second; twice as long before each further one */
    uint64_t wait_most_ms;
    int statuses[RETRY_STATUSES_MOST];
    size_t status_count;
    bool connections; /* also without an answer: no connection, an answer that breaks off */
};

/* How it went. */
struct retried {
    unsigned attempts;
    uint64_t waited_ms;
    char last[200]; /* why the last but one was not enough; empty if there was but one */
};

/* 1 s, then twice as long, at most 30 s; on 429, 500, 502, 503, 504 and without a connection. */
struct retry retry_default(unsigned attempts);

/* The object `key` of the arguments over the default: max_attempts, initial_ms, max_wait_ms, statuses. */
void retry_read(struct args *args, const char *key, struct retry *retry);

/* [worker] fetch() as often as it takes. An answer with a status to retry is OK in the end. Retry-After
 * of an answer says how long the wait is; one above wait_most_ms ends it, since nobody waits so long. */
int32_t retry_fetch(struct pace *pace, const struct retry *retry, const struct fetch_request *request,
                    struct fetch_answer *answer, struct retried *how);

/* Seconds from now of a Retry-After, a number or a date; -1 if it is neither. */
int64_t retry_after(const char *text, int64_t now);
