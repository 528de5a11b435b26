/*
 * A listener whose takers say what they were handed.
 *
 * usage: handing_server CONNECTIONS PER_ADDRESS FIRST_BYTES_MS PLACE...
 *
 * A PLACE with a "/" is a Unix socket. The places are printed, one a line, then "ready" or the error.
 * Each connection gets one line, "KIND ADDRESS BYTES", and is kept until the client closes it.
 * Commands on stdin: "facts" prints the facts and how often the loop has turned, "stop" ends the
 * listener; "idle" is printed whenever there are no connections left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/listener/listener.h"
#include "core/base/str.h"

struct kept {
    uv_poll_t poll;
    int fd;
    void (*ended)(void *lease);
    void *lease;
};

static struct loop *loop;
static struct listener *listener;
static uv_prepare_t turn;
static unsigned long turns;

static void free_kept(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_input(uv_poll_t *handle, int status, int events)
{
    struct kept *k = handle->data;
    char bytes[65536];
    (void)events;
    if (status == 0 && recv(k->fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        return;
    uv_close((uv_handle_t *)handle, free_kept);
    close(k->fd);
    k->ended(k->lease);
}

static void take(void *ctx, const struct accepted *what)
{
    static char bytes[1 << 20];
    char line[128];
    struct kept *k = calloc(1, sizeof(*k));
    if (!k)
        abort();
    ssize_t got = recv(what->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    int len = snprintf(line, sizeof(line), "%s %.*s%s %zd\n", (const char *)ctx,
                       STR_ARG(what->address), what->local ? "local" : "", got);
    if (what->local && (what->uid != getuid() || what->pid <= 0))
        len = snprintf(line, sizeof(line), "unknown process\n");
    if (write(what->fd, line, (size_t)len) != len)
        abort();
    k->fd = what->fd;
    k->ended = what->ended;
    k->lease = what->lease;
    k->poll.data = k;
    uv_poll_init(loop_uv(loop), &k->poll, k->fd);
    uv_poll_start(&k->poll, UV_READABLE, on_input);
}

static void on_turn(uv_prepare_t *handle)
{
    (void)handle;
    turns++;
}

static void on_idle(void *user)
{
    (void)user;
    puts("idle");
}

static void on_command(uv_poll_t *handle, int status, int events)
{
    char text[16] = "";
    struct listener_facts f;
    (void)handle;
    (void)events;
    if (status || read(0, text, sizeof(text) - 1) <= 0) {
        loop_stop(loop);
    } else if (strcmp(text, "stop\n") == 0) {
        listener_stop(listener);
        puts("stopped");
    } else {
        listener_facts(listener, &f);
        printf("%zu %zu %llu %llu %lu\n", f.connections, f.waiting,
               (unsigned long long)f.accepted, (unsigned long long)f.refused, turns);
    }
}

static void write_log(void *ctx, enum log_level level, struct str logger, struct str text)
{
    (void)ctx;
    (void)level;
    (void)logger;
    printf("log: %.*s\n", STR_ARG(text));
}

static int open_places(char **places, struct error *err)
{
    int rc = ST_OK;
    for (; *places && !rc; places++)
        rc = strchr(*places, '/') ? listener_add_unix(listener, str_from(*places), err)
                                  : listener_add_tcp(listener, str_from(*places), err);
    struct listener_place place;
    for (size_t i = 0; !rc && listener_place_at(listener, i, &place); i++)
        printf("%.*s %s\n", STR_ARG(place.text), place.loopback ? "loopback" : "open");
    return rc ? rc : listener_start(listener, err);
}

int main(int argc, char **argv)
{
    static const struct connection_taker http = {"http", take}, websocket = {"websocket", take},
                                         lines = {"lines", take};
    static const struct log_port log = {.write = write_log};
    static uv_poll_t commands;
    struct error err;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 4 || loop_new(1, &loop, &err))
        return 2;
    struct listener_options options = {
        .max_connections = strtoul(argv[1], NULL, 10),
        .max_per_address = strtoul(argv[2], NULL, 10),
        .first_bytes_ms = strtoul(argv[3], NULL, 10),
        .log = &log,
        .http = &http,
        .websocket = &websocket,
        .lines = &lines,
        .idle = on_idle,
    };
    if (listener_new(loop, &options, &listener, &err))
        return 2;
    uv_prepare_init(loop_uv(loop), &turn);
    uv_prepare_start(&turn, on_turn);
    uv_poll_init(loop_uv(loop), &commands, 0);
    uv_poll_start(&commands, UV_READABLE, on_command);
    if (open_places(argv + 4, &err)) {
        puts(err.text);
    } else {
        puts("ready");
        loop_run(loop);
    }
    listener_free(listener);
    uv_close((uv_handle_t *)&turn, NULL);
    uv_close((uv_handle_t *)&commands, NULL);
    uv_run(loop_uv(loop), UV_RUN_NOWAIT);
    loop_end_workers(loop);
    loop_free(loop);
    return 0;
}
