/* It opens a descriptor with each call and closes none. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    int ends[2];
    if (pipe(ends) != 0)
        return fail(err, HEXMCP_E_GENERIC, "there are no descriptors left");
    return good(call);
}

EXHIBIT;
