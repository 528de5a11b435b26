/*
 * text.h - output of programs as text.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"

/* Puts the bytes into `out` as UTF-8, with U+FFFD for what is none, at most `most` bytes of them. The
 * number of replaced bytes in *replaced. false: no memory. */
bool text_of(hexmcp_str bytes, size_t most, struct bytes *out, size_t *replaced);
