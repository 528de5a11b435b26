/*
 * utf8.h - whether bytes are UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* How many bytes from the begin on are UTF-8 as RFC 3629 has it; text.len if all are. */
size_t utf8_valid(hexmcp_str text);
