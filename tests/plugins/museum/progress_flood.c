/* It reports progress without end. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    hexmcp_str message = {"on and on", 9};
    for (int i = 0; i < 200000; i++)
        the_host->progress(the_host->ctx, call, i, 0, message);
    return good(call);
}

EXHIBIT;
