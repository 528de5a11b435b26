/* It completes its call and then returns an error. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    good(call);
    return fail(err, HEXMCP_E_INVALID, "too late");
}

EXHIBIT;
