/* Texts with places to fill in: "{{name}}", a word of small letters. All other braces are left alone. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* What stands for a placeholder. */
struct template_value {
    const char *name;
    const char *value;
};

/* Appends `text` with each {{name}} replaced; `values` end with a NULL name. ST_INVALID: a
 * placeholder that nobody knows. */
int template_fill(struct str text, const struct template_value *values, struct buffer *out,
                  struct error *err);
