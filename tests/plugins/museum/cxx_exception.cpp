/* It lets a C++ exception leave its call. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    if (call)
        throw 42;
    return HEXMCP_OK;
}

EXHIBIT;
