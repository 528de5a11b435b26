#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/websocket/wire.h"

static void on_event(uv_poll_t *handle, int status, int events)
{
    struct connection *c = handle->data;
    if (status < 0) {
        ending_dead(c);
        return;
    }
    if (events & UV_WRITABLE) {
        c->blocked = false;
        connection_changed(c);
    }
    if (!(events & UV_READABLE))
        return;
    if (c->stage == STAGE_HEAD)
        opening_read(c);
    else
        input_read(c);
}

static void link_in(struct wire *w, struct connection *c)
{
    c->next = w->first;
    if (w->first)
        w->first->before = c;
    w->first = c;
    w->facts.connections++;
    w->facts.opening++;
    if (w->facts.connections > w->crowd)
        w->crowd = w->facts.connections;
}

static void unlink_from(struct connection **list, const struct connection *c, bool ready)
{
    while (*list && *list != c)
        list = ready ? &(*list)->next_ready : &(*list)->next_changed;
    if (*list)
        *list = ready ? c->next_ready : c->next_changed;
}

static void link_out(struct wire *w, struct connection *c)
{
    *(c->before ? &c->before->next : &w->first) = c->next;
    if (c->next)
        c->next->before = c->before;
    if (c->is_changed)
        unlink_from(&w->changed, c, false);
    if (c->is_ready)
        unlink_from(&w->ready, c, true);
    w->facts.connections--;
}

void connection_take(void *ctx, const struct accepted *what)
{
    struct wire *w = ctx;
    struct connection *c = calloc(1, sizeof(*c));
    if (!c || uv_poll_init(w->loop, &c->poll, what->fd)) {
        free(c);
        close(what->fd);
        what->ended(what->lease);
        return;
    }
    w->handles++;
    c->wire = w;
    c->poll.data = c;
    c->fd = what->fd;
    c->local = what->local;
    c->ended = what->ended;
    c->lease = what->lease;
    c->sink = (struct message_sink){.ctx = c, .send = output_send, .resume = input_resume,
                                     .wire = STR("websocket")};
    c->stage_ms = c->heard_ms = c->active_ms = sweep_now(w);
    link_in(w, c);
    if (w->draining)
        opening_refuse(c, 503, NULL, "the server ends; try again later");
    else if (w->facts.connections > w->options.limits.max_connections)
        opening_refuse(c, 503, "Retry-After: 1\r\n",
                       "the server has as many WebSocket connections as it may; try again later");
    connection_changed(c);
}

void connection_set_stage(struct connection *c, enum stage stage)
{
    bool was_opening = c->stage == STAGE_HEAD || c->stage == STAGE_CHECKING;
    bool is_opening = stage == STAGE_HEAD || stage == STAGE_CHECKING;
    if (was_opening && !is_opening)
        c->wire->facts.opening--;
    c->stage = stage;
    c->stage_ms = sweep_now(c->wire);
    connection_changed(c);
}

void connection_changed(struct connection *c)
{
    if (c->is_changed)
        return;
    c->is_changed = true;
    c->next_changed = c->wire->changed;
    c->wire->changed = c;
}

static void on_ready(uv_idle_t *handle)
{
    struct wire *w = handle->data;
    struct connection *list = w->ready;
    w->ready = NULL;
    uv_idle_stop(handle);
    while (list) {
        struct connection *c = list;
        list = c->next_ready;
        c->is_ready = false;
        input_take(c, (struct str){NULL, 0});
    }
}

void connection_ready(struct connection *c)
{
    struct wire *w = c->wire;
    if (c->is_ready)
        return;
    c->is_ready = true;
    c->next_ready = w->ready;
    w->ready = c;
    uv_idle_start(&w->ready_idle, on_ready);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    struct wire *w = c->wire;
    free(c);
    if (--w->handles == 0)
        free(w);
}

void connection_free(struct connection *c)
{
    struct wire *w = c->wire;
    link_out(w, c);
    opening_forget_check(c);
    presence_leave(w, c->presence);
    input_drop(c);
    w->facts.queued_bytes -= output_queued(c);
    buffer_clear(&c->out);
    uv_poll_stop(&c->poll);
    uv_close((uv_handle_t *)&c->poll, on_closed);
    close(c->fd);
    c->ended(c->lease);
}

/* Nothing that comes is read while it cannot be handed out; the client then waits, too. */
static bool wants_input(const struct connection *c)
{
    if (c->stage == STAGE_CHECKING || c->is_ready)
        return false;
    if (c->stage != STAGE_OPEN)
        return true;
    return !c->paused && !c->held_back && !c->wire->draining;
}

static void wait_for(struct connection *c)
{
    int events = (wants_input(c) ? UV_READABLE : 0) | (c->blocked ? UV_WRITABLE : 0);
    if (events == c->events)
        return;
    c->events = events;
    if (events)
        uv_poll_start(&c->poll, events, on_event);
    else
        uv_poll_stop(&c->poll);
}

/* The last words are said. */
static void end_output(struct connection *c)
{
    if (c->stage == STAGE_CLOSING && c->peer_closed)
        ending_dead(c);
    else if (!c->write_ended && (c->stage == STAGE_REFUSED || c->stage == STAGE_CLOSING)) {
        c->write_ended = true;
        if (shutdown(c->fd, SHUT_WR))
            ending_dead(c);
    }
}

void connection_settle(struct connection *c)
{
    if (c->has_endpoint && (c->stage == STAGE_CLOSING || c->stage == STAGE_DEAD)) {
        c->has_endpoint = false;
        c->endpoint.close(c->endpoint.ctx);
    }
    if (c->stage != STAGE_DEAD)
        output_flush(c);
    if (c->stage != STAGE_DEAD && output_queued(c) == 0)
        end_output(c);
    if (c->stage == STAGE_DEAD)
        connection_free(c);
    else
        wait_for(c);
}
