/*
 * table.h - the variables that were set by this tool: a JSON object in hexmcp.kv/1.
 *
 * SPDX-License-Identifier: MIT
 *
 * Never the environment of a process: setenv() is unsafe among threads, and what others run must not
 * depend on what a model said.
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/bytes.h"

#define TABLE_MAX 100

struct table {
    struct bytes json; /* {"NAME": "value"...} */
    uint64_t version;
};

/* [worker] table_free() is due after HEXMCP_OK. */
int32_t table_load(const hexmcp_round *r, struct table *table);
void table_free(struct table *table);

/* [worker] Sets a variable, or removes it if `value` is empty JSON, and keeps the table. *changed tells
 * whether that made a difference; with `dry_run` nothing is kept. HEXMCP_E_TOO_LARGE above TABLE_MAX. */
int32_t table_set(const hexmcp_round *r, const char *name, hexmcp_str value, bool dry_run,
                  bool *changed);
