/* Closing a connection whose client still sends: closed at once, the kernel would throw away the
 * answer that is on its way. So it is read for a while, and what comes is thrown away. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/http/server.h"

#define LINGER_MS 2000u
#define LINGER_COUNT_MAX 64u

struct farewell {
    uv_poll_t poll;
    uv_timer_t timer;
    struct server *server;
    int fd;
    unsigned handles;
    struct farewell *next, *before;
};

static void on_closed(uv_handle_t *handle)
{
    struct farewell *l = handle->data;
    handle->data = l->server;
    server_handle_closed(handle);
    if (--l->handles == 0) {
        close(l->fd);
        free(l);
    }
}

static void linger_end(struct farewell *l)
{
    struct server *s = l->server;
    if (l->next)
        l->next->before = l->before;
    if (l->before)
        l->before->next = l->next;
    else
        s->lingering = l->next;
    s->lingering_count--;
    uv_close((uv_handle_t *)&l->poll, on_closed);
    uv_close((uv_handle_t *)&l->timer, on_closed);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct farewell *l = poll->data;
    char away[16384];
    (void)events;
    if (status < 0 || recv(l->fd, away, sizeof(away), MSG_DONTWAIT) <= 0)
        linger_end(l);
}

static void on_timer(uv_timer_t *timer)
{
    linger_end(timer->data);
}

void linger_start(struct server *s, int fd)
{
    struct farewell *l = NULL;
    if (fd < 0)
        return;
    if (s->lingering_count < LINGER_COUNT_MAX)
        l = calloc(1, sizeof(*l));
    if (!l || uv_poll_init(s->parts.loop, &l->poll, fd)) {
        close(fd);
        free(l);
        return;
    }
    shutdown(fd, SHUT_WR);
    uv_timer_init(s->parts.loop, &l->timer);
    l->server = s;
    l->fd = fd;
    l->handles = 2;
    s->open_handles += 2;
    l->poll.data = l->timer.data = l;
    l->next = s->lingering;
    if (l->next)
        l->next->before = l;
    s->lingering = l;
    s->lingering_count++;
    uv_poll_start(&l->poll, UV_READABLE, on_readable);
    uv_timer_start(&l->timer, on_timer, LINGER_MS, 0);
}

void linger_end_all(struct server *s)
{
    while (s->lingering)
        linger_end(s->lingering);
}
