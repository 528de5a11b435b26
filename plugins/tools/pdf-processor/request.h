/*
 * request.h - what a call of pdf-processor asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/args.h"

enum operation {
    OPERATION_TEXT,
    OPERATION_METADATA,
    OPERATION_PAGES,
    OPERATION_RENDER,
    OPERATION_OUTLINE,
    OPERATION_LINKS,
    OPERATION_SEARCH,
    OPERATION_COUNT
};

/* Texts live as long as the arguments. */
struct request {
    enum operation operation;
    const char *path;
    const char *target_path; /* NULL: none */
    const char *query;       /* of search */
    const char *secret;      /* name of the secret that is the password; NULL: none */
    int start_page, end_page; /* from 1; 0: not given */
    int dpi;
    int64_t offset, limit;
    bool layout, case_sensitive, whole_words;
    bool overwrite, dry_run;
};

const char *operation_name(enum operation operation);

int32_t request_read(struct args *args, struct request *request);
