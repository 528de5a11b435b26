/* Numbers by their decimal text: exact, whatever their size. All take values of type JSON_NUMBER. */
#pragma once

#include "core/json/json.h"

/* Below 0, 0 or above 0. */
int number_compare(struct json a, struct json b);

/* True for 3, 3.0, 30e-1. */
bool number_is_integer(struct json v);

/* True if `v` is a multiple of `unit`, which must not be zero. Exact if the digits of `unit` (without
 * zeros at its ends) number at most 18, else by floating point. */
bool number_is_multiple(struct json v, struct json unit);

/* Equal numbers have equal hashes. */
uint64_t number_hash(struct json v);

/* The value if it is a whole number from 0 to INT64_MAX, however it is written. */
bool number_count(struct json v, int64_t *out);
