/*
 * hexmcp.process/1. Output is taken piece by piece: what the plugin does not take yet is kept here,
 * at most HEXMCP_PROCESS_AHEAD bytes, because no more is sent before it is taken. All state of a run
 * is the loop's; other threads only send words.
 */
#include "hexmcp/host/process.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/process/process.h"
#include "core/base/buffer.h"
#include "core/base/str.h"

_Static_assert(HEXMCP_PROCESS_AHEAD == PROCESS_AHEAD &&
                   HEXMCP_PROCESS_WRITE_AHEAD == PROCESS_WRITE_AHEAD &&
                   HEXMCP_PROCESS_INPUT_MAX == PROCESS_INPUT_MAX &&
                   HEXMCP_PROCESS_ARGUMENTS_MAX == PROCESS_ARGUMENTS_MAX,
               "one set of limits");

/* Output that waits. */
struct piece {
    struct piece *next;
    uint32_t stream;
    size_t len;
    char data[];
};

struct run {
    struct service_link *link;
    hexmcp_process_sink sink;
    void *arg;
    uint64_t id;
    atomic_uint refs; /* of the events, and of the function that begins */
    bool paused;
    size_t held; /* of the piece that it paused with: told when it resumes, so that the end waits */
    struct piece *first, **end;
};

static const hexmcp_str none = {"", 0};

static void taken(struct run *r, size_t len)
{
    char text[24];
    int written = snprintf(text, sizeof(text), "%zu", len);
    request_tell(r->link, r->id, PROCESS_TAKEN, (hexmcp_str){text, (size_t)written}, none);
}

static void give(struct run *r, uint32_t stream, const char *data, size_t len)
{
    r->paused = r->sink.output(r->arg, stream, data, len) == HEXMCP_PENDING;
    if (r->paused)
        r->held = len;
    else
        taken(r, len);
}

static bool keep(struct run *r, uint32_t stream, struct str bytes)
{
    struct piece *p = malloc(sizeof(*p) + bytes.len);
    if (!p)
        return false;
    *p = (struct piece){.stream = stream, .len = bytes.len};
    memcpy(p->data, bytes.ptr, bytes.len);
    *r->end = p;
    r->end = &p->next;
    return true;
}

static struct piece *take(struct run *r)
{
    struct piece *p = r->first;
    r->first = p->next;
    if (!r->first)
        r->end = &r->first;
    return p;
}

static void go_on(struct run *r)
{
    if (r->paused)
        taken(r, r->held);
    r->paused = false;
    while (r->first && !r->paused) {
        struct piece *p = take(r);
        give(r, p->stream, p->data, p->len);
        free(p);
    }
}

static void output(struct run *r, uint32_t stream, struct str bytes)
{
    if (!r->paused && !r->first)
        give(r, stream, bytes.ptr, bytes.len);
    else if (!keep(r, stream, bytes))
        request_close(r->link, r->id);
}

static void room(const struct run *r, struct str text)
{
    char number[24];
    snprintf(number, sizeof(number), "%.*s", STR_ARG(text));
    if (r->sink.room)
        r->sink.room(r->arg, (size_t)strtoull(number, NULL, 10));
}

static void unref(struct run *r)
{
    if (atomic_fetch_sub(&r->refs, 1) == 1)
        free(r);
}

static void over(struct run *r, const struct service_event *event)
{
    while (r->first)
        free(take(r));
    r->sink.end(r->arg, event->status, (hexmcp_str){event->text.ptr, event->text.len});
    unref(r);
}

static void arrived(void *arg, const struct service_event *event)
{
    struct run *r = arg;
    if (event->last)
        over(r, event);
    else if (event->kind == PROCESS_STDOUT)
        output(r, HEXMCP_PROCESS_STDOUT, event->bytes);
    else if (event->kind == PROCESS_STDERR)
        output(r, HEXMCP_PROCESS_STDERR, event->bytes);
    else if (event->kind == PROCESS_ROOM)
        room(r, event->text);
    else if (event->kind == PROCESS_RESUMED)
        go_on(r);
}

static bool sink_complete(const hexmcp_process_sink *s)
{
    return s && HEXMCP_HAS(s, output) && HEXMCP_HAS(s, end);
}

static int32_t process_run(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str input,
                           const hexmcp_process_sink *sink, void *arg, uint64_t *id)
{
    if (!sink_complete(sink))
        return HEXMCP_E_INVALID;
    if (input.len > HEXMCP_PROCESS_INPUT_MAX)
        return HEXMCP_E_TOO_LARGE;
    struct run *r = calloc(1, sizeof(*r));
    if (!r)
        return HEXMCP_E_NOMEM;
    atomic_init(&r->refs, 2);
    r->link = ctx;
    r->sink.output = sink->output;
    r->sink.end = sink->end;
    r->sink.room = HEXMCP_HAS(sink, room) ? sink->room : NULL;
    r->arg = arg;
    r->end = &r->first;
    const struct request q = {.op = PROCESS_RUN,
                              .call = call,
                              .text = json,
                              .bytes = input,
                              .event = arrived,
                              .arg = r};
    int32_t rc = request_open(ctx, &q, &r->id);
    if (!rc && id)
        *id = r->id;
    if (rc)
        unref(r);
    unref(r);
    return rc;
}

static int32_t process_resume(void *ctx, uint64_t id)
{
    return request_tell(ctx, id, PROCESS_RESUME, none, none);
}

static int32_t process_write(void *ctx, uint64_t id, hexmcp_str piece)
{
    return request_tell(ctx, id, PROCESS_WRITE, none, piece);
}

static int32_t process_finish(void *ctx, uint64_t id)
{
    return request_tell(ctx, id, PROCESS_FINISH, none, none);
}

static int32_t process_signal(void *ctx, uint64_t id, uint32_t number)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "%u", number);
    if (number != HEXMCP_PROCESS_INT && number != HEXMCP_PROCESS_TERM &&
        number != HEXMCP_PROCESS_KILL)
        return HEXMCP_E_INVALID;
    return request_tell(ctx, id, PROCESS_SIGNAL, (hexmcp_str){text, (size_t)len}, none);
}

static void process_cancel(void *ctx, uint64_t id)
{
    request_close(ctx, id);
}

static void fill(void *table, struct service_link *link)
{
    hexmcp_process_1 *process = table;
    *process = (hexmcp_process_1){.size = sizeof(*process),
                                  .ctx = link,
                                  .run = process_run,
                                  .resume = process_resume,
                                  .write = process_write,
                                  .finish = process_finish,
                                  .signal = process_signal,
                                  .cancel = process_cancel};
}

const struct service_kind process_kind = {HEXMCP_PROCESS_1, sizeof(hexmcp_process_1), fill};
