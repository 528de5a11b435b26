/* Its result is JSON and nothing that clients know. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    finish(call, HEXMCP_RESULT, "{\"answer\":42}");
    return HEXMCP_OK;
}

EXHIBIT;
