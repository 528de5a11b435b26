#include "adapters/driving/cli/network/parts.h"
#include "core/base/buffer.h"

static void seen(void *ctx, const struct traffic_event *event)
{
    struct network *n = ctx;
    struct traffic_tap counts = metrics_tap(n->metrics);
    counts.seen(counts.ctx, event);
    if (n->console.tap.seen)
        n->console.tap.seen(n->console.tap.ctx, event);
}

static void write_line(struct buffer *out, struct str name, struct str type, uint64_t value)
{
    buffer_add_str(out, STR("# TYPE hexmcp_"));
    buffer_add_str(out, name);
    buffer_add_char(out, ' ');
    buffer_add_str(out, type);
    buffer_add_str(out, STR("\nhexmcp_"));
    buffer_add_str(out, name);
    buffer_add_char(out, ' ');
    buffer_add_u64(out, value);
    buffer_add_char(out, '\n');
}

static void write_listener(void *ctx, struct buffer *out)
{
    const struct network *n = ctx;
    struct listener_facts facts;
    listener_facts(n->listener, &facts);
    write_line(out, STR("listener_connections"), STR("gauge"), facts.connections);
    write_line(out, STR("listener_waiting"), STR("gauge"), facts.waiting);
    write_line(out, STR("listener_accepted_total"), STR("counter"), facts.accepted);
    write_line(out, STR("listener_refused_total"), STR("counter"), facts.refused);
}

/* From the first upgrade on. */
static void write_websocket(void *ctx, struct buffer *out)
{
    const struct network *n = ctx;
    struct websocket_facts facts = {0};
    if (n->websocket.facts)
        n->websocket.facts(n->websocket.taker.ctx, &facts);
    write_line(out, STR("websocket_connections"), STR("gauge"), facts.connections);
    write_line(out, STR("websocket_held_bytes"), STR("gauge"), facts.held_bytes);
    write_line(out, STR("websocket_queued_bytes"), STR("gauge"), facts.queued_bytes);
    write_line(out, STR("websocket_accepted_total"), STR("counter"), facts.accepted);
    write_line(out, STR("websocket_refused_total"), STR("counter"), facts.refused);
    write_line(out, STR("websocket_received_messages_total"), STR("counter"), facts.received);
    write_line(out, STR("websocket_sent_messages_total"), STR("counter"), facts.sent);
    write_line(out, STR("websocket_dropped_notifications_total"), STR("counter"), facts.dropped);
}

int network_watch_open(struct network *n, struct error *err)
{
    n->metrics = metrics_new();
    if (!n->metrics)
        return error_set(err, ST_NOMEM, "out of memory");
    n->sources[n->source_count++] = metrics_source(n->metrics);
    n->sources[n->source_count++] = (struct metrics_source){n, write_listener};
    n->sources[n->source_count++] = (struct metrics_source){n, write_websocket};
    n->sources[n->source_count++] = app_plugin_metrics(n->app);
    struct metrics_source hooks = app_hook_metrics(n->app);
    if (hooks.write)
        n->sources[n->source_count++] = hooks;
    app_set_tap(n->app, &(struct traffic_tap){n, seen, NULL});
    return ST_OK;
}

void network_watch_close(struct network *n)
{
    app_set_tap(n->app, NULL);
    metrics_free(n->metrics);
}
