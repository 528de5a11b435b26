/*
 * check.h - what is expected of an answer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/fetch.h"

/* The assertions, written as they are made. */
struct checks {
    const hexmcp_round *r;
    hexmcp_json_writer *out; /* in an array */
    const struct fetch_answer *answer;
    bool is_json; /* the body */
    size_t passed, failed;
};

/* Reads the object `key` of the arguments and checks the answer: status, headers, max_ms, body_contains,
 * json, json_schema. What is expected in a wrong way is an error of the arguments. */
void checks_make(struct checks *checks, struct args *args, const char *key);

/* Only reads them, before anything is sent: what is expected in a wrong way is an error of the arguments. */
void checks_test(const hexmcp_round *r, struct args *args, const char *key);

/* One assertion that has no expectation, such as that an answer comes at all. */
void checks_put(struct checks *checks, const char *name, bool passed, const char *message);
