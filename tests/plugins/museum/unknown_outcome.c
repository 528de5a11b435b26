/* It completes its call with an outcome that there is not. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    finish(call, 77, GOOD_RESULT);
    return HEXMCP_OK;
}

EXHIBIT;
