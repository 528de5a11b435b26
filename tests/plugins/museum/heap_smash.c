/* It writes far past the end of a block. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    char *volatile block = malloc(40);
    for (int i = 0; i < 40 + 64; i++)
        ((volatile char *)block)[i] = 'x';
    free(block);
    void *more = malloc(40);
    free(more);
    return good(call);
}

EXHIBIT;
