/* It returns success and has not completed its call. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    (void)call;
    return HEXMCP_OK;
}

EXHIBIT;
