/* What goes on in the binding, for those who watch. */
#include <stdio.h>

#include "adapters/driving/mcp/http/session.h"

struct mcp_http_facts mcp_http_facts(const struct mcp_http *http)
{
    struct mcp_http_facts facts = http->counted;
    facts.sessions = http->session_count;
    facts.streams = http->streaming_count;
    facts.modern = speakers_count(http);
    facts.pending = mcp_http_pending(http);
    return facts;
}

/* ---- activity ------------------------------------------------------------------------------ */

static void visit_sessions(const struct mcp_http *http, const struct activity_visitor *visitor)
{
    const struct clock_port *clock = http->mcp->options.clock;
    int64_t began = clock->wall_ms(clock->ctx) - (int64_t)http_now_ms(http);
    for (const struct session *at = http->longest_idle; at; at = at->later) {
        const struct connection *c = session_connection(at);
        const struct activity_session session = {
            .id = {at->id, SESSION_ID_CHARS},
            .protocol = revision_name(c->revision),
            .client = str_from(at->client),
            .caller = &c->client->caller,
            .created_ms = began + (int64_t)at->begun_ms,
            .used_ms = began + (int64_t)at->used_ms,
        };
        visitor->session(visitor->ctx, &session);
    }
}

static void visit(void *ctx, const struct activity_visitor *visitor)
{
    const struct mcp_http *http = ctx;
    const struct mcp_http_facts facts = mcp_http_facts(http);
    const struct activity_counter counters[] = {
        {STR("http_sessions"), facts.sessions},
        {STR("http_streams"), facts.streams},
        {STR("http_pending"), facts.pending},
        {STR("http_sessions_begun"), facts.sessions_begun},
        {STR("http_sessions_expired"), facts.sessions_expired},
        {STR("http_sessions_evicted"), facts.sessions_evicted},
        {STR("http_refused"), facts.refused},
    };
    visit_sessions(http, visitor);
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visitor->counter(visitor->ctx, &counters[i]);
}

struct activity_source mcp_http_activity(struct mcp_http *http)
{
    return (struct activity_source){http, visit};
}

/* ---- metrics ------------------------------------------------------------------------------- */

static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
    char text[200];
    int len = snprintf(text, sizeof(text),
                       "# HELP hexmcp_mcp_http_%s %s\n# TYPE hexmcp_mcp_http_%s %s\n", name, help,
                       name, type);
    buffer_add(out, text, (size_t)len);
}

static void sample(struct buffer *out, const char *name, const char *labels, uint64_t value)
{
    char text[120];
    int len = snprintf(text, sizeof(text), "hexmcp_mcp_http_%s%s %llu\n", name, labels,
                       (unsigned long long)value);
    buffer_add(out, text, (size_t)len);
}

static void write_metrics(void *ctx, struct buffer *out)
{
    const struct mcp_http_facts facts = mcp_http_facts(ctx);
    family(out, "sessions", "gauge", "Sessions of the handshake era that live.");
    sample(out, "sessions", "", facts.sessions);
    family(out, "streams", "gauge", "Streams of events that are open.");
    sample(out, "streams", "", facts.streams);
    family(out, "pending", "gauge", "Requests that are not answered yet.");
    sample(out, "pending", "", facts.pending);
    family(out, "sessions_begun_total", "counter", "Sessions that began.");
    sample(out, "sessions_begun_total", "", facts.sessions_begun);
    family(out, "sessions_ended_total", "counter", "Sessions that the server ended.");
    sample(out, "sessions_ended_total", "{why=\"idle\"}", facts.sessions_expired);
    sample(out, "sessions_ended_total", "{why=\"room\"}", facts.sessions_evicted);
    family(out, "posts_total", "counter", "Messages that were posted.");
    sample(out, "posts_total", "{era=\"modern\"}", facts.requests_modern);
    sample(out, "posts_total", "{era=\"handshake\"}", facts.requests_legacy);
    family(out, "refused_total", "counter", "Requests that did not reach the protocol.");
    sample(out, "refused_total", "", facts.refused);
}

struct metrics_source mcp_http_metrics(struct mcp_http *http)
{
    return (struct metrics_source){http, write_metrics};
}
