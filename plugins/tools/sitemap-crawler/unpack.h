/*
 * unpack.h - files that are packed by gzip.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"
#include "kit/bytes.h"

bool unpack_is_gzip(hexmcp_str file);

/* Unpacks at most `most` bytes; an error has a sentence without the name of the file. */
int32_t unpack(const hexmcp_round *r, hexmcp_str file, size_t most, struct bytes *out);
