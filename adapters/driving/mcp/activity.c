/* Who is connected, for those who watch. */
#include "adapters/driving/mcp/connection.h"

static void visit(void *ctx, const struct activity_visitor *visitor)
{
    const struct mcp *mcp = ctx;
    for (const struct connection *c = mcp->connections; c; c = c->next) {
        const struct activity_connection connection = {
            .wire = c->sink.wire,
            .caller = &c->client->caller,
            .opened_ms = c->opened_ms,
            .received = c->received,
            .sent = c->sent,
            .pending = c->requests.count - c->listening_count + (c->parsing ? 1 : 0),
        };
        visitor->connection(visitor->ctx, &connection);
    }
}

struct activity_source mcp_activity(struct mcp *mcp)
{
    return (struct activity_source){mcp, visit};
}
