/* A request that runs for long need not hold a connection: its client is sent away with an id, and
 * comes again for what there is. */
#include "adapters/driving/mcp/http/session.h"

static void set_timer(struct mcp_http *http, uint64_t now)
{
    const struct timer_port *timer = http->mcp->options.timer;
    if (!http->polls)
        timer->stop(timer->ctx, http->poll_timer);
    else
        timer->set(timer->ctx, http->poll_timer,
                   http->polls->poll_at_ms > now ? http->polls->poll_at_ms - now : 0);
}

void stream_poll_later(struct stream *stream)
{
    struct mcp_http *http = stream->session->http;
    uint64_t now = http_now_ms(http);
    if (!http->options.poll_after_ms || stream->opened ||
        session_connection(stream->session)->revision < REV_2025_11_25)
        return;
    stream->poll_at_ms = now + http->options.poll_after_ms;
    stream->poll_previous = http->polls_end;
    if (http->polls_end)
        http->polls_end->poll_next = stream;
    else
        http->polls = stream;
    http->polls_end = stream;
    if (http->polls == stream)
        set_timer(http, now);
}

void stream_poll_forget(struct stream *stream)
{
    struct mcp_http *http = stream->session->http;
    if (!stream->poll_at_ms)
        return;
    if (stream->poll_previous)
        stream->poll_previous->poll_next = stream->poll_next;
    else
        http->polls = stream->poll_next;
    if (stream->poll_next)
        stream->poll_next->poll_previous = stream->poll_previous;
    else
        http->polls_end = stream->poll_previous;
    stream->poll_at_ms = 0;
    stream->poll_next = stream->poll_previous = NULL;
}

void streams_poll(void *ctx)
{
    struct mcp_http *http = ctx;
    uint64_t now = http_now_ms(http);
    while (http->polls && http->polls->poll_at_ms <= now) {
        struct stream *stream = http->polls;
        stream_open(stream, true); /* takes it out of the list */
        stream_detach(stream);
    }
    set_timer(http, now);
}
