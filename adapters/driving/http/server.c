/* The module's entry, and the library on the loop. */
#include "adapters/driving/http/server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driven/module/export.h"

/* How often in a row the library may work before others have their turn. */
#define ROUNDS_MAX 16

/* How long to wait for a library that says that it has work and does none. */
#define PACE_MS 20u

/* Above our own limit, whose connections get an answer. */
#define CONNECTIONS_SPARE 64u

MODULE_DEFINE_BUILD_ID();

/* ---- what the library calls ---- */

static struct connection *connection_from(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void *on_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct server *s = cls;
    s->progress++;
    exchange_line(connection_from(mhd), uri);
    return NULL;
}

static enum MHD_Result on_step(void *cls, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *len, void **context)
{
    struct server *s = cls;
    (void)url;
    (void)context;
    s->progress++;
    return exchange_step(connection_from(mhd), method, version, data, len);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode how)
{
    struct server *s = cls;
    (void)context;
    (void)how;
    s->progress++;
    exchange_end(connection_from(mhd));
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *s = cls;
    s->progress++;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = s->adopting;
        s->adopting->mhd = mhd;
        s->adopting = NULL;
    } else {
        connection_closed(*context);
    }
}

/* Paths are decoded by us, once. */
static size_t leave_escaped(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* ---- the library on the loop ---- */

static void on_again(uv_idle_t *idle)
{
    server_pump(idle->data);
}

static void on_pace(uv_timer_t *timer)
{
    server_pump(timer->data);
}

/* Lets the library work; true if it has more to do. *idle tells that it called nothing all the
 * time: a single round may well be spent on writing. */
static bool run(struct server *s, bool *idle)
{
    MHD_UNSIGNED_LONG_LONG wait;
    uint64_t before = s->progress;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        s->resumed = false;
        MHD_run(s->daemon);
        if (!s->resumed && (MHD_get_timeout(s->daemon, &wait) != MHD_YES || wait))
            return false;
    }
    *idle = s->progress == before;
    return true;
}

void server_pump(struct server *s)
{
    bool idle = false;
    if (s->pumping || s->closing)
        return;
    s->pumping = true;
    bool more = run(s, &idle);
    s->pumping = false;
    if (more && !idle)
        uv_idle_start(&s->again, on_again);
    else
        uv_idle_stop(&s->again);
    /* A client can make the library wait for bytes in a way that looks like work. */
    if (more && idle)
        uv_timer_start(&s->pace, on_pace, PACE_MS, 0);
}

void server_wake(struct server *s)
{
    s->resumed = true;
    if (!s->pumping && !s->closing)
        uv_idle_start(&s->again, on_again);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    server_pump(poll->data);
}

/* ---- what the program calls ---- */

static void give_back(const struct accepted *what)
{
    if (what->ended)
        what->ended(what->lease);
}

static void take(void *ctx, const struct accepted *what)
{
    struct server *s = ctx;
    /* The library wants an address and has no use for it. */
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    if (s->connection_count >= s->options.limits.max_connections || s->draining) {
        s->counters.refused_connections++;
        connection_say(what->fd, 503, "Service Unavailable",
                       s->draining ? "The server is going away; ask again soon."
                                   : "The server has too many connections; ask again soon "
                                     "(listen.max_connections).");
        linger_start(s, what->fd);
        give_back(what);
        return;
    }
    struct connection *c = connection_new(s, what);
    if (!c) {
        close(what->fd);
        give_back(what);
        return;
    }
    s->adopting = c;
    if (MHD_add_connection(s->daemon, what->fd, &nobody, sizeof(nobody)) == MHD_YES)
        connection_deadline(c, DEADLINE_HEAD);
    else if (s->adopting)
        connection_closed(c);
    s->adopting = NULL;
}

static void facts(void *ctx, struct http_facts *out)
{
    const struct server *s = ctx;
    *out = (struct http_facts){.connections = s->connection_count,
                               .exchanges = s->exchange_count,
                               .streams = s->stream_count,
                               .held_bytes = s->held_bytes,
                               .queued_bytes = s->queued_bytes,
                               .requests = s->counters.requests,
                               .draining = s->draining};
}

static void drain(void *ctx, uint64_t drain_ms, void (*drained)(void *user), void *user)
{
    drain_begin(ctx, drain_ms, drained, user);
}

void server_handle_closed(uv_handle_t *handle)
{
    struct server *s = handle->data;
    if (--s->open_handles || !s->closing)
        return;
    counters_clear(&s->counters);
    str_index_clear(&s->clients.index);
    free(s);
}

static void free_server(void *ctx)
{
    struct server *s = ctx;
    s->closing = true;
    for (struct connection *c = s->connections; c; c = c->next)
        connection_abort(c);
    MHD_stop_daemon(s->daemon);
    linger_end_all(s);
    uv_close((uv_handle_t *)&s->poll, server_handle_closed);
    uv_close((uv_handle_t *)&s->again, server_handle_closed);
    uv_close((uv_handle_t *)&s->pace, server_handle_closed);
    uv_close((uv_handle_t *)&s->timer, server_handle_closed);
    uv_close((uv_handle_t *)&s->drain_timer, server_handle_closed);
}

/* ---- the start ---- */

static int start_library(struct server *s, struct error *err)
{
    const struct http_limits *l = &s->options.limits;
    /* The library keeps in this the head, an index of its headers, and the answer's head. With the
     * default limit it is 32 KiB, the most that the library takes by malloc. */
    size_t memory = l->max_header_bytes + l->max_header_bytes / 2 + HEADERS_MAX * 64;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_step, s, MHD_OPTION_URI_LOG_CALLBACK, on_line, s, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, s, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(l->max_connections + CONNECTIONS_SPARE), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        memory, MHD_OPTION_END);
    if (!s->daemon)
        return error_set(err, ST_UNAVAILABLE, "libmicrohttpd cannot be started");
    return ST_OK;
}

static int join_loop(struct server *s, struct error *err)
{
    int fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    int rc = uv_poll_init(s->parts.loop, &s->poll, fd);
    if (rc)
        return error_set(err, ST_UNAVAILABLE, "the loop cannot watch libmicrohttpd: %s",
                         uv_strerror(rc));
    uv_idle_init(s->parts.loop, &s->again);
    uv_timer_init(s->parts.loop, &s->pace);
    uv_timer_init(s->parts.loop, &s->timer);
    uv_timer_init(s->parts.loop, &s->drain_timer);
    s->poll.data = s->again.data = s->pace.data = s->timer.data = s->drain_timer.data = s;
    s->open_handles = 5;
    uv_poll_start(&s->poll, UV_READABLE, on_readable);
    return ST_OK;
}

static void set_deadlines(struct server *s)
{
    const struct http_limits *l = &s->options.limits;
    s->deadlines.length_ms[DEADLINE_HEAD] = l->header_ms;
    s->deadlines.length_ms[DEADLINE_IDLE] = l->keep_alive_ms;
    s->deadlines.length_ms[DEADLINE_BODY] = l->body_idle_ms;
    s->deadlines.length_ms[DEADLINE_WRITE] = l->write_idle_ms;
}

MODULE_EXPORT int hexmcp_module_entry(const struct http_options *options,
                                      const struct http_parts *parts, struct http_wire *out,
                                      struct error *err);
int hexmcp_module_entry(const struct http_options *options, const struct http_parts *parts,
                        struct http_wire *out, struct error *err)
{
    struct server *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->options = *options;
    s->parts = *parts;
    set_deadlines(s);
    own_routes_fill(s);
    int rc = start_library(s, err);
    if (!rc && (rc = join_loop(s, err)))
        MHD_stop_daemon(s->daemon);
    if (rc) {
        free(s);
        return rc;
    }
    *out = (struct http_wire){
        .ctx = s, .taker = {s, take}, .facts = facts, .drain = drain, .free = free_server};
    return ST_OK;
}
