/*
 * The module `tls` with an echo behind it.
 *
 * usage: echo_server MODULES CERT KEY HANDSHAKE_MS
 *
 * Prints the port, or the error. On the end of input of a client it ends its own output and closes.
 * Commands on stdin, a line each: "facts" prints the facts, "reload" reads the certificate, "mute" and
 * "talk" stop and go on reading; its end is the end.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driving/tls/tls.h"
#include "core/base/str.h"

struct echo {
    uv_pipe_t pipe;
    uv_shutdown_t shutdown;
    struct echo *next;
};

struct piece {
    uv_write_t request;
    uv_buf_t bytes;
};

static uv_loop_t *loop;
static struct tls_module tls;
static struct echo *echoes;
static unsigned long ended_count;

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)handle;
    *out = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void forget(uv_handle_t *handle)
{
    struct echo **at = &echoes;
    while (*at != handle->data)
        at = &(*at)->next;
    *at = (*at)->next;
    free(handle->data);
}

static void close_echo(struct echo *e)
{
    if (!uv_is_closing((uv_handle_t *)&e->pipe))
        uv_close((uv_handle_t *)&e->pipe, forget);
}

static void on_written(uv_write_t *request, int status)
{
    struct piece *piece = (struct piece *)request;
    if (status < 0)
        close_echo(request->handle->data);
    free(piece->bytes.base);
    free(piece);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)status;
    close_echo(request->handle->data);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes)
{
    struct echo *e = stream->data;
    if (got > 0) {
        struct piece *piece = malloc(sizeof(*piece));
        piece->bytes = uv_buf_init(bytes->base, (unsigned)got);
        uv_write(&piece->request, stream, &piece->bytes, 1, on_written);
        return;
    }
    free(bytes->base);
    if (got == UV_EOF)
        uv_shutdown(&e->shutdown, stream, on_shutdown);
    else if (got < 0)
        close_echo(e);
}

static void on_done(void *arg, int fd)
{
    (void)arg;
    if (fd < 0)
        return;
    struct echo *e = calloc(1, sizeof(*e));
    uv_pipe_init(loop, &e->pipe, 0);
    uv_pipe_open(&e->pipe, fd);
    e->pipe.data = e;
    e->next = echoes;
    echoes = e;
    uv_read_start((uv_stream_t *)&e->pipe, make_room, on_read);
}

static void on_ended(void *arg)
{
    (void)arg;
    ended_count++;
}

static void on_knock(uv_poll_t *handle, int status, int events)
{
    int door = (int)(intptr_t)handle->data;
    (void)status;
    (void)events;
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        tls.take(tls.ctx, fd, on_done, on_ended, NULL);
}

static void on_command(uv_poll_t *handle, int status, int events)
{
    char text[16] = "";
    struct tls_facts f;
    (void)handle;
    (void)events;
    if (status || read(0, text, sizeof(text) - 1) <= 0) {
        uv_stop(loop);
    } else if (strcmp(text, "reload\n") == 0) {
        tls.reload(tls.ctx);
    } else if (strcmp(text, "facts\n") == 0) {
        tls.facts(tls.ctx, &f);
        printf("%zu %llu %llu %llu %lu\n", f.sessions, (unsigned long long)f.handshakes,
               (unsigned long long)f.failures, (unsigned long long)f.reloads, ended_count);
    } else {
        for (struct echo *e = echoes; e; e = e->next)
            if (strcmp(text, "mute\n") == 0)
                uv_read_stop((uv_stream_t *)&e->pipe);
            else
                uv_read_start((uv_stream_t *)&e->pipe, make_room, on_read);
    }
}

static void write_log(void *ctx, enum log_level level, struct str logger, struct str text)
{
    (void)ctx;
    (void)level;
    printf("%.*s: %.*s\n", STR_ARG(logger), STR_ARG(text));
}

static int listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) || listen(fd, 100) ||
        getsockname(fd, (struct sockaddr *)&at, &size))
        abort();
    printf("%u\n", ntohs(at.sin_port));
    return fd;
}

int main(int argc, char **argv)
{
    static const struct log_port log = {.write = write_log};
    static uv_poll_t door, commands;
    struct error err;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 5)
        return 2;
    loop = uv_default_loop();
    const struct tls_options options = {.cert_path = argv[2],
                                        .key_path = argv[3],
                                        .handshake_ms = strtoul(argv[4], NULL, 10),
                                        .loop = loop,
                                        .log = &log};
    if (tls_open(argv[1], &options, &tls, &err)) {
        puts(err.text);
        return 1;
    }
    int fd = listen_somewhere();
    door.data = (void *)(intptr_t)fd;
    uv_poll_init(loop, &door, fd);
    uv_poll_start(&door, UV_READABLE, on_knock);
    uv_poll_init(loop, &commands, 0);
    uv_poll_start(&commands, UV_READABLE, on_command);
    uv_run(loop, UV_RUN_DEFAULT);
    tls.free(tls.ctx);
    for (struct echo *e = echoes; e; e = e->next)
        close_echo(e);
    uv_close((uv_handle_t *)&door, NULL);
    uv_close((uv_handle_t *)&commands, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    uv_loop_close(loop);
    close(fd);
    return 0;
}
