#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

static void polled(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    (void)status; /* reading or writing tells what is wrong */
    (void)events;
    w->ready(w->arg);
}

struct watch *process_watch_new(uv_loop_t *loop, int fd, void (*ready)(void *arg), void *arg)
{
    struct watch *w = calloc(1, sizeof(*w));
    if (!w || uv_poll_init(loop, &w->poll, fd)) {
        free(w);
        return NULL;
    }
    w->poll.data = w;
    w->fd = fd;
    w->ready = ready;
    w->arg = arg;
    return w;
}

void process_watch_set(struct watch *w, int events)
{
    if (events)
        uv_poll_start(&w->poll, events, polled);
    else
        uv_poll_stop(&w->poll);
}

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

void process_watch_close(struct watch *w)
{
    if (!w)
        return;
    uv_poll_stop(&w->poll);
    close(w->fd);
    uv_close((uv_handle_t *)&w->poll, closed);
}
