/*
 * symbols.h - numbers for texts: equal texts get the same one.
 *
 * SPDX-License-Identifier: MIT
 *
 * By sorting and not by hashing, so that no choice of texts makes it slow.
 */
#pragma once

#include "hexmcp/abi.h"

/* Writes to ids[i] a number below `count` for texts[i]. Errors: HEXMCP_E_NOMEM. */
int32_t symbols_number(const hexmcp_str *texts, size_t count, uint32_t *ids, hexmcp_error *err);

/* Order by bytes, then by length: as memcmp(). */
int symbols_compare(hexmcp_str a, hexmcp_str b);
