/*
 * A server of routes on the real HTTP module, for its tests.
 *
 *   http_server MODULES [connections=N] [header=N] [body=N] [held=N] [queued=N] [in_flight=N]
 *               [header_ms=N] [body_ms=N] [idle_ms=N] [write_ms=N] [unix=PATH] [keys=1]
 *               [host=NAME] [origin=ORIGIN] [cors=ORIGIN] [drain_ms=N]
 *
 * It prints its port on one line, and "drained" before it ends by SIGTERM.
 *   POST /echo        the body
 *   GET  /later?MS    "later", MS later; counts those whose client went away
 *   GET  /big?N       N bytes
 *   GET  /stream?COUNT,SIZE,MS,DROP    COUNT events of SIZE bytes, MS between two, or in front of none; DROP: they may be
 *                     dropped, and the last event says how many were sent
 *   GET  /open        "open", without credentials
 *   GET  /tree/...    the path, the query and the caller
 *   GET  /facts       without credentials: figures as JSON
 *
 * With keys=1 credentials are "Bearer KEY": good, other (another caller), slow (answered later), late
 * (answered after a second), bad, poor (not enough), down (cannot be checked).
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/http/http.h"
#include "core/base/buffer.h"

struct server {
    struct loop *loop;
    struct http_wire wire;
    struct http_options options;
    struct origin_rules rules;
    uint16_t port;
    struct str host, origin, cors;
    const char *unix_path;
    bool keys;
    uint64_t drain_ms;
    size_t gone, connections_closed, handled, leases;
};

/* ---- answers ---- */

static void respond(struct http_request *r, int status, struct str body)
{
    const struct http_header plain = {STR("Content-Type"), STR("text/plain")};
    r->answer->respond(r->exchange, status, &plain, 1, body);
}

static void echo(void *ctx, struct http_request *r)
{
    ((struct server *)ctx)->handled++;
    respond(r, 200, (struct str){r->body, r->body_len});
}

static void big(void *ctx, struct http_request *r)
{
    (void)ctx;
    size_t len = strtoul(r->query.ptr, NULL, 10);
    char *text = malloc(len + 1);
    memset(text, 'b', len);
    respond(r, 200, (struct str){text, len});
    free(text);
}

static void connection_closed(void *user)
{
    ((struct server *)user)->connections_closed++;
}

static void tree(void *ctx, struct http_request *r)
{
    char text[600];
    r->connection->user = ctx;
    r->connection->closed = connection_closed;
    int len = snprintf(text, sizeof(text), "%.*s %.*s?%.*s by %.*s of %.*s", (int)r->method.len,
                       r->method.ptr, (int)r->path.len, r->path.ptr, (int)r->query.len,
                       r->query.ptr ? r->query.ptr : "", (int)r->caller->id.len, r->caller->id.ptr,
                       (int)r->caller->tenant.len, r->caller->tenant.ptr);
    respond(r, 200, (struct str){text, (size_t)len});
}

static void open_route(void *ctx, struct http_request *r)
{
    (void)ctx;
    respond(r, 200, STR("open"));
}

static void facts(void *ctx, struct http_request *r)
{
    struct server *s = ctx;
    struct http_facts f;
    struct rusage usage;
    char text[500];
    s->wire.facts(s->wire.ctx, &f);
    getrusage(RUSAGE_SELF, &usage);
    int len = snprintf(text, sizeof(text),
                       "{\"connections\":%zu,\"exchanges\":%zu,\"streams\":%zu,\"held\":%zu,"
                       "\"queued\":%zu,\"gone\":%zu,\"closed\":%zu,\"handled\":%zu,\"leases\":%zu,"
                       "\"cpu_ms\":%ld}",
                       f.connections, f.exchanges, f.streams, f.held_bytes, f.queued_bytes, s->gone,
                       s->connections_closed, s->handled, s->leases,
                       usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 +
                           usage.ru_stime.tv_sec * 1000 + usage.ru_stime.tv_usec / 1000);
    respond(r, 200, (struct str){text, (size_t)len});
}

/* ---- later ---- */

struct work {
    struct server *server;
    struct http_exchange *exchange;
    const struct http_answer *answer;
    struct timer *timer;
    unsigned long count, size, ms, sent, done;
    bool may_drop;
};

static void work_free(struct work *w)
{
    const struct timer_port *timers = loop_timers(w->server->loop);
    timers->free(timers->ctx, w->timer);
    free(w);
}

static void work_gone(void *user)
{
    struct work *w = user;
    w->server->gone++;
    work_free(w);
}

static struct work *work_new(struct server *s, struct http_request *r, void (*fire)(void *arg))
{
    struct work *w = calloc(1, sizeof(*w));
    const struct timer_port *timers = loop_timers(s->loop);
    *w = (struct work){.server = s, .exchange = r->exchange, .answer = r->answer};
    w->timer = timers->create(timers->ctx, fire, w);
    r->answer->watch(r->exchange, work_gone, w);
    return w;
}

static void later_fire(void *arg)
{
    struct work *w = arg;
    const struct http_header plain = {STR("Content-Type"), STR("text/plain")};
    w->answer->respond(w->exchange, 200, &plain, 1, STR("later"));
    work_free(w);
}

static void later(void *ctx, struct http_request *r)
{
    struct server *s = ctx;
    struct work *w = work_new(s, r, later_fire);
    const struct timer_port *timers = loop_timers(s->loop);
    s->handled++;
    timers->set(timers->ctx, w->timer, strtoul(r->query.ptr, NULL, 10));
}

static void stream_end(struct work *w)
{
    char text[80];
    int len = snprintf(text, sizeof(text), "data: sent %lu\n\n", w->sent);
    w->answer->write(w->exchange, false, (struct str){text, (size_t)len});
    w->answer->finish(w->exchange);
    work_free(w);
}

static void stream_event(struct work *w)
{
    char *text = malloc(w->size + 8);
    memcpy(text, "data: ", 6);
    memset(text + 6, 'e', w->size);
    memcpy(text + 6 + w->size, "\n\n", 2);
    w->sent += w->answer->write(w->exchange, w->may_drop, (struct str){text, w->size + 8});
    free(text);
    w->done++;
}

static void stream_fire(void *arg)
{
    struct work *w = arg;
    const struct timer_port *timers = loop_timers(w->server->loop);
    do {
        if (w->done == w->count) {
            stream_end(w);
            return;
        }
        stream_event(w);
    } while (!w->ms);
    timers->set(timers->ctx, w->timer, w->ms);
}

static void stream(void *ctx, struct http_request *r)
{
    const struct http_header events = {STR("Content-Type"), STR("text/event-stream")};
    struct work *w = work_new(ctx, r, stream_fire);
    char *at;
    w->count = strtoul(r->query.ptr, &at, 10);
    w->size = strtoul(at + 1, &at, 10);
    w->ms = strtoul(at + 1, &at, 10);
    w->may_drop = strtoul(at + 1, &at, 10) == 1;
    r->answer->stream(r->exchange, 200, &events, 1);
    const struct timer_port *timers = loop_timers(w->server->loop);
    if (w->count || !w->ms)
        stream_fire(w);
    else
        timers->set(timers->ctx, w->timer, w->ms);
}

/* ---- who ---- */

struct slow_check {
    struct server *server;
    struct timer *timer;
    void (*done)(void *arg, const struct credential_answer *answer);
    void *arg;
};

static const struct credential_answer GOOD = {
    .verdict = CREDENTIALS_OK,
    .caller = {.id = STR_INIT("key-1"), .tenant = STR_INIT("local"), .authenticated = true}};

static void slow_fire(void *arg)
{
    struct slow_check *check = arg;
    const struct timer_port *timers = loop_timers(check->server->loop);
    check->done(check->arg, &GOOD);
    timers->free(timers->ctx, check->timer);
    free(check);
}

static void check_later(struct server *s, uint64_t ms,
                        void (*done)(void *arg, const struct credential_answer *answer), void *arg)
{
    struct slow_check *check = malloc(sizeof(*check));
    const struct timer_port *timers = loop_timers(s->loop);
    *check = (struct slow_check){.server = s, .done = done, .arg = arg};
    check->timer = timers->create(timers->ctx, slow_fire, check);
    timers->set(timers->ctx, check->timer, ms);
}

static bool is_key(struct str authorization, const char *key)
{
    char text[80];
    int len = snprintf(text, sizeof(text), "Bearer %s", key);
    return str_eq(authorization, (struct str){text, (size_t)len});
}

static void check(void *ctx, struct str authorization,
                  void (*done)(void *arg, const struct credential_answer *answer), void *arg)
{
    struct server *s = ctx;
    struct credential_answer answer = GOOD;
    if (!s->keys && !authorization.len) {
        answer.caller.id = STR("anonymous");
    } else if (is_key(authorization, "slow") || is_key(authorization, "late")) {
        check_later(s, is_key(authorization, "late") ? 1000 : 20, done, arg);
        return;
    } else if (is_key(authorization, "other")) {
        answer.caller.id = STR("key-2");
    } else if (is_key(authorization, "poor")) {
        answer = (struct credential_answer){.verdict = CREDENTIALS_INSUFFICIENT,
                                            .why = STR("This key may not use the server."),
                                            .scope = STR("mcp:use mcp:read")};
    } else if (is_key(authorization, "down")) {
        answer = (struct credential_answer){.verdict = CREDENTIALS_UNAVAILABLE,
                                            .why = STR("Keys cannot be checked now.")};
    } else if (!authorization.len) {
        answer = (struct credential_answer){.verdict = CREDENTIALS_MISSING,
                                            .why = STR("Bring a key.")};
    } else if (!str_starts(authorization, STR("Bearer "))) {
        answer = (struct credential_answer){.verdict = CREDENTIALS_MALFORMED,
                                            .why = STR("This is no key.")};
    } else if (!is_key(authorization, "good")) {
        answer = (struct credential_answer){.verdict = CREDENTIALS_INVALID,
                                            .why = STR("The key is unknown.")};
    }
    done(arg, &answer);
}

static bool needs_credentials(void *ctx)
{
    return ((struct server *)ctx)->keys;
}

static struct str challenge(void *ctx)
{
    (void)ctx;
    return STR("resource_metadata=\"http://x/meta\"");
}

/* ---- connections ---- */

static void ended(void *lease)
{
    ((struct server *)lease)->leases--;
}

static void on_listening(uv_poll_t *poll, int status, int events)
{
    struct server *s = poll->data;
    int listening;
    (void)status;
    (void)events;
    uv_fileno((uv_handle_t *)poll, &listening);
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct accepted what = {.fd = fd, .local = s->unix_path != NULL, .ended = ended, .lease = s};
    s->leases++;
    s->wire.taker.take(s->wire.taker.ctx, &what);
}

static int listen_tcp(struct server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, 511) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        return -1;
    s->port = ntohs(address.sin_port);
    return fd;
}

static int listen_unix(const struct server *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", s->unix_path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 511))
        return -1;
    return fd;
}

/* ---- the program ---- */

static void drained(void *user)
{
    struct server *s = user;
    printf("drained\n");
    fflush(stdout);
    loop_stop(s->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct server *s = handle->data;
    (void)number;
    if (s->drain_ms)
        s->wire.drain(s->wire.ctx, s->drain_ms, drained, s);
    else
        loop_stop(s->loop);
}

static bool read_number(struct server *s, const char *name, const char *value)
{
    struct http_limits *l = &s->options.limits;
    unsigned long n = strtoul(value, NULL, 10);
    const struct {
        const char *name;
        size_t *size;
        uint64_t *ms;
    } rows[] = {
        {"connections=", &l->max_connections, NULL}, {"header=", &l->max_header_bytes, NULL},
        {"body=", &l->max_body_bytes, NULL},         {"held=", &l->max_held_bytes, NULL},
        {"queued=", &l->max_queued_bytes, NULL},     {"in_flight=", &l->max_in_flight, NULL},
        {"header_ms=", NULL, &l->header_ms},         {"body_ms=", NULL, &l->body_idle_ms},
        {"idle_ms=", NULL, &l->keep_alive_ms},       {"write_ms=", NULL, &l->write_idle_ms},
        {"drain_ms=", NULL, &s->drain_ms},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(name, rows[i].name, strlen(rows[i].name)) != 0)
            continue;
        if (rows[i].size)
            *rows[i].size = n;
        else
            *rows[i].ms = n;
        return true;
    }
    return false;
}

static void read_argument(struct server *s, const char *text)
{
    const char *value = strchr(text, '=') + 1;
    if (read_number(s, text, value))
        return;
    if (strncmp(text, "unix=", 5) == 0)
        s->unix_path = value;
    else if (strncmp(text, "keys=", 5) == 0)
        s->keys = value[0] == '1';
    else if (strncmp(text, "host=", 5) == 0)
        s->host = str_from(value);
    else if (strncmp(text, "origin=", 7) == 0)
        s->origin = str_from(value);
    else if (strncmp(text, "cors=", 5) == 0)
        s->cors = str_from(value);
}

static int serve(struct server *s, const char *folder, int listening, struct error *err)
{
    const struct http_route routes[] = {
        {.path = STR("/echo"), .ctx = s, .handle = echo},
        {.path = STR("/later"), .ctx = s, .handle = later},
        {.path = STR("/big"), .ctx = s, .handle = big},
        {.path = STR("/stream"), .ctx = s, .handle = stream},
        {.path = STR("/open"), .open = true, .ctx = s, .handle = open_route},
        {.path = STR("/tree"), .beneath = true, .ctx = s, .handle = tree},
        {.path = STR("/facts"), .open = true, .ctx = s, .handle = facts},
    };
    const struct authenticator authenticator = {
        .ctx = s, .check = check, .needs_credentials = needs_credentials, .challenge = challenge};
    struct http_parts parts = {.loop = loop_uv(s->loop),
                               .origins = &s->rules,
                               .routes = routes,
                               .route_count = sizeof(routes) / sizeof(routes[0]),
                               .authenticator = &authenticator};
    uv_poll_t poll;
    uv_signal_t term;
    int rc = http_open(folder, &s->options, &parts, &s->wire, err);
    if (rc)
        return rc;
    uv_poll_init(parts.loop, &poll, listening);
    uv_signal_init(parts.loop, &term);
    poll.data = term.data = s;
    uv_poll_start(&poll, UV_READABLE, on_listening);
    uv_signal_start(&term, on_signal, SIGTERM);
    printf("%u\n", s->port);
    fflush(stdout);
    loop_run(s->loop);
    uv_close((uv_handle_t *)&poll, NULL);
    uv_close((uv_handle_t *)&term, NULL);
    s->wire.free(s->wire.ctx);
    loop_turn(s->loop);
    return ST_OK;
}

int main(int argc, char **argv)
{
    struct server s = {.options.limits = {.max_connections = 1024,
                                          .max_header_bytes = 16384,
                                          .max_body_bytes = (size_t)64 << 20,
                                          .max_held_bytes = (size_t)256 << 20,
                                          .max_queued_bytes = (size_t)8 << 20,
                                          .max_in_flight = 1024,
                                          .header_ms = 10000,
                                          .body_idle_ms = 30000,
                                          .keep_alive_ms = 75000,
                                          .write_idle_ms = 30000}};
    struct error err;
    for (int i = 2; i < argc; i++)
        read_argument(&s, argv[i]);
    int listening = s.unix_path ? listen_unix(&s) : listen_tcp(&s);
    if (listening < 0) {
        perror("http_server");
        return 70;
    }
    s.rules = (struct origin_rules){.ports = &s.port,
                                    .port_count = 1,
                                    .hosts = &s.host,
                                    .host_count = s.host.len > 0,
                                    .origins = &s.origin,
                                    .origin_count = s.origin.len > 0};
    s.options.cors_origins = &s.cors;
    s.options.cors_origin_count = s.cors.len > 0;
    int rc = loop_new(1, &s.loop, &err);
    if (!rc)
        rc = serve(&s, argv[1], listening, &err);
    if (rc)
        fprintf(stderr, "http_server: %s\n", err.text);
    loop_end_workers(s.loop);
    loop_free(s.loop);
    close(listening);
    return rc ? 70 : 0;
}
