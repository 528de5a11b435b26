/* It writes without end to standard error. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    for (int i = 0; i < 40000; i++)
        fputs("standard error is patient, but not that patient\n", stderr);
    return good(call);
}

EXHIBIT;
