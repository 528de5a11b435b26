/* Its error text has no end. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    (void)call;
    memset(err->text, 'x', sizeof(err->text));
    return HEXMCP_E_INVALID;
}

EXHIBIT;
