/* It completes its call twice. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    good(call);
    good(call);
    return HEXMCP_OK;
}

EXHIBIT;
