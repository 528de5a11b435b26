#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/listener/inside.h"

#define DISCARD_BYTES 4096

/* Closing with bytes unread would reset the connection and take the answer with it. What comes later
 * is not waited for: then the client may see no more than the end. */
static void discard_input(int fd)
{
    char bytes[DISCARD_BYTES];
    for (int i = 0; i < 16; i++)
        if (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
            return;
}

void refuse(int fd, bool local, const char *status, const char *why)
{
    char body[256], answer[512];
    int len;
    if (local) {
        len = snprintf(answer, sizeof(answer), CONNECT_WORD "1 {\"error\":\"%s\"}\n", why);
    } else {
        int body_len = snprintf(body, sizeof(body),
                                "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"%s\"}}",
                                why);
        len = snprintf(answer, sizeof(answer),
                       "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                       "Connection: close\r\n\r\n%s",
                       status, body_len, body);
    }
    discard_input(fd);
    send(fd, answer, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    discard_input(fd);
    close(fd);
}
