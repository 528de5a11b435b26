#include "adapters/driving/cli/activity.h"

#include "adapters/driving/cli/network/parts.h"
#include "adapters/driving/mcp/mcp.h"

static void visit(struct activity_source source, const struct activity_visitor *visitor)
{
    source.visit(source.ctx, visitor);
}

static void count(const struct activity_visitor *visitor, struct str name, uint64_t value)
{
    const struct activity_counter counter = {name, value};
    visitor->counter(visitor->ctx, &counter);
}

static void count_connections(const struct network *n, const struct activity_visitor *visitor)
{
    struct listener_facts facts;
    listener_facts(n->listener, &facts);
    count(visitor, STR("connections_open"), facts.connections);
    count(visitor, STR("connections_accepted"), facts.accepted);
    count(visitor, STR("connections_refused"), facts.refused);
}

/* The console is asked over HTTP, so that is there. */
static void count_http(const struct network *n, const struct activity_visitor *visitor)
{
    struct http_facts facts;
    n->http.facts(n->http.ctx, &facts);
    count(visitor, STR("http_requests_answered"), facts.requests);
    count(visitor, STR("http_requests_in_work"), facts.exchanges);
    count(visitor, STR("http_answers_streaming"), facts.streams);
    count(visitor, STR("http_bytes_not_read"), facts.queued_bytes);
}

static void visit_all(void *ctx, const struct activity_visitor *visitor)
{
    const struct network *n = ctx;
    visit(plugins_activity(app_plugins(n->app)), visitor);
    visit(mcp_activity(app_mcp(n->app)), visitor);
    visit(mcp_http_activity(n->mcp_http), visitor);
    count_connections(n, visitor);
    count_http(n, visitor);
}

struct activity_source network_activity(struct network *network)
{
    return (struct activity_source){network, visit_all};
}
