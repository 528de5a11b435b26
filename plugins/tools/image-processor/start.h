/*
 * start.h - libvips, started with as little of it as is needed.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "formats.h"
#include "hexmcp/simple.h"

/* [loop] HEXMCP_E_UNAVAILABLE with a text if it cannot be. */
int32_t start_library(hexmcp_error *err);

/* Loads the module of the format, if it is made by one. */
int32_t start_module(const struct format *format, hexmcp_error *err);

/* What libvips said last, as the error of the call: `what`, on `path`, failed because. */
int32_t start_failed(const hexmcp_round *r, const char *what, const char *path, const char *next);
