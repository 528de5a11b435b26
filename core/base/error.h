/*
 * Status codes and the error object.
 *
 * A function that can fail returns ST_OK (0) or a negative ST_* code and fills the error with a
 * text for a person: what failed, on what, what to do. The codes equal the public HEXMCP_E_*.
 */
#pragma once

#include <stdarg.h>

enum status {
    ST_OK = 0,
    ST_GENERIC = -1,
    ST_NOMEM = -2,
    ST_INVALID = -3,
    ST_NOT_FOUND = -4,
    ST_UNSUPPORTED = -5,
    ST_DENIED = -6,
    ST_CANCELLED = -7,
    ST_TIMEOUT = -8,
    ST_BUSY = -9,
    ST_UNAVAILABLE = -10,
    ST_TOO_LARGE = -11,
    ST_PROTOCOL = -12,
    ST_CONFIG = -13,
};

#define ERROR_TEXT_SIZE 480

struct error {
    int code; /* enum status; ST_OK if nothing failed */
    char text[ERROR_TEXT_SIZE];
};

/* Fills `err` (may be NULL) with `code` and a printf-style text, cut to fit at a character
 * boundary. Returns `code`, so that a caller can write `return error_set(...)`. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a printf-style text in front of the one that `err` holds. Returns err->code. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A short name of the code for logs and machine output, e.g. "not_found"; never NULL. */
const char *error_code_name(int code);
