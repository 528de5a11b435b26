/* It closes every descriptor of the process. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
    return good(call);
}

EXHIBIT;
