#include "adapters/driving/cli/network/network.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/network/parts.h"

static const int signal_numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};

/* What the server needs beside its connections. */
#define OTHER_DESCRIPTORS 256

/* As many as a connection with TLS has. */
#define DESCRIPTORS_EACH 3

/* After the time for what is open, for the answers that end it. */
#define LAST_WORDS_MS 500u
#define DRAIN_TICK_MS 10u

/* The soft limit of open files is small by custom, for programs that use select. */
static void raise_descriptor_limit(size_t connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections * DESCRIPTORS_EACH + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- the end ---- */

static bool has_connections(const struct network *n)
{
    struct listener_facts facts;
    listener_facts(n->listener, &facts);
    return facts.connections > 0;
}

/* What is open without being pending, a stream of changes for instance, is ended as soon as nothing
 * is pending any more. */
static void on_drain_tick(uv_timer_t *timer)
{
    struct network *n = timer->data;
    bool over = uv_now(n->uv) >= n->drain_until;
    if (!n->shut_down && (over || network_routes_pending(n) == 0)) {
        n->shut_down = true;
        network_routes_shutdown(n);
    }
    if (uv_now(n->uv) >= n->drain_until + LAST_WORDS_MS || (n->shut_down && !has_connections(n)))
        n->done = true;
}

static void begin_drain(struct network *n)
{
    uint64_t drain_ms = (uint64_t)config_integer(app_config(n->app), "listen.drain_ms");
    if (n->draining)
        return;
    n->draining = true;
    uv_timer_stop(&n->idle_timer);
    uv_update_time(n->uv);
    n->drain_until = uv_now(n->uv) + drain_ms;
    uv_timer_start(&n->drain_timer, on_drain_tick, 0, DRAIN_TICK_MS);
    network_http_drain(n, drain_ms);
    network_websocket_drain(n, drain_ms);
    local_drain(n->local);
    listener_stop(n->listener);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct network *n = handle->data;
    if (number == SIGHUP) {
        if (n->tls.reload)
            n->tls.reload(n->tls.ctx);
        return;
    }
    n->done = n->draining;
    begin_drain(n);
}

static void on_idle_timer(uv_timer_t *timer);

static void await_clients(struct network *n)
{
    struct listener_facts facts;
    if (!n->idle_exit_ms)
        return;
    listener_facts(n->listener, &facts);
    n->accepted = facts.accepted;
    uv_timer_start(&n->idle_timer, on_idle_timer, n->idle_exit_ms, 0);
}

static void on_idle_timer(uv_timer_t *timer)
{
    struct network *n = timer->data;
    struct listener_facts facts;
    listener_facts(n->listener, &facts);
    if (facts.connections == 0 && facts.accepted == n->accepted)
        begin_drain(n);
    else if (facts.connections == 0)
        await_clients(n);
}

static void on_idle(void *user)
{
    struct network *n = user;
    if (n->draining)
        n->done = true;
    else
        await_clients(n);
}

/* ---- the beginning ---- */

static int open_listener(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    struct listener_options options = {
        .max_connections = (size_t)config_integer(c, "listen.max_connections"),
        .max_per_address = (size_t)config_integer(c, "listen.max_per_address"),
        .first_bytes_ms = (uint64_t)config_integer(c, "listen.first_bytes_ms"),
        .log = app_log(n->app),
        .http = &n->http_taker,
        .websocket = &n->websocket_taker,
        .lines = local_taker(n->local),
        .tls = n->tls.take ? &n->tls_ending : NULL,
        .idle = on_idle,
        .user = n,
    };
    raise_descriptor_limit(options.max_connections);
    return listener_new(app_loop(n->app), &options, &n->listener, err);
}

static int read_idle_exit(struct network *n, struct error *err)
{
    const char *text = invocation_option(n->inv, "idle-exit");
    char *end;
    if (!text)
        return ST_OK;
    long long ms = strtoll(text, &end, 10);
    if (end == text || *end || ms < 1 || ms > 86400000)
        return error_set(err, ST_INVALID,
                         "--idle-exit %s: expected milliseconds, 1 to 86400000", text);
    n->idle_exit_ms = (uint64_t)ms;
    return ST_OK;
}

static int open_parts(struct network *n, struct error *err)
{
    int rc = read_idle_exit(n, err);
    if (!rc)
        rc = app_auth(n->app, &n->auth, err);
    if (rc)
        return rc;
    n->authenticator = authenticator_port(n->auth);
    network_websocket_open(n);
    rc = network_watch_open(n, err);
    if (!rc)
        rc = app_endpoints(n->app, &n->endpoints, err);
    if (!rc)
        rc = network_local_open(n, err);
    if (!rc)
        rc = network_tls_open(n, err);
    if (!rc)
        rc = open_listener(n, err);
    if (!rc)
        rc = listening_open(n, err);
    if (!rc)
        rc = network_origins_open(n, err);
    if (!rc)
        rc = network_http_open(n, err);
    if (!rc)
        rc = listener_start(n->listener, err);
    return rc ? rc : listening_tell(n, err);
}

int network_open(struct app *app, const struct invocation *inv, struct network **out,
                 struct error *err)
{
    struct network *n = calloc(1, sizeof(*n));
    if (!n)
        return error_set(err, ST_NOMEM, "out of memory");
    n->app = app;
    n->inv = inv;
    n->uv = loop_uv(app_loop(app));
    uv_timer_init(n->uv, &n->drain_timer);
    uv_timer_init(n->uv, &n->idle_timer);
    n->drain_timer.data = n->idle_timer.data = n;
    int rc = open_parts(n, err);
    if (rc) {
        network_close(n);
        return rc;
    }
    await_clients(n);
    *out = n;
    return ST_OK;
}

static int watch_signals(struct network *n, struct error *err)
{
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        int rc = uv_signal_init(n->uv, &n->signals[i]);
        n->signals[i].data = n;
        if (!rc)
            rc = uv_signal_start(&n->signals[i], on_signal, signal_numbers[i]);
        if (rc)
            return error_set(err, ST_UNAVAILABLE, "cannot wait for signals: %s", uv_strerror(rc));
    }
    return ST_OK;
}

int network_run(struct network *n, struct error *err)
{
    int rc = watch_signals(n, err);
    if (!rc)
        app_run_until(n->app, &n->done);
    return rc;
}

void network_drain(struct network *n)
{
    begin_drain(n);
    app_run_until(n->app, &n->done);
}

static void close_if_open(void *handle)
{
    uv_handle_t *h = handle;
    if (h->loop && !uv_is_closing(h))
        uv_close(h, NULL);
}

void network_close(struct network *n)
{
    if (!n)
        return;
    if (n->listener)
        listener_stop(n->listener);
    if (n->auth)
        authenticator_stop(n->auth);
    network_http_close(n);
    network_websocket_close(n);
    network_routes_close(n);
    local_free(n->local);
    network_tls_close(n);
    listener_free(n->listener);
    local_grants_free(n->local_grants);
    network_watch_close(n);
    network_origins_close(n);
    close_if_open(&n->drain_timer);
    close_if_open(&n->idle_timer);
    for (int i = 0; i < SIGNAL_COUNT; i++)
        close_if_open(&n->signals[i]);
    uv_run(n->uv, UV_RUN_NOWAIT);
    free(n);
}
