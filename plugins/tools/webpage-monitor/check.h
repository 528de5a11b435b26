/*
 * check.h - the operation check.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "request.h"

/* [worker] Fetches the page, compares it, keeps it, and completes the call. */
int32_t check(const hexmcp_round *r, const struct request *request);

/* Puts a time as the member `key`, "2026-01-02T03:04:05Z". */
void check_put_time(hexmcp_json_writer *json, const char *key, int64_t seconds);
