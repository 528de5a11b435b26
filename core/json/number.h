/*
 * Numbers by their decimal text: exact, whatever their size, in time linear in the length of the
 * texts. All take values of type JSON_NUMBER. Exponents beyond 10^17 count as 10^17.
 */
#pragma once

#include "core/json/json.h"

/* Below 0, 0 or above 0. */
int number_compare(struct json a, struct json b);

/* True for 3, 3.0, 30e-1. */
bool number_is_integer(struct json v);

/* Digits that a unit may have, without the zeros at its ends. */
#define NUMBER_UNIT_DIGITS 256

/* True if the number is above zero and has few enough digits to be a unit. */
bool number_is_unit(struct json v);

/* True if `v` is a multiple of `unit`, for which number_is_unit must be true. Exact. */
bool number_is_multiple(struct json v, struct json unit);

/* Equal numbers have equal hashes. */
uint64_t number_hash(struct json v);

/* The value if it is a whole number from 0 to INT64_MAX, however it is written. */
bool number_count(struct json v, int64_t *out);
