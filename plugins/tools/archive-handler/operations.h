/*
 * operations.h - what the tool can do. Each reads its arguments and completes the call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/args.h"

/* Most bytes of a path. */
#define PATH_BYTES_MAX 4096

/* [worker] */
int32_t operation_list(const hexmcp_round *r, struct args *args);
int32_t operation_extract(const hexmcp_round *r, struct args *args);
int32_t operation_create(const hexmcp_round *r, struct args *args);
