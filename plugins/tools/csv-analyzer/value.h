/*
 * value.h - what the text of a field is.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/abi.h"

/* From the narrowest to the widest; see value_join(). */
enum value_type { VALUE_EMPTY, VALUE_BOOLEAN, VALUE_INTEGER, VALUE_NUMBER, VALUE_DATE, VALUE_DATETIME, VALUE_TEXT };

extern const char *const value_names[];

/* true and false in any case are booleans; numbers have a point, no spaces and no leading zeros (those
 * are texts, as in postcodes); dates are YYYY-MM-DD, with a time after T or a space. */
enum value_type value_type_of(hexmcp_str text);

/* The type of a column that holds both. */
enum value_type value_join(enum value_type a, enum value_type b);

/* The number, if the text is VALUE_INTEGER or VALUE_NUMBER. */
bool value_number(hexmcp_str text, double *number);
