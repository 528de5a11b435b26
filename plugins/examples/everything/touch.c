/* The tool `touch`: changes what the resource everything://counter holds. */
#include "everything.h"

int32_t tool_touch(const struct round *r)
{
    char text[48];
    snprintf(text, sizeof(text), "the counter is %d", atomic_fetch_add(&r->self->counter, 1) + 1);
    return answer_text(r, text);
}
