/*
 * request.h - the arguments of webpage-monitor.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"

enum operation { CHECK, LIST, FORGET };

#define NAME_LONGEST 400

/* Pages in one answer of list. */
#define LIST_MOST 500

struct request {
    enum operation operation;
    const char *url;
    const char *name;     /* under which the content is kept; "" for list */
    const char *previous; /* NULL: what is kept */
    const char *selector; /* NULL: the page */
    bool ignore_whitespace, main_only, dry_run, ignore_robots;
    size_t offset, limit, max_changes;
    uint32_t timeout_ms;
};

/* Texts live as long as `args`. */
int32_t request_read(struct args *args, struct request *request);
