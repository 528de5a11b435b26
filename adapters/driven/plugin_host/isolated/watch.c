#include "adapters/driven/plugin_host/isolated/watch.h"

#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

struct watch {
    uv_poll_t poll;
    int fd;
    void (*ready)(void *arg);
    void *arg;
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct watch *w = handle->data;
    (void)status; /* an error shows when it is read */
    (void)events;
    w->ready(w->arg);
}

int watch_new(struct uv_loop_s *loop, int fd, void (*ready)(void *arg), void *arg,
              struct watch **out, struct error *err)
{
    struct watch *w = malloc(sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = uv_poll_init(loop, &w->poll, fd);
    if (rc) {
        free(w);
        return error_set(err, ST_UNAVAILABLE, "cannot watch a descriptor: %s", uv_strerror(rc));
    }
    w->poll.data = w;
    w->fd = fd;
    w->ready = ready;
    w->arg = arg;
    uv_poll_start(&w->poll, UV_READABLE, on_poll);
    *out = w;
    return ST_OK;
}

int watch_fd(const struct watch *w)
{
    return w->fd;
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;
    close(w->fd);
    free(w);
}

void watch_free(struct watch *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->poll, on_closed);
}
