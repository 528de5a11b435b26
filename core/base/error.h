/*
 * Filling and naming errors. The types are in ports/types.h.
 *
 * A function that can fail returns ST_OK (0) or a negative ST_* code and fills the error with a
 * text for a person: what failed, on what, what to do.
 */
#pragma once

#include <stdarg.h>

#include "ports/types.h"

/* Fills `err` (may be NULL) with `code` and a printf-style text, cut to fit at a character
 * boundary. Returns `code`, so that a caller can write `return error_set(...)`. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a printf-style text in front of the one that `err` holds. Returns err->code. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A short name of the code for logs and machine output, e.g. "not_found"; never NULL. */
const char *error_code_name(int code);
