/*
 * The parent process is whoever launched the server. Its death is a hangup: a launcher that is
 * killed leaves pipes open in its other children, so that no end of file would ever come.
 *
 * A pidfd is exact. PR_SET_PDEATHSIG is not used: it fires when the thread that started us ends.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

#define POLL_MS 1000u

static void on_parent_ended(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    uv_poll_stop(handle);
    ending_now(handle->data);
}

static void on_parent_timer(uv_timer_t *handle)
{
    struct wire *w = handle->data;
    if (getppid() == w->options.ends.parent)
        return;
    uv_timer_stop(handle);
    ending_now(w);
}

static bool watch_pidfd(struct wire *w)
{
    w->parent_fd = (int)syscall(SYS_pidfd_open, w->options.ends.parent, 0);
    if (w->parent_fd < 0)
        return false;
    if (uv_poll_init(w->uv, &w->parent_poll, w->parent_fd)) {
        close(w->parent_fd);
        w->parent_fd = -1;
        return false;
    }
    w->parent_poll.data = w;
    uv_poll_start(&w->parent_poll, UV_READABLE, on_parent_ended);
    return true;
}

void parent_watch(struct wire *w)
{
    w->parent_fd = -1;
    uv_timer_init(w->uv, &w->parent_timer);
    w->parent_timer.data = w;
    /* 0: the parent is outside of our PID namespace. */
    if (!w->options.watch_parent || w->options.ends.parent == 0)
        return;
    /* It may have ended before or between the two calls, and its number may be somebody else's now:
     * then the first tick sees it. */
    if (!watch_pidfd(w) || getppid() != w->options.ends.parent)
        uv_timer_start(&w->parent_timer, on_parent_timer, 0, POLL_MS);
}

void parent_close(struct wire *w)
{
    uv_close((uv_handle_t *)&w->parent_timer, NULL);
    if (w->parent_fd < 0)
        return;
    uv_close((uv_handle_t *)&w->parent_poll, NULL);
    close(w->parent_fd);
}
