/* Regular expressions of ECMA-262 with Unicode, as JSON Schema's `pattern` wants them. */
#pragma once

#include "ports/types.h"

struct regex;

struct regex_port {
    void *ctx;

    /* [any] Compiles `pattern`. The result is immutable. ST_INVALID with the position in the
     * pattern; ST_UNAVAILABLE if the regex library cannot be loaded. */
    int (*compile)(void *ctx, struct str pattern, struct regex **out, struct error *err);

    /* [any] 1 if `subject` (UTF-8) holds a match anywhere, 0 if not; ST_TOO_LARGE if the step limit
     * was reached, which hostile patterns do. */
    int (*search)(void *ctx, const struct regex *regex, struct str subject, struct error *err);

    /* [any] NULL is allowed. */
    void (*free)(void *ctx, struct regex *regex);
};
