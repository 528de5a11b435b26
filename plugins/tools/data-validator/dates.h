/*
 * dates.h - dates by a format.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "texts.h"

#define DATES_FORMAT_DEFAULT "%Y-%m-%d"

/* NULL if `format` (NUL-terminated) is "rfc3339" or made of known specifiers and literal text; else what
 * is wrong with it. */
const char *dates_format_fault(const char *format);

/* 1 if `text` is a date that exists, written exactly as `format`, which is a good one, writes it. */
int dates_match(const char *format, hexmcp_str text);
