#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/tls/inside.h"

#define PLAIN_ANSWER                                                                               \
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n"                \
    "Connection: close\r\n\r\nThis port speaks TLS: use https or wss.\n"

static void fail(struct session *s)
{
    unsigned long code = ERR_peek_error();
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST)
        send(s->net, PLAIN_ANSWER, sizeof(PLAIN_ANSWER) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    ERR_clear_error();
    s->net_dead = true;
}

/* The inner connection begins. */
static void succeed(struct session *s)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair)) {
        s->net_dead = true;
        return;
    }
    if (uv_poll_init(s->tls->options.loop, &s->app_poll, pair[0])) {
        close(pair[0]);
        close(pair[1]);
        s->net_dead = true;
        return;
    }
    s->app = pair[0];
    s->app_poll.data = s;
    s->handles++;
    s->handshaken = true;
    s->tls->facts.handshakes++;
    uv_timer_stop(&s->timer);
    s->done(s->arg, pair[1]);
}

void handshake_step(struct session *s)
{
    ERR_clear_error();
    int rc = SSL_accept(s->ssl);
    if (rc == 1) {
        succeed(s);
        return;
    }
    switch (SSL_get_error(s->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        s->read_wants_write = false;
        break;
    case SSL_ERROR_WANT_WRITE:
        s->read_wants_write = true;
        break;
    default:
        fail(s);
    }
}
