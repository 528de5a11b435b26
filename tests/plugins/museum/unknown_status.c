/* It returns a status that there is not. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    good(call);
    return 42;
}

EXHIBIT;
