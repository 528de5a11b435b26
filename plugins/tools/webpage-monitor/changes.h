/*
 * changes.h - what is different between two texts, line by line, by libgit2.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"

/* Puts "change_count" and "changes", of which `most` are written, and "changes_truncated". */
int32_t changes_put(const hexmcp_round *r, const char *old_text, const char *new_text, size_t most,
                    hexmcp_json_writer *json, size_t *count);
