/*
 * names.h - which variables are secrets, and what of a value may be shown.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NAME_MAX_BYTES 128
#define VALUE_MAX_BYTES 32768

/* Letters, digits and _, not beginning with a digit. */
bool name_is_valid(const char *name);

/* Whether the name says that the value is a secret: it is never shown and never set. */
bool name_is_secret(const char *name);

/* The value with the passwords of URLs in it replaced by ***; allocated, NULL without memory. */
char *value_masked(const char *value);
