/* It logs without end. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    hexmcp_str text = {"nothing happened", 16};
    for (int i = 0; i < 50000; i++)
        the_host->log(the_host->ctx, call, HEXMCP_LOG_DEBUG, text);
    return good(call);
}

EXHIBIT;
