/*
 * written.h - what several operations say alike.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"

/* RFC 3339 in UTC; nothing for 0 and for years that have not four digits. */
void written_time(hexmcp_json_writer *w, const char *key, int64_t seconds);

/* HEXMCP_E_INVALID: the archive has no entries. */
int32_t written_empty(const hexmcp_round *r, const char *path);

/* Entries that were passed over: how many, and the first of them. */
struct passed {
    hexmcp_json_writer list;
    uint32_t count;
};

void passed_begin(struct passed *passed);
void passed_add(struct passed *passed, const char *name, const char *why);
/* Writes "skipped" and "skipped_count" if there are any; frees. */
void passed_end(struct passed *passed, hexmcp_json_writer *w);
void passed_free(struct passed *passed);
