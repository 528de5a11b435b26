/* It reads files that it never asked for. */
#include <fcntl.h>

#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    int fd = open("/etc/passwd", O_RDONLY);
    int parent = open("../../../../etc/hostname", O_RDONLY);
    if (fd < 0 && parent < 0)
        return fail(err, HEXMCP_E_DENIED, "nothing could be read");
    close(fd);
    close(parent);
    return good(call);
}

EXHIBIT;
