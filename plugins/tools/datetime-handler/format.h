/*
 * format.h - moments as text.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "moment.h"

#include "hexmcp/json/write.h"

/* The moment by `format`: NULL for ISO 8601, a name (iso8601, date, rfc2822, http, unix, unix_ms),
 * or a pattern of strftime. *text is to be freed with g_free(). Errors: HEXMCP_E_INVALID. */
int32_t format_write(const struct moment *moment, const char *format, char **text,
                     hexmcp_error *err);

/* Writes the members that tell what forms are read and written. */
void format_list(hexmcp_json_writer *writer);
