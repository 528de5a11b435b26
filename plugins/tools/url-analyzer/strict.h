/*
 * strict.h - a URI as RFC 3986 has it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hexmcp/abi.h"

/* Bytes up to the character that has no place there; -1 if it is a URI as a whole. */
long strict_fault(hexmcp_str text);
