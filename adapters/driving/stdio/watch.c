#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

/*
 * uv_poll_init sets O_NONBLOCK, which everybody who shares a socket would see. So libuv is shown an
 * eventfd first, and then the socket takes that descriptor's number. Returns the number or -1.
 */
static int init_untouched(uv_loop_t *uv, uv_poll_t *handle, int socket)
{
    int low = eventfd(0, EFD_CLOEXEC);
    int number = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, PRIVATE_FD);
    if (low >= 0)
        close(low);
    if (number < 0)
        return -1;
    if (uv_poll_init(uv, handle, number)) {
        close(number);
        return -1;
    }
    return dup3(socket, number, O_CLOEXEC);
}

int watch_init(struct watch *watch, struct wire *w, const struct wire_end *end, uv_poll_cb on_event,
               struct error *err)
{
    *watch = (struct watch){.own_fd = -1, .on_event = on_event};
    int rc = 0;
    if (end->kind == WIRE_SOCKET) {
        watch->own_fd = init_untouched(w->uv, &watch->handle, end->fd);
        rc = watch->own_fd < 0 ? uv_translate_sys_error(errno) : 0;
    } else if (end->kind == WIRE_STREAM) {
        rc = uv_poll_init(w->uv, &watch->handle, end->fd);
    }
    if (rc)
        return error_set(err, ST_UNAVAILABLE, "cannot wait for standard input or output: %s",
                         uv_strerror(rc));
    watch->handle.data = w;
    return ST_OK;
}

void watch_set(struct watch *watch, int events)
{
    if (events == watch->events || !watch->handle.loop)
        return;
    watch->events = events;
    if (events)
        uv_poll_start(&watch->handle, events, watch->on_event);
    else
        uv_poll_stop(&watch->handle);
}

bool watch_hung_up(struct watch *watch)
{
    struct pollfd p = {.fd = -1};
    uv_fileno((uv_handle_t *)&watch->handle, &p.fd);
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

void watch_close(struct watch *watch)
{
    if (!watch->handle.loop)
        return;
    uv_close((uv_handle_t *)&watch->handle, NULL);
    if (watch->own_fd >= 0)
        close(watch->own_fd);
}
