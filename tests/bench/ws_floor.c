/*
 * The floor of the figures over WebSocket: the least server with libwebsockets on a libuv loop. It
 * sends every message back.
 *
 *   ws_floor [deflate]
 *
 * Prints 127.0.0.1:PORT, then serves until it is killed. Subprotocol "mcp".
 */
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define MESSAGE_MAX ((size_t)1 << 20)

struct session {
    unsigned char *bytes; /* LWS_PRE bytes, then the message */
    size_t len;
};

static int receive(struct lws *wsi, struct session *s, const void *in, size_t len)
{
    if (!s->bytes)
        s->bytes = malloc(LWS_PRE + MESSAGE_MAX);
    if (!s->bytes || s->len + len > MESSAGE_MAX)
        return -1;
    memcpy(s->bytes + LWS_PRE + s->len, in, len);
    s->len += len;
    if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
        lws_rx_flow_control(wsi, 0);
        lws_callback_on_writable(wsi);
    }
    return 0;
}

static int send_back(struct lws *wsi, struct session *s)
{
    if (s->len == 0)
        return 0;
    int wrote = lws_write(wsi, s->bytes + LWS_PRE, s->len, LWS_WRITE_TEXT);
    s->len = 0;
    lws_rx_flow_control(wsi, 1);
    return wrote < 0 ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        return receive(wsi, user, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_back(wsi, user);
    case LWS_CALLBACK_CLOSED:
        free(((struct session *)user)->bytes);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "mcp", .callback = on_event, .per_session_data_size = sizeof(struct session),
     .rx_buffer_size = 4096},
    {.name = NULL},
};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    void *loops[] = {loop};
    bool deflate = argc > 1 && strcmp(argv[1], "deflate") == 0;
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .protocols = protocols,
        .extensions = deflate ? extensions : NULL,
        .iface = "127.0.0.1",
    };
    setvbuf(stdout, NULL, _IONBF, 0);
    lws_set_log_level(0, NULL);
    struct lws_context *context = lws_create_context(&info);
    struct lws_vhost *vhost = context ? lws_create_vhost(context, &info) : NULL;
    if (!vhost) {
        fprintf(stderr, "ws_floor: libwebsockets cannot be started\n");
        return 1;
    }
    printf("127.0.0.1:%d\n", lws_get_vhost_listen_port(vhost));
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
