/*
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "text.h"

#define TIME_BYTES 24 /* "2026-01-31T12:00:00.000Z" */

int64_t time_now_ms(void);

/* HEXMCP_E_INVALID if it is not in that form. So written times are in the order of their bytes. */
int32_t time_check(hexmcp_str text, const char *what, hexmcp_error *err);
int32_t time_read(hexmcp_str text, const char *what, int64_t *ret_ms, hexmcp_error *err);
void time_write(struct out *o, int64_t ms); /* with its quotes */
