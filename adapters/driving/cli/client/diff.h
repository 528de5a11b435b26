/* What changes between two texts, for people. */
#pragma once

#include "core/base/buffer.h"

/* Appends the lines that differ with one line around them, in the unified format, as one stretch.
 * Of a line of which little changes, only what is near the change is shown. Nothing if the texts are
 * equal. */
void diff_write(struct buffer *out, struct str before, struct str after);
