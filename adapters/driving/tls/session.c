#include <stdlib.h>
#include <unistd.h>

#include "adapters/driving/tls/inside.h"

/* When nobody is left behind us: how long the client may take nothing of the last bytes, and how
 * long it may take for all of them. */
#define LINGER_STEP_MS 2000u
#define LINGER_MS 30000u

static void on_net(uv_poll_t *handle, int status, int events)
{
    struct session *s = handle->data;
    (void)events;
    if (status < 0)
        s->net_dead = true;
    else if (s->handshaken)
        pump(s);
    else
        handshake_step(s);
    session_update(s);
}

static void on_app(uv_poll_t *handle, int status, int events)
{
    struct session *s = handle->data;
    if (status < 0)
        s->app_eof = s->app_gone = true;
    else if (events & UV_PRIORITIZED)
        s->app_gone = true;
    pump(s);
    session_update(s);
}

static void wait_for(uv_poll_t *poll, int *events, int wanted, uv_poll_cb on_event)
{
    if (wanted == *events)
        return;
    *events = wanted;
    if (wanted)
        uv_poll_start(poll, wanted, on_event);
    else
        uv_poll_stop(poll);
}

static bool waits(const struct rest *rest)
{
    return rest->at < rest->len;
}

static void on_linger(uv_timer_t *timer)
{
    struct session *s = timer->data;
    if (s->moved == s->moved_before || uv_now(timer->loop) >= s->linger_until)
        session_end(s);
    s->moved_before = s->moved;
}

static void begin_linger(struct session *s)
{
    if (s->linger_until)
        return;
    s->linger_until = uv_now(s->tls->options.loop) + LINGER_MS;
    s->moved_before = s->moved;
    uv_timer_start(&s->timer, on_linger, LINGER_STEP_MS, LINGER_STEP_MS);
}

static bool is_over(const struct session *s)
{
    return s->net_dead || (s->net_shut && s->net_eof);
}

void session_update(struct session *s)
{
    if (s->closing)
        return;
    if (is_over(s)) {
        session_end(s);
        return;
    }
    if (!s->handshaken) {
        wait_for(&s->net_poll, &s->net_events, s->read_wants_write ? UV_WRITABLE : UV_READABLE,
                 on_net);
        return;
    }
    if (s->app_gone)
        begin_linger(s);
    int net = 0, app = 0;
    if ((!s->net_eof && !waits(&s->to_app)) || s->write_wants_read)
        net |= UV_READABLE;
    if ((waits(&s->to_net) && !s->write_wants_read) || s->read_wants_write)
        net |= UV_WRITABLE;
    if (!s->app_eof && !waits(&s->to_net))
        app |= UV_READABLE;
    if (waits(&s->to_app) && !s->app_gone)
        app |= UV_WRITABLE;
    /* A hangup is told with whatever is asked for, and nobody sends urgent data here. */
    if (!s->app_gone && !(app & UV_READABLE))
        app |= UV_PRIORITIZED;
    wait_for(&s->net_poll, &s->net_events, net, on_net);
    wait_for(&s->app_poll, &s->app_events, app, on_app);
}

static void on_handshake_late(uv_timer_t *timer)
{
    session_end(timer->data);
}

static void free_when_closed(uv_handle_t *handle)
{
    struct session *s = handle->data;
    if (--s->handles == 0)
        free(s);
}

static void leave(struct session *s)
{
    if (s->before)
        s->before->next = s->next;
    else
        s->tls->sessions = s->next;
    if (s->next)
        s->next->before = s->before;
    s->tls->facts.sessions--;
}

void session_end(struct session *s)
{
    if (s->closing)
        return;
    s->closing = true;
    leave(s);
    uv_close((uv_handle_t *)&s->net_poll, free_when_closed);
    uv_close((uv_handle_t *)&s->timer, free_when_closed);
    if (s->app >= 0) {
        uv_close((uv_handle_t *)&s->app_poll, free_when_closed);
        close(s->app);
    }
    SSL_free(s->ssl);
    close(s->net);
    free(s->to_app.data);
    free(s->to_net.data);
    if (!s->handshaken) {
        s->tls->facts.failures++;
        s->done(s->arg, -1);
    }
    s->ended(s->arg);
}

static struct session *session_new(struct tls *tls, int fd)
{
    struct session *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->ssl = SSL_new(tls->certificate.context);
    if (!s->ssl || SSL_set_fd(s->ssl, fd) != 1 ||
        uv_poll_init(tls->options.loop, &s->net_poll, fd)) {
        SSL_free(s->ssl);
        free(s);
        return NULL;
    }
    s->tls = tls;
    s->net = fd;
    s->app = -1;
    uv_timer_init(tls->options.loop, &s->timer);
    s->handles = 2;
    s->net_poll.data = s->timer.data = s;
    return s;
}

void session_start(struct tls *tls, int fd, void (*done)(void *arg, int fd),
                   void (*ended)(void *arg), void *arg)
{
    struct session *s = session_new(tls, fd);
    if (!s) {
        tls->facts.failures++;
        close(fd);
        done(arg, -1);
        ended(arg);
        return;
    }
    s->done = done;
    s->ended = ended;
    s->arg = arg;
    s->next = tls->sessions;
    if (s->next)
        s->next->before = s;
    tls->sessions = s;
    tls->facts.sessions++;
    uv_timer_start(&s->timer, on_handshake_late, tls->options.handshake_ms, 0);
    session_update(s);
}
