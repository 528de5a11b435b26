/* It opens a connection that it never asked for. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return fail(err, HEXMCP_E_DENIED, "no socket could be opened");
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        (void)errno;
    close(fd);
    return good(call);
}

EXHIBIT;
