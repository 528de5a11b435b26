/*
 * The floor for HTTP: libmicrohttpd on the same loop that answers every request with its body, or with
 * "{}" if there is none, and does nothing else.
 *
 *   http_floor        prints its port, serves on 127.0.0.1 until it is ended
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

struct body {
    size_t len;
    char bytes[65536];
};

static struct MHD_Daemon *library;
static uv_idle_t again;

static enum MHD_Result answer(struct MHD_Connection *connection, struct body *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body->len ? body->len : 2, body->len ? body->bytes : "{}", MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_step(void *cls, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *len, void **context)
{
    struct body *body = *context;
    (void)cls;
    (void)url;
    (void)method;
    (void)version;
    if (!body) {
        body = malloc(sizeof(*body));
        body->len = 0;
        *context = body;
        return MHD_YES;
    }
    if (*len == 0)
        return answer(connection, body);
    size_t room = sizeof(body->bytes) - body->len;
    size_t more = *len < room ? *len : room;
    memcpy(body->bytes + body->len, data, more);
    body->len += more;
    *len = 0;
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)cls;
    (void)connection;
    (void)how;
    free(*context);
}

static void on_again(uv_idle_t *idle);

static void run(void)
{
    MHD_UNSIGNED_LONG_LONG wait;
    for (int i = 0; i < 16; i++) {
        MHD_run(library);
        if (MHD_get_timeout(library, &wait) != MHD_YES || wait) {
            uv_idle_stop(&again);
            return;
        }
    }
    uv_idle_start(&again, on_again);
}

static void on_again(uv_idle_t *idle)
{
    (void)idle;
    run();
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
    run();
}

static void on_listening(uv_poll_t *poll, int status, int events)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof(peer);
    int listening;
    (void)status;
    (void)events;
    uv_fileno((uv_handle_t *)poll, &listening);
    int fd = accept4(listening, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        MHD_add_connection(library, fd, (struct sockaddr *)&peer, len);
}

static int listen_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        return -1;
    printf("127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    uv_loop_t *loop = uv_default_loop();
    uv_poll_t library_poll, listening_poll;
    library = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_step,
                               NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                               MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_END);
    int listening = listen_loopback();
    if (!library || listening < 0) {
        perror("http_floor");
        return 1;
    }
    uv_idle_init(loop, &again);
    uv_poll_init(loop, &library_poll,
                 MHD_get_daemon_info(library, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
    uv_poll_init(loop, &listening_poll, listening);
    uv_poll_start(&library_poll, UV_READABLE, on_readable);
    uv_poll_start(&listening_poll, UV_READABLE, on_listening);
    return uv_run(loop, UV_RUN_DEFAULT);
}
