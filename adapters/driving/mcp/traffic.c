#include "adapters/driving/mcp/traffic.h"

#include "adapters/driving/mcp/call.h"

/* The name of a tool or prompt. A resource's address may say more than everybody should read. */
static struct str target_of(const struct request *r, struct buffer *scratch)
{
    struct str name;
    bool named = r->method && (r->method->action == ACTION_CALL || r->method->action == ACTION_RENDER);
    return named && json_string(r->target, scratch, &name) ? name : STR("");
}

static uint64_t took(const struct request *r)
{
    const struct clock_port *clock = r->connection->mcp->options.clock;
    return clock->monotonic_ns(clock->ctx) - r->started_ns;
}

void traffic_tell(const struct request *r, enum traffic_end end, int error, size_t sent)
{
    const struct connection *c = r->connection;
    const struct traffic_tap *tap = c->mcp->options.tap;
    if (!tap)
        return;
    struct buffer scratch = BUFFER_INIT;
    const struct traffic_event event = {
        .end = end,
        .error = error,
        .duration_ns = took(r),
        .wire = c->sink.wire,
        .protocol = revision_name(r->revision),
        .method = r->method_name,
        .target = target_of(r, &scratch),
        .caller = &c->client->caller,
        .received = json_text(json_root(r->message->doc)).len,
        .sent = sent,
    };
    tap->seen(tap->ctx, &event);
    buffer_clear(&scratch);
}

void traffic_tell_begin(const struct request *r)
{
    const struct connection *c = r->connection;
    const struct traffic_tap *tap = c->mcp->options.tap;
    if (!tap || !tap->came)
        return;
    struct buffer scratch = BUFFER_INIT;
    const struct traffic_event event = {
        .wire = c->sink.wire,
        .protocol = revision_name(r->revision),
        .method = r->method_name,
        .target = target_of(r, &scratch),
        .caller = &c->client->caller,
        .received = json_text(json_root(r->message->doc)).len,
    };
    tap->came(tap->ctx, &event);
    buffer_clear(&scratch);
}

void traffic_tell_stray(const struct connection *c, int error, size_t sent)
{
    const struct traffic_tap *tap = c->mcp->options.tap;
    if (!tap)
        return;
    const struct traffic_event event = {
        .end = TRAFFIC_ERROR,
        .error = error,
        .wire = c->sink.wire,
        .caller = &c->client->caller,
        .sent = sent,
    };
    tap->seen(tap->ctx, &event);
}
