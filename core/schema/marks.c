/* Which members or elements of a value have been evaluated, for unevaluatedProperties and
 * unevaluatedItems. */
#include <stdlib.h>

#include "core/schema/evaluate.h"

bool marks_begin(struct check *c, struct marks *marks, struct json value)
{
    marks->words = json_count(value) / 64 + 1;
    marks->few = 0;
    marks->bits = &marks->few;
    if (!spend(c, marks->words))
        return false;
    if (marks->words == 1)
        return true;
    marks->bits = calloc(marks->words, sizeof(uint64_t));
    return marks->bits || stop(c, ST_NOMEM, "cannot be checked: out of memory");
}

void marks_end(struct marks *marks)
{
    if (marks->bits != &marks->few)
        free(marks->bits);
}

void marks_add(struct marks *to, const struct marks *from)
{
    for (uint32_t i = 0; i < to->words; i++)
        to->bits[i] |= from->bits[i];
}
