/* It reads through a null pointer. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    return *(volatile int *)NULL ? good(call) : HEXMCP_OK;
}

EXHIBIT;
