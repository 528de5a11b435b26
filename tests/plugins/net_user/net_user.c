/*
 * hexmcp.test.net-user: tools that do what the test says with hexmcp.http/1 and hexmcp.net/1, and tell
 * what came of it. Both return HEXMCP_PENDING and hold no thread.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hexmcp/host/http.h"
#include "hexmcp/host/net.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define SHOWN_MAX 4096

/* ---- fetch ---- */

struct fetch {
    const hexmcp_host *host;
    const hexmcp_http_1 *http;
    hexmcp_call call;
    uint64_t id;
    char *head;
    char shown[SHOWN_MAX];
    size_t bytes, largest;
    unsigned long sum; /* of all bytes, each times its place, modulo 2^32 */
    int pauses;        /* after each piece */
};

static void on_head(void *arg, hexmcp_str json)
{
    struct fetch *f = arg;
    f->head = strndup(json.ptr, json.len);
}

static void go_on(void *arg, int32_t status, hexmcp_str json)
{
    struct fetch *f = arg;
    (void)json;
    if (status == HEXMCP_OK)
        f->http->resume(f->http->ctx, f->id);
}

static int32_t on_body(void *arg, const void *data, size_t len)
{
    struct fetch *f = arg;
    const unsigned char *at = data;
    for (size_t i = 0; i < len; i++, f->bytes++) {
        f->sum = (f->sum + at[i] * (f->bytes + 1)) & 0xffffffffu;
        if (f->bytes < SHOWN_MAX)
            f->shown[f->bytes] = (char)at[i];
    }
    f->largest = len > f->largest ? len : f->largest;
    if (!f->pauses)
        return HEXMCP_OK;
    const hexmcp_timer_1 *timer = f->host->get_interface(f->host->ctx, HEXMCP_TIMER_1);
    return timer->after(timer->ctx, 0, go_on, f) == HEXMCP_OK ? HEXMCP_PENDING : HEXMCP_E_BUSY;
}

static void on_end(void *arg, int32_t status, hexmcp_str json)
{
    struct fetch *f = arg;
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "end", status);
    hexmcp_json_put_raw(&w, "json", json);
    if (f->head)
        hexmcp_json_put_raw(&w, "head", hexmcp_str_from(f->head));
    hexmcp_json_put_int64(&w, "bytes", (int64_t)f->bytes);
    hexmcp_json_put_int64(&w, "largest", (int64_t)f->largest);
    hexmcp_json_put_int64(&w, "sum", (int64_t)f->sum);
    hexmcp_str shown = {f->shown, f->bytes < SHOWN_MAX ? f->bytes : SHOWN_MAX};
    hexmcp_json_put_string(&w, "text", shown);
    hexmcp_json_end_object(&w);
    hexmcp_complete_structured(f->host, f->call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    free(f->head);
    free(f);
}

static int32_t fetch(const hexmcp_host *host, hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_http_1 *http = host->get_interface(host->ctx, HEXMCP_HTTP_1);
    const hexmcp_http_sink sink = {sizeof(sink), 0, on_head, on_body, on_end, NULL};
    hexmcp_str request, value, body = {"", 0};
    char *text = NULL;
    if (!http)
        return hexmcp_fail(err, HEXMCP_E_DENIED, "no host was granted");
    struct fetch *f = calloc(1, sizeof(*f));
    if (!f || hexmcp_json_get(args, "request", &request))
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    f->host = host;
    f->http = http;
    f->call = call;
    if (hexmcp_json_get(args, "pauses", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &f->pauses);
    if (hexmcp_json_get(args, "body", &value) == HEXMCP_OK)
        hexmcp_json_string_dup(value, &text, &body.len);
    body.ptr = text;
    int32_t rc = http->request(http->ctx, call, request, body, &sink, f, &f->id);
    free(text);
    if (rc) {
        free(f);
        return hexmcp_fail(err, rc, "the request was not taken");
    }
    return HEXMCP_PENDING;
}

/* ---- connect ---- */

struct talk {
    const hexmcp_host *host;
    hexmcp_call call;
};

static void on_connected(void *arg, int32_t status, int32_t fd, hexmcp_str json)
{
    struct talk *t = arg;
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "status", status);
    hexmcp_json_put_raw(&w, "json", json);
    if (fd >= 0) {
        hexmcp_json_put_bool(&w, "nonblocking", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
        hexmcp_json_put_bool(&w, "cloexec", (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        hexmcp_json_put_int64(&w, "written", write(fd, "hello\n", 6));
        close(fd);
    }
    hexmcp_json_end_object(&w);
    hexmcp_complete_structured(t->host, t->call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    free(t);
}

static int64_t number(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    int64_t got = 0;
    if (hexmcp_json_get(args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &got);
    return got;
}

static int32_t talk(const hexmcp_host *host, hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_net_1 *net = host->get_interface(host->ctx, HEXMCP_NET_1);
    struct talk *t = malloc(sizeof(*t));
    hexmcp_str value = {"\"\"", 2}, name = {NULL, 0};
    char *text = NULL;
    if (!net || !t) {
        free(t);
        return hexmcp_fail(err, HEXMCP_E_DENIED, "no host was granted");
    }
    *t = (struct talk){host, call};
    hexmcp_json_get(args, "host", &value);
    hexmcp_json_string_dup(value, &text, &name.len);
    name.ptr = text;
    int32_t rc = net->connect(net->ctx, call, name, (uint32_t)number(args, "port"), 0,
                              (uint32_t)number(args, "timeoutMs"), on_connected, t, NULL);
    free(text);
    if (rc) {
        free(t);
        return hexmcp_fail(err, rc, "the attempt was not taken");
    }
    return HEXMCP_PENDING;
}

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    return hexmcp_str_equals(tool, "fetch") ? fetch(host, call, args, err)
                                            : talk(host, call, args, err);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.net-user", "1.0.0", run);
