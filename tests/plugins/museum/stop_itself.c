/* It stops its own process. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    raise(SIGSTOP);
    return good(call);
}

EXHIBIT;
