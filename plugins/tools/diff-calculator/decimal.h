/*
 * decimal.h - numbers of JSON compared by value, exactly, however long they are.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* An order of numbers in which just those are equal that have the same value: 1, 1.0 and 10e-1. It
 * is not the order of their values. Both are numbers of JSON. */
int decimal_compare(hexmcp_str a, hexmcp_str b);
