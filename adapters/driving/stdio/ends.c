#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/stdio/stdio.h"

ssize_t wire_end_read(const struct wire_end *end, char *to, size_t room)
{
    ssize_t got;
    do
        got = end->kind == WIRE_SOCKET ? recv(end->fd, to, room, MSG_DONTWAIT)
                                       : read(end->fd, to, room);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t wire_end_write(const struct wire_end *end, const char *from, size_t len)
{
    ssize_t wrote;
    do
        wrote = end->kind == WIRE_SOCKET ? send(end->fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                                         : write(end->fd, from, len);
    while (wrote < 0 && errno == EINTR);
    return wrote;
}
