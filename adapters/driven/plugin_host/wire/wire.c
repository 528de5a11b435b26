#include "adapters/driven/plugin_host/wire/wire.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/plugin_host/wire/datagram.h"

/* Messages that are read before other things on the loop get their turn. */
#define READ_AT_ONCE 64
#define SOCKET_BUFFER (1 << 20)
#define BODY_KEPT ((size_t)256 << 10)

struct waiting {
    struct waiting *next;
    enum wire_op op;
    uint64_t id;
    int fd;
    size_t len;
    char body[];
};

struct wire {
    uv_poll_t poll;
    int socket;
    int watched; /* what the poll handle looks for */
    struct wire_events events;
    struct waiting *first, *last;
    size_t queued, queue_max;
    bool hold_back;
    bool ended; /* told, or freed */
    struct error failure; /* of sending; code 0: none */
    struct buffer body;
    struct str tail; /* what follows it */
    bool sent, eager; /* see read_some() */
    char *space;
};

static void on_poll(uv_poll_t *handle, int status, int events);

static bool may_read(const struct wire *w)
{
    return !w->hold_back || w->queued <= w->queue_max;
}

/* A writable event comes soon after a failed send too, and tells it. */
static void watch(struct wire *w)
{
    bool write = w->first || w->failure.code;
    int want = (may_read(w) ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);
    if (w->ended || want == w->watched)
        return;
    w->watched = want;
    uv_poll_start(&w->poll, want, on_poll);
}

static void end(struct wire *w, const struct error *why)
{
    if (w->ended)
        return;
    w->ended = true;
    uv_poll_stop(&w->poll);
    w->events.ended(w->events.ctx, why);
}

static void waiting_free(struct waiting *m)
{
    if (m->fd >= 0)
        close(m->fd);
    free(m);
}

/* False if nothing more can go now. */
static bool send_first(struct wire *w)
{
    struct waiting *m = w->first;
    int rc = datagram_write(w->socket, m->op, m->id, (struct str){m->body, m->len}, STR(""),
                            m->fd, &w->failure);
    if (rc == ST_BUSY)
        return false;
    w->first = m->next;
    if (!w->first)
        w->last = NULL;
    w->queued -= m->len;
    waiting_free(m);
    return rc == ST_OK;
}

static void flush(struct wire *w)
{
    while (w->first && send_first(w))
        ;
}

/* False if there is none. */
static bool read_one(struct wire *w)
{
    struct wire_message message;
    struct error err;
    int rc = datagram_read(w->socket, w->space, &message, &err);
    if (rc == ST_BUSY)
        return false;
    if (rc == ST_OK) {
        rc = w->events.message(w->events.ctx, &message, &err);
        datagram_clear(&message, w->space);
    }
    if (rc)
        end(w, &err);
    return true;
}

/* A call and its answer alternate: then a second look would find nothing. Only when a message comes
 * though nothing was sent since the last one, all that are there are taken. */
static void read_some(struct wire *w)
{
    int left = w->eager || !w->sent ? READ_AT_ONCE : 1, taken = 0;
    w->sent = false;
    while (taken < left && !w->ended && may_read(w) && read_one(w))
        taken++;
    w->eager = taken > 1;
}

void wire_read_rest(struct wire *w)
{
    while (w && !w->ended && read_one(w))
        ;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct wire *w = handle->data;
    struct error err;
    if (status < 0) {
        error_set(&err, ST_UNAVAILABLE, "%s", uv_strerror(status));
        end(w, &err);
        return;
    }
    if (events & UV_WRITABLE)
        flush(w);
    if (events & UV_READABLE)
        read_some(w);
    if (!w->ended && w->failure.code && !(events & UV_READABLE)) {
        err = w->failure;
        end(w, &err);
    }
    watch(w);
}

static void prepare_socket(int socket)
{
    int size = SOCKET_BUFFER;
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    fcntl(socket, F_SETFL, O_NONBLOCK);
}

int wire_new(struct uv_loop_s *loop, int socket, size_t queue_max, const struct wire_events *events,
             struct wire **out, struct error *err)
{
    struct wire *w = calloc(1, sizeof(*w));
    char *space = malloc(DATAGRAM_SPACE);
    if (!w || !space) {
        free(w);
        free(space);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    prepare_socket(socket);
    int rc = uv_poll_init(loop, &w->poll, socket);
    if (rc) {
        free(w);
        free(space);
        return error_set(err, ST_UNAVAILABLE, "cannot watch a socket: %s", uv_strerror(rc));
    }
    w->poll.data = w;
    w->socket = socket;
    w->queue_max = queue_max;
    w->events = *events;
    w->space = space;
    watch(w);
    *out = w;
    return ST_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct wire *w = handle->data;
    while (w->first) {
        struct waiting *m = w->first;
        w->first = m->next;
        waiting_free(m);
    }
    close(w->socket);
    buffer_clear(&w->body);
    free(w->space);
    free(w);
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    w->ended = true;
    shutdown(w->socket, SHUT_RDWR); /* the other end sees it now, not when the loop turns */
    uv_close((uv_handle_t *)&w->poll, on_closed);
}

struct buffer *wire_body(struct wire *w)
{
    buffer_reset(&w->body, BODY_KEPT);
    w->tail = STR("");
    return &w->body;
}

void wire_end_text(struct wire *w, struct str text)
{
    uint32_t len = (uint32_t)text.len;
    buffer_add(&w->body, &len, sizeof(len));
    w->tail = text;
}

static size_t body_len(const struct wire *w)
{
    return w->body.len + w->tail.len;
}

static int enqueue(struct wire *w, enum wire_op op, uint64_t id, int fd, struct error *err)
{
    struct waiting *m = malloc(sizeof(*m) + body_len(w));
    if (!m) {
        if (fd >= 0)
            close(fd);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *m = (struct waiting){.op = op, .id = id, .fd = fd, .len = body_len(w)};
    if (w->body.len)
        memcpy(m->body, w->body.data, w->body.len);
    if (w->tail.len)
        memcpy(m->body + w->body.len, w->tail.ptr, w->tail.len);
    if (w->last)
        w->last->next = m;
    else
        w->first = m;
    w->last = m;
    w->queued += m->len;
    watch(w);
    return ST_OK;
}

int wire_send_answer(struct wire *w, enum wire_op op, uint64_t id, int fd, struct error *err)
{
    if (buffer_failed(&w->body) || body_len(w) > WIRE_BODY_MAX) {
        if (fd >= 0)
            close(fd);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    int rc = ST_BUSY;
    w->sent = true;
    if (!w->first && !w->failure.code)
        rc = datagram_write(w->socket, op, id, buffer_str(&w->body), w->tail, fd, &w->failure);
    if (rc == ST_BUSY)
        return enqueue(w, op, id, fd, err);
    if (fd >= 0)
        close(fd);
    if (rc)
        watch(w);
    return ST_OK;
}

int wire_send(struct wire *w, enum wire_op op, uint64_t id, int fd, struct error *err)
{
    if (!w->first || w->queued + body_len(w) <= w->queue_max)
        return wire_send_answer(w, op, id, fd, err);
    if (fd >= 0)
        close(fd);
    return error_set(err, ST_BUSY, "%zu bytes wait already", w->queued);
}

size_t wire_queued(const struct wire *w)
{
    return w->queued;
}

void wire_hold_back(struct wire *w, bool on)
{
    w->hold_back = on;
    watch(w);
}
