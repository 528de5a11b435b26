/* Sockets that connect: one after the other, beside each other after a while. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/net/attempt.h"
#include "core/json/writer.h"

struct trial {
    uv_poll_t poll;
    struct trial *next;
    struct attempt *attempt;
    int fd;
    union address address;
};

static void free_trial(uv_handle_t *handle)
{
    free(handle->data);
}

/* Takes it out of its attempt; the descriptor goes to the caller. */
static int leave(struct trial *t)
{
    struct trial **at = &t->attempt->trials;
    int fd = t->fd;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    uv_close((uv_handle_t *)&t->poll, free_trial);
    return fd;
}

void trials_end(struct attempt *a)
{
    while (a->trials)
        close(leave(a->trials));
}

static void succeed(struct attempt *a, int fd, const union address *address)
{
    char name[INET6_ADDRSTRLEN] = "";
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    const void *bytes = address->any.sa_family == AF_INET ? (const void *)&address->four.sin_addr
                                                          : (const void *)&address->six.sin6_addr;
    inet_ntop(address->any.sa_family, bytes, name, sizeof(name));
    json_begin_object(&w);
    json_put_string(&w, STR("address"), str_from(name));
    json_put_i64(&w, STR("port"), a->port);
    json_end_object(&w);
    attempt_end(a, ST_OK, buffer_str(&text), fd);
    buffer_clear(&text);
}

static void begin_next(struct attempt *a);

static void failed(struct attempt *a, int number)
{
    struct error err;
    a->last_errno = number;
    if (a->trials)
        return;
    if (a->tried < a->addresses.count) {
        begin_next(a);
        return;
    }
    error_set(&err, ST_UNAVAILABLE, "%s:%u: no connection: %s", a->host, a->port,
              strerror(a->last_errno));
    attempt_fail(a, &err);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct trial *t = handle->data;
    struct attempt *a = t->attempt;
    union address address = t->address;
    int number = 0;
    socklen_t len = sizeof(number);
    (void)events;
    if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &number, &len))
        number = errno;
    /* libuv says EBADF of every socket that failed. */
    if (number == 0 && status < 0)
        number = -status;
    int fd = leave(t);
    if (number == 0) {
        succeed(a, fd, &address);
        return;
    }
    close(fd);
    failed(a, number);
}

/* Zero, or the errno. Takes over `fd`. */
static int watch(struct attempt *a, int fd, const union address *address)
{
    struct trial *t = calloc(1, sizeof(*t));
    int rc = t ? uv_poll_init(a->net->config.uv, &t->poll, fd) : UV_ENOMEM;
    if (rc) {
        free(t);
        close(fd);
        return -rc;
    }
    t->poll.data = t;
    t->fd = fd;
    t->address = *address;
    t->attempt = a;
    t->next = a->trials;
    a->trials = t;
    uv_poll_start(&t->poll, UV_WRITABLE, on_poll);
    return 0;
}

/* Zero, or the errno; *fd is -1 if the socket is watched. */
static int dial(struct attempt *a, const union address *address, int *fd)
{
    const int on = 1;
    const bool four = address->any.sa_family == AF_INET;
    *fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return errno;
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(*fd, &address->any, four ? sizeof(address->four) : sizeof(address->six)) == 0)
        return 0;
    int number = errno, pending = *fd;
    *fd = -1;
    if (number == EINPROGRESS)
        return watch(a, pending, address);
    close(pending);
    return number;
}

static void begin_next(struct attempt *a)
{
    const struct timer_port *timer = a->net->config.timer;
    const union address address = a->addresses.list[a->tried++];
    int fd, number;
    if (a->tried < a->addresses.count)
        timer->set(timer->ctx, a->stagger, NET_STAGGER_MS);
    number = dial(a, &address, &fd);
    if (number)
        failed(a, number);
    else if (fd >= 0)
        succeed(a, fd, &address);
}

void trials_begin(struct attempt *a)
{
    begin_next(a);
}

void trials_on_stagger(void *attempt)
{
    struct attempt *a = attempt;
    if (a->tried < a->addresses.count)
        begin_next(a);
}
