/* What is sent for a POST of a session: one JSON object, or events that can be fetched again. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/mcp/http/session.h"

/* ---- events -------------------------------------------------------------------------------- */

/* Before 2025-03-26 events had no ids. */
static bool is_resumable(const struct session *session)
{
    return session_connection(session)->revision >= REV_2025_03_26;
}

static void write_id(struct buffer *out, const struct stream *stream)
{
    if (!is_resumable(stream->session))
        return;
    buffer_add_str(out, STR("id: "));
    buffer_add_u64(out, stream->number);
    buffer_add_char(out, '-');
    buffer_add_u64(out, ++stream->session->last_event);
    buffer_add_char(out, '\n');
}

/* An event without a message: a client that loses the connection now has an id to come back with.
 * Clients of older revisions would take it for a message. */
static void prime(struct stream *stream)
{
    struct mcp_http *http = stream->session->http;
    struct buffer *out = &http->scratch;
    buffer_reset(out, SCRATCH_BYTES);
    write_id(out, stream);
    buffer_add_str(out, STR("retry: "));
    buffer_add_u64(out, http->options.retry_ms);
    buffer_add_str(out, STR("\ndata: \n\n"));
    if (!buffer_failed(out))
        reply_write(&stream->reply, false, buffer_str(out));
}

void stream_open(struct stream *stream, bool may_prime)
{
    stream_poll_forget(stream);
    stream->opened = true;
    if (!stream->reply.exchange)
        return;
    reply_begin_events(&stream->reply);
    if (may_prime && session_connection(stream->session)->revision >= REV_2025_11_25)
        prime(stream);
}

static void forget_oldest(struct session *session, struct events *events)
{
    struct event *event = events_take(events);
    struct stream *stream = stream_find(session, event->stream);
    free(event);
    if (stream && --stream->kept == 0 && stream->finished)
        stream_free(stream);
}

/* An answer that nobody has seen yet is kept, however long it is; all else has its bounds. */
static void keep(struct stream *stream, bool may_drop, struct str event)
{
    struct session *session = stream->session;
    struct events *events = &session->replay[may_drop];
    size_t limit = session->http->options.replay_bytes / (may_drop ? 4 : 2);
    bool seen = stream->reply.exchange != NULL;
    const struct event what = {.number = session->last_event,
                               .said_ms = http_now_ms(session->http),
                               .stream = stream->number};
    if ((seen || may_drop) && EVENT_BYTES + event.len > limit)
        return;
    if (events_add(events, &what, event))
        stream->kept++;
    while (events->bytes > limit && events->first != events->last)
        forget_oldest(session, events);
}

void session_forget_events(struct session *session, uint64_t before_ms)
{
    for (int i = 0; i < 2; i++)
        while (session->replay[i].first && session->replay[i].first->said_ms < before_ms)
            forget_oldest(session, &session->replay[i]);
}

bool stream_event(struct stream *stream, bool may_drop, struct str message)
{
    struct buffer *out = &stream->session->http->scratch;
    buffer_reset(out, SCRATCH_BYTES);
    buffer_add_str(out, STR("event: message\n"));
    write_id(out, stream);
    buffer_add_str(out, STR("data: "));
    buffer_add_str(out, message);
    buffer_add_str(out, STR("\n\n"));
    if (buffer_failed(out) ||
        (stream->reply.exchange && !reply_write(&stream->reply, may_drop, buffer_str(out))))
        return false;
    if (is_resumable(stream->session))
        keep(stream, may_drop, buffer_str(out));
    return true;
}

void stream_finish(struct stream *stream)
{
    stream->finished = true;
    reply_end_events(&stream->reply);
    if (stream->kept == 0)
        stream_free(stream);
}

/* ---- the sink of a session ----------------------------------------------------------------- */

static void send_answer(struct stream *stream, const struct message_about *about,
                        struct str message)
{
    struct session *session = stream->session;
    struct str id = {session->id, stream->begins && !about->error ? SESSION_ID_CHARS : 0};
    if (stream->begins)
        session->failed = about->error != 0;
    if (stream->opened) {
        stream_event(stream, false, message);
        stream_finish(stream);
    } else {
        reply_json(&stream->reply, reply_status(about), message, id);
        stream_free(stream);
    }
}

bool stream_send(void *ctx, const struct message_about *about, struct str message)
{
    struct session *session = ctx;
    struct stream *stream = stream_find(session, (uintptr_t)about->origin);
    if (!about->origin)
        return standing_send(session, about, message);
    /* The client went away before it had an id to ask for this with, or has cancelled it. */
    if (!stream || stream->finished)
        return true;
    if (about->response) {
        send_answer(stream, about, message);
        return true;
    }
    if (!stream->opened && !stream->reply.exchange)
        return true;
    if (!stream->opened)
        stream_open(stream, true);
    return stream_event(stream, about->kind == MESSAGE_NOTIFICATION, message);
}

void stream_over(void *ctx, void *origin)
{
    struct stream *stream = stream_find(ctx, (uintptr_t)origin);
    if (!stream || stream->finished)
        return;
    if (!stream->asks)
        reply_empty(&stream->reply, 202);
    else if (!stream->opened && stream->reply.exchange)
        stream_open(stream, false); /* a stream that ends without an answer: it was cancelled */
    stream_finish(stream);
}

/* ---- life ---------------------------------------------------------------------------------- */

struct stream *stream_find(const struct session *session, uintptr_t number)
{
    struct stream *at = session->streams;
    while (at && at->number != number)
        at = at->next;
    return at;
}

struct stream *stream_new(struct session *session, const struct reply *reply)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    stream->session = session;
    stream->reply = *reply;
    stream->number = ++session->last_stream;
    stream->next = session->streams;
    return session->streams = stream;
}

void stream_free(struct stream *stream)
{
    struct stream **at = &stream->session->streams;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    stream_poll_forget(stream);
    reply_forget(&stream->reply);
    free(stream);
}

static void client_gone(void *user)
{
    struct stream *stream = user;
    reply_forget(&stream->reply);
    stream_poll_forget(stream);
}

void stream_watch(struct stream *stream)
{
    stream->reply.answer->watch(stream->reply.exchange, client_gone, stream);
}

void stream_detach(struct stream *stream)
{
    reply_end_events(&stream->reply);
}
