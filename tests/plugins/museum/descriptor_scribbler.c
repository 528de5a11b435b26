/* It writes to every descriptor of the process. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    for (int fd = 1; fd < 256; fd++)
        if (write(fd, "garbage\n", 8) < 0)
            continue;
    return good(call);
}

EXHIBIT;
