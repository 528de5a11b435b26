/*
 * request.h - the arguments of process-executor.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/program.h"

#define OUTPUT_MAX ((size_t)1 << 20)

struct request {
    struct program program;
    const char *folder; /* NULL: none */
    bool writable;
    hexmcp_json_writer sandbox;
};

/* Texts belong to the arguments. request_clear() is due. */
int32_t request_read(struct args *args, struct request *request);
void request_clear(struct request *request);
