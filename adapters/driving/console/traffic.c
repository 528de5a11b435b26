/* The last requests of everybody, and streams of those that come. */
#include <stdlib.h>

#include "adapters/driving/console/parts.h"

#define KEPT 256
#define VIEWERS_MAX 32

/* What a person cannot read is counted instead. */
#define EVENTS_PER_TICK 100
#define TICK_MS 1000
#define TICKS_TO_KEEP_ALIVE 15

struct text {
    unsigned char len;
    char bytes[63];
};

/* A traffic_event that outlives its request. */
struct seen {
    int64_t at_ms;
    struct traffic_event event; /* without its texts */
    bool hidden;                /* the tenant's name does not fit: nobody can be told from it */
    struct text wire, protocol, method, target, caller, tenant;
};

struct viewer {
    struct traffic *traffic;
    struct viewer *next;
    struct http_exchange *exchange;
    const struct http_answer *answer;
    const struct caller *caller; /* lives until the answer ended */
    unsigned told;               /* since the last tick */
    uint64_t missed;
};

struct traffic {
    const struct clock_port *clock;
    const struct timer_port *timer;
    struct timer *tick;
    unsigned ticks;
    struct viewer *viewers;
    size_t viewer_count;
    size_t count; /* of all that came; the last KEPT are there */
    struct seen kept[KEPT];
};

static void keep_text(struct text *to, struct str from)
{
    to->len = (unsigned char)(from.len < sizeof(to->bytes) ? from.len : sizeof(to->bytes));
    if (to->len)
        memcpy(to->bytes, from.ptr, to->len);
}

static struct str text_of(const struct text *text)
{
    return (struct str){text->bytes, text->len};
}

static const struct seen *keep(struct traffic *t, const struct traffic_event *event)
{
    struct seen *seen = &t->kept[t->count++ % KEPT];
    seen->at_ms = t->clock->wall_ms(t->clock->ctx) - (int64_t)(event->duration_ns / 1000000);
    seen->event = *event;
    keep_text(&seen->wire, event->wire);
    keep_text(&seen->protocol, event->protocol);
    keep_text(&seen->method, event->method);
    keep_text(&seen->target, event->target);
    keep_text(&seen->caller, event->caller->id);
    keep_text(&seen->tenant, event->caller->tenant);
    seen->hidden = seen->tenant.len < event->caller->tenant.len;
    return seen;
}

static struct str end_name(enum traffic_end end)
{
    return end == TRAFFIC_RESULT  ? STR("result")
           : end == TRAFFIC_ERROR ? STR("error")
                                  : STR("cancelled");
}

static void write_event(struct buffer *out, const struct seen *seen)
{
    const struct traffic_event *event = &seen->event;
    struct json_writer w = json_writer(out);
    buffer_add_str(out, STR("event: request\ndata: "));
    json_begin_object(&w);
    json_put_i64(&w, STR("at"), seen->at_ms);
    json_put_i64(&w, STR("duration_us"), (int64_t)(event->duration_ns / 1000));
    json_put_string(&w, STR("transport"), text_of(&seen->wire));
    json_put_string(&w, STR("protocol"), text_of(&seen->protocol));
    json_put_string(&w, STR("method"), text_of(&seen->method));
    json_put_string(&w, STR("target"), text_of(&seen->target));
    json_put_string(&w, STR("caller"), text_of(&seen->caller));
    json_put_string(&w, STR("end"), end_name(event->end));
    if (event->end == TRAFFIC_ERROR)
        json_put_i64(&w, STR("error"), event->error);
    json_put_i64(&w, STR("received"), (int64_t)event->received);
    json_put_i64(&w, STR("sent"), (int64_t)event->sent);
    json_end_object(&w);
    buffer_add_str(out, STR("\n\n"));
}

static bool viewer_may_see(const struct viewer *viewer, const struct seen *seen)
{
    const struct caller subject = {.tenant = text_of(&seen->tenant)};
    return !seen->hidden && may_see(viewer->caller, &subject);
}

static bool tell(const struct viewer *viewer, const struct buffer *text)
{
    return !buffer_failed(text) &&
           viewer->answer->write(viewer->exchange, true, buffer_str(text));
}

void traffic_seen(void *ctx, const struct traffic_event *event)
{
    struct traffic *t = ctx;
    struct buffer text = BUFFER_INIT;
    const struct seen *seen = keep(t, event);
    for (struct viewer *viewer = t->viewers; viewer; viewer = viewer->next) {
        if (!viewer_may_see(viewer, seen))
            continue;
        if (text.len == 0)
            write_event(&text, seen);
        if (viewer->told++ >= EVENTS_PER_TICK || !tell(viewer, &text))
            viewer->missed++;
    }
    buffer_clear(&text);
}

static void tell_missed(struct viewer *viewer)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_str(&text, STR("event: missed\ndata: {\"count\":"));
    buffer_add_u64(&text, viewer->missed);
    buffer_add_str(&text, STR("}\n\n"));
    if (tell(viewer, &text))
        viewer->missed = 0;
    buffer_clear(&text);
}

static void on_tick(void *arg)
{
    struct traffic *t = arg;
    bool keep_alive = ++t->ticks % TICKS_TO_KEEP_ALIVE == 0;
    for (struct viewer *viewer = t->viewers; viewer; viewer = viewer->next) {
        viewer->told = 0;
        if (viewer->missed)
            tell_missed(viewer);
        else if (keep_alive)
            viewer->answer->write(viewer->exchange, true, STR(":\n\n"));
    }
    if (t->viewers)
        t->timer->set(t->timer->ctx, t->tick, TICK_MS);
}

static void gone(void *user)
{
    struct viewer *viewer = user;
    struct viewer **at = &viewer->traffic->viewers;
    while (*at != viewer)
        at = &(*at)->next;
    *at = viewer->next;
    viewer->traffic->viewer_count--;
    free(viewer);
}

/* What was there before the viewer came, oldest first. */
static void tell_kept(const struct traffic *t, const struct viewer *viewer)
{
    struct buffer text = BUFFER_INIT;
    for (size_t i = t->count > KEPT ? t->count - KEPT : 0; i < t->count; i++)
        if (viewer_may_see(viewer, &t->kept[i % KEPT]))
            write_event(&text, &t->kept[i % KEPT]);
    if (text.len)
        tell(viewer, &text);
    buffer_clear(&text);
}

static void begin(struct traffic *t, struct viewer *viewer)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), STR_INIT("text/event-stream")},
        {STR_INIT("Cache-Control"), STR_INIT("no-store")},
        {STR_INIT("X-Accel-Buffering"), STR_INIT("no")},
        {STR_INIT("X-Content-Type-Options"), STR_INIT("nosniff")},
    };
    if (!t->viewers)
        t->timer->set(t->timer->ctx, t->tick, TICK_MS);
    viewer->next = t->viewers;
    t->viewers = viewer;
    t->viewer_count++;
    viewer->answer->stream(viewer->exchange, 200, headers, sizeof(headers) / sizeof(headers[0]));
    viewer->answer->watch(viewer->exchange, gone, viewer);
    viewer->answer->write(viewer->exchange, true, STR(":\n\n"));
    tell_kept(t, viewer);
}

void traffic_handle(void *ctx, struct http_request *request)
{
    struct traffic *t = ctx;
    if (!str_eq(request->method, STR("GET"))) {
        reply_error(request, 405, STR("the traffic is read with GET"));
        return;
    }
    if (t->viewer_count == VIEWERS_MAX) {
        reply_error(request, 503, STR("32 consoles look at the traffic already; close one"));
        return;
    }
    struct viewer *viewer = malloc(sizeof(*viewer));
    if (!viewer) {
        reply_error(request, 503, STR("out of memory"));
        return;
    }
    *viewer = (struct viewer){.traffic = t,
                              .exchange = request->exchange,
                              .answer = request->answer,
                              .caller = request->caller};
    begin(t, viewer);
}

struct traffic *traffic_new(const struct clock_port *clock, const struct timer_port *timer)
{
    struct traffic *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->clock = clock;
    t->timer = timer;
    t->tick = timer->create(timer->ctx, on_tick, t);
    if (!t->tick) {
        free(t);
        return NULL;
    }
    return t;
}

void traffic_shutdown(struct traffic *t)
{
    while (t->viewers) {
        struct viewer *viewer = t->viewers;
        viewer->answer->finish(viewer->exchange);
        gone(viewer);
    }
    t->timer->stop(t->timer->ctx, t->tick);
}

void traffic_free(struct traffic *t)
{
    if (!t)
        return;
    t->timer->free(t->timer->ctx, t->tick);
    while (t->viewers)
        gone(t->viewers);
    free(t);
}
