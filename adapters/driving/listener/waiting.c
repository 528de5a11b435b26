#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/listener/inside.h"
#include "core/base/str.h"

/* How soon a socket is looked at again that cannot tell when more has come. */
#define LOOK_AGAIN_MS 10u
#define LOOK_AGAIN_MAX_MS 160u

struct waiting {
    struct guest *guest;
    uv_poll_t poll;
    uv_timer_t timer;
    int handles; /* open ones */
    int fd;
    size_t seen;       /* bytes that did not tell */
    uint64_t deadline; /* of the loop's clock */
    uint64_t look_again_ms;
};

static void free_when_closed(uv_handle_t *handle)
{
    struct waiting *w = handle->data;
    if (--w->handles == 0)
        free(w);
}

/* The socket is readable with at least that many bytes. */
static bool set_least(int fd, size_t bytes)
{
    int least = (int)bytes;
    return setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)) == 0;
}

/* Gives up the descriptor and ends the waiting, not the guest. */
static int release(struct waiting *w)
{
    w->guest->waiting = NULL;
    w->guest->listener->facts.waiting--;
    uv_close((uv_handle_t *)&w->poll, free_when_closed);
    uv_close((uv_handle_t *)&w->timer, free_when_closed);
    if (w->seen)
        set_least(w->fd, 1);
    return w->fd;
}

void waiting_end(struct waiting *w)
{
    close(release(w));
}

/* With TLS the guest ends with the outer connection. */
static void ended_with_tls(void *lease)
{
    (void)lease;
}

static void ended(void *lease)
{
    guest_end(lease);
}

static void guest_closed(struct guest *guest)
{
    if (!guest->secure)
        guest_end(guest);
}

static const struct connection_taker *taker_of(const struct listener_options *options,
                                               enum first_bytes told)
{
    const struct connection_taker *taker = told == FIRST_BYTES_WEBSOCKET ? options->websocket
                                           : told == FIRST_BYTES_LINES   ? options->lines
                                                                         : NULL;
    return taker ? taker : options->http;
}

static void hand_on(struct guest *guest, int fd, enum first_bytes told)
{
    const struct connection_taker *taker = taker_of(&guest->listener->options, told);
    struct accepted what = {
        .fd = fd,
        .local = guest->local,
        .secure = guest->secure,
        .address = guest->address ? str_from(guest->address->address) : (struct str){NULL, 0},
        .uid = guest->uid,
        .pid = guest->pid,
        .ended = guest->secure ? ended_with_tls : ended,
        .lease = guest->secure ? NULL : guest,
    };
    taker->take(taker->ctx, &what);
}

static bool has_ended(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};
    return poll(&p, 1, 0) > 0;
}

enum look { LOOK_WAIT, LOOK_CLOSED, LOOK_TOLD };

/* Looks at what is there. *seen is how much; *told is only set with LOOK_TOLD. */
static enum look look(struct guest *guest, int fd, size_t *seen, enum first_bytes *told)
{
    char *bytes = guest->listener->peeked;
    ssize_t got;
    do
        got = recv(fd, bytes, FIRST_BYTES_MAX, MSG_PEEK | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
        return LOOK_CLOSED;
    *seen = got > 0 ? (size_t)got : 0;
    *told = first_bytes_tell((struct str){bytes, *seen}, guest->local);
    if (*told == FIRST_BYTES_MORE && *seen && has_ended(fd))
        *told = FIRST_BYTES_HTTP;
    return *told == FIRST_BYTES_MORE ? LOOK_WAIT : LOOK_TOLD;
}

static void on_event(uv_poll_t *handle, int status, int events);

static void set_timer(struct waiting *w, uint64_t wait_ms);

/*
 * What was looked at stays in the socket, so that the poll would come back at once. TCP can be told
 * to wait for more; where that has no effect (Unix sockets) we come back ourselves.
 */
static void wait_for_more(struct waiting *w, size_t seen, bool came_again)
{
    bool new_bytes = seen > w->seen;
    bool blind = w->guest->local || w->guest->secure || (came_again && !new_bytes);
    w->seen = seen;
    if (seen == 0 || (!blind && set_least(w->fd, seen + 1))) {
        uv_poll_start(&w->poll, UV_READABLE, on_event);
        set_timer(w, w->guest->listener->options.first_bytes_ms);
        return;
    }
    uv_poll_stop(&w->poll);
    w->look_again_ms = new_bytes                                 ? LOOK_AGAIN_MS
                       : w->look_again_ms < LOOK_AGAIN_MAX_MS ? 2 * w->look_again_ms
                                                                 : w->look_again_ms;
    set_timer(w, w->look_again_ms);
}

static void look_again(struct waiting *w)
{
    struct guest *guest = w->guest;
    enum first_bytes told;
    size_t seen;
    switch (look(guest, w->fd, &seen, &told)) {
    case LOOK_WAIT:
        wait_for_more(w, seen, true);
        break;
    case LOOK_CLOSED:
        close(release(w));
        guest_closed(guest);
        break;
    case LOOK_TOLD:
        hand_on(guest, release(w), told);
        break;
    }
}

static void on_event(uv_poll_t *handle, int status, int events)
{
    (void)status; /* an error shows when looking */
    (void)events;
    look_again(handle->data);
}

static void be_late(struct waiting *w)
{
    struct guest *guest = w->guest;
    int fd = release(w);
    if (w->seen)
        refuse(fd, guest->local, "408 Request Timeout",
               "the request did not come in time; send its headers at once "
               "(setting listen.first_bytes_ms)");
    else
        close(fd);
    guest_closed(guest);
}

static void on_timer(uv_timer_t *timer)
{
    struct waiting *w = timer->data;
    if (uv_now(timer->loop) >= w->deadline)
        be_late(w);
    else
        look_again(w);
}

static void set_timer(struct waiting *w, uint64_t wait_ms)
{
    uint64_t now = uv_now(w->timer.loop);
    uint64_t left = w->deadline > now ? w->deadline - now : 0;
    uv_timer_start(&w->timer, on_timer, wait_ms < left ? wait_ms : left, 0);
}

static struct waiting *waiting_new(struct guest *guest, int fd)
{
    uv_loop_t *uv = guest->listener->uv;
    struct waiting *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->guest = guest;
    w->fd = fd;
    w->deadline = uv_now(uv) + guest->listener->options.first_bytes_ms;
    if (uv_poll_init(uv, &w->poll, fd)) {
        free(w);
        return NULL;
    }
    uv_timer_init(uv, &w->timer);
    w->handles = 2;
    w->poll.data = w->timer.data = w;
    return w;
}

void waiting_start(struct guest *guest, int fd)
{
    enum first_bytes told;
    size_t seen;
    enum look now = look(guest, fd, &seen, &told);
    if (now == LOOK_TOLD) {
        hand_on(guest, fd, told);
        return;
    }
    struct waiting *w = now == LOOK_WAIT ? waiting_new(guest, fd) : NULL;
    if (!w) {
        close(fd);
        guest_closed(guest);
        return;
    }
    guest->waiting = w;
    guest->listener->facts.waiting++;
    wait_for_more(w, seen, false);
}
