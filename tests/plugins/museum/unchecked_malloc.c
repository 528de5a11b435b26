/* It takes for granted that there is memory. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    char *block = malloc(100);
    block[0] = 'x';
    free(block);
    return good(call);
}

EXHIBIT;
