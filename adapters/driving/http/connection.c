/* Connections: their deadlines, and the ends that the library does not see. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/http/server.h"

/* ---- life ---- */

struct connection *connection_new(struct server *s, const struct accepted *what)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    *c = (struct connection){.server = s,
                             .fd = what->fd,
                             .local = what->local,
                             .ended = what->ended,
                             .lease = what->lease,
                             .deadline = {.kind = DEADLINE_NONE},
                             .next = s->connections};
    if (c->next)
        c->next->before = c;
    s->connections = c;
    s->connection_count++;
    s->counters.connections++;
    return c;
}

/* Closed now, the kernel would throw away what was answered. */
static bool has_unread(const struct connection *c)
{
    char byte;
    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void watch_closed(uv_handle_t *handle)
{
    server_handle_closed(handle);
    free(handle);
}

static void unlink_connection(struct connection *c)
{
    if (c->next)
        c->next->before = c->before;
    if (c->before)
        c->before->next = c->next;
    else
        c->server->connections = c->next;
}

void connection_closed(struct connection *c)
{
    struct server *s = c->server;
    if (c->kept.user && c->kept.closed)
        c->kept.closed(c->kept.user);
    if (c->watch) {
        c->watch->data = s;
        uv_close((uv_handle_t *)c->watch, watch_closed);
    }
    if (c->inquiry)
        c->inquiry->connection = NULL;
    if (!s->closing && !c->dying && (c->linger || has_unread(c)))
        linger_start(s, dup(c->fd));
    deadline_clear(&s->deadlines, &c->deadline);
    client_unref(&s->clients, c->client);
    unlink_connection(c);
    s->connection_count--;
    if (c->ended)
        c->ended(c->lease);
    buffer_clear(&c->exchange.target);
    free(c);
    drain_look(s);
}

/* ---- waiting ---- */

static void on_watch(uv_poll_t *watch, int status, int events)
{
    struct connection *c = watch->data;
    (void)status;
    (void)events;
    uv_poll_stop(watch);
    c->watching = false;
    if (c->suspended)
        connection_abort(c);
}

/* A client that sends no more while its answer is being made is taken for gone: for MCP that is how
 * a call is given up. The library does not look at a suspended connection. The watch goes on when it
 * is resumed, as starting it costs system calls; then the library sees the end itself. */
static void start_watch(struct connection *c)
{
    struct server *s = c->server;
    if (!c->watch) {
        uv_poll_t *watch = malloc(sizeof(*watch));
        if (!watch || uv_poll_init(s->parts.loop, watch, c->fd)) {
            free(watch);
            return;
        }
        s->open_handles++;
        watch->data = c;
        c->watch = watch;
    }
    if (!c->watching)
        c->watching = !uv_poll_start(c->watch, UV_DISCONNECT, on_watch);
}

void connection_suspend(struct connection *c)
{
    c->suspended = true;
    deadline_clear(&c->server->deadlines, &c->deadline);
    MHD_suspend_connection(c->mhd);
    start_watch(c);
}

void connection_resume(struct connection *c)
{
    if (!c->suspended)
        return;
    c->suspended = false;
    MHD_resume_connection(c->mhd);
    server_wake(c->server);
}

/* ---- ends ---- */

void connection_abort(struct connection *c)
{
    if (c->dying)
        return;
    c->dying = true;
    deadline_clear(&c->server->deadlines, &c->deadline);
    shutdown(c->fd, SHUT_RDWR);
    if (c->inquiry)
        c->inquiry->connection = NULL;
    c->inquiry = NULL;
    connection_resume(c);
}

void connection_say(int fd, int status, const char *phrase, const char *message)
{
    char head[256];
    struct buffer body = BUFFER_INIT, whole = BUFFER_INIT;
    refusal_body(status, message, &body);
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n%s\r\n",
                       status, phrase, body.len, status == 503 ? "Retry-After: 1\r\n" : "");
    buffer_add(&whole, head, (size_t)len);
    buffer_add_str(&whole, buffer_str(&body));
    /* It fits into the empty buffer of the socket, or the client does not read. */
    if (!buffer_failed(&whole) &&
        send(fd, whole.data, whole.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        errno = 0;
    buffer_clear(&body);
    buffer_clear(&whole);
}

/* ---- deadlines ---- */

static void on_timer(uv_timer_t *timer);

static void arm(struct server *s, uint64_t at_ms)
{
    uint64_t now = uv_now(s->parts.loop);
    uv_timer_start(&s->timer, on_timer, at_ms > now ? at_ms - now : 0, 0);
    s->timer_at_ms = at_ms;
}

void connection_deadline(struct connection *c, enum deadline_kind kind)
{
    struct server *s = c->server;
    if (c->dying)
        return;
    uint64_t at = deadline_set(&s->deadlines, &c->deadline, kind, uv_now(s->parts.loop));
    if (!uv_is_active((uv_handle_t *)&s->timer) || at < s->timer_at_ms)
        arm(s, at);
}

static void on_deadline(struct connection *c)
{
    enum deadline_kind kind = c->deadline.kind;
    c->server->counters.timeouts++;
    if (kind == DEADLINE_HEAD)
        connection_say(c->fd, 408, "Request Timeout",
                       "The head of the request took too long (http.header_ms).");
    else if (kind == DEADLINE_BODY)
        connection_say(c->fd, 408, "Request Timeout",
                       "Nothing more of the body came in time (http.body_idle_ms).");
    connection_abort(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct server *s = timer->data;
    struct deadline *d;
    uint64_t now = uv_now(s->parts.loop);
    while ((d = deadline_over(&s->deadlines, now)))
        on_deadline((struct connection *)((char *)d - offsetof(struct connection, deadline)));
    uint64_t next = deadline_next(&s->deadlines);
    if (next != UINT64_MAX)
        arm(s, next);
}
