/*
 * postgresql_values.h - values of PostgreSQL as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "rows.h"

/* A value as text, of the type with this number in pg_type. */
void postgresql_put(struct rows *rows, unsigned type, const char *text, size_t len);

/* "2024-05-06 07:08:09.5+00" as "2024-05-06T07:08:09.5Z", in place; what is no date stays. */
void postgresql_iso(char *text);
