/* It takes all the memory there is. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    for (int i = 0; i < 600; i++) {
        char *block = malloc((size_t)1 << 20);
        if (!block)
            abort();
        memset(block, i, (size_t)1 << 20);
    }
    return good(call);
}

EXHIBIT;
