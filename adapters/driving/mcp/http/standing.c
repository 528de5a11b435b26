/* GET: the streams for what belongs to no request, and streams that are taken up again. */
#include <stdlib.h>

#include "adapters/driving/mcp/http/session.h"

/* Standing streams of one session that are open, and that were and may be taken up again. */
#define OPEN_MAX 4u
#define LOST_MAX 8u

static bool is_standing(const struct stream *stream, bool open)
{
    return stream->standing && (stream->reply.exchange != NULL) == open;
}

/* ---- messages ------------------------------------------------------------------------------ */

/* Nothing is lost while no stream is open, but what is said twice is kept once, and what is oldest
 * goes when there is too much. */
static bool wait_for_stream(struct session *session, struct str message)
{
    struct events *waiting = &session->waiting;
    if (events_have(waiting, message))
        return true;
    if (!events_add(waiting, &(struct event){0}, message))
        return false;
    while (waiting->bytes > session->http->options.replay_bytes / 4 &&
           waiting->first != waiting->last)
        free(events_take(waiting));
    return true;
}

bool standing_send(struct session *session, const struct message_about *about, struct str message)
{
    struct stream *stream = session->streams;
    while (stream && !is_standing(stream, true))
        stream = stream->next;
    if (!stream)
        return wait_for_stream(session, message);
    return stream_event(stream, about->kind == MESSAGE_NOTIFICATION, message);
}

static void send_waiting(struct stream *stream)
{
    struct event *event;
    while ((event = events_take(&stream->session->waiting))) {
        stream_event(stream, false, (struct str){event->text, event->len});
        free(event);
    }
}

/* ---- opening ------------------------------------------------------------------------------- */

/* The oldest that is open, or was; NULL if there are not more than `max`. */
static struct stream *oldest_above(const struct session *session, bool open, unsigned max)
{
    struct stream *oldest = NULL;
    unsigned count = 0;
    for (struct stream *at = session->streams; at; at = at->next)
        if (is_standing(at, open)) {
            oldest = at;
            count++;
        }
    return count > max ? oldest : NULL;
}

static void limit_streams(struct session *session)
{
    struct stream *open = oldest_above(session, true, OPEN_MAX);
    if (open)
        stream_detach(open);
    struct stream *lost = oldest_above(session, false, LOST_MAX);
    if (!lost)
        return;
    events_drop(&session->replay[0], lost->number);
    events_drop(&session->replay[1], lost->number);
    stream_free(lost);
}

void standing_open(struct session *session, struct arrival *arrival)
{
    struct stream *stream = stream_new(session, &arrival->reply);
    if (!stream) {
        arrival_refuse(arrival, 503, json_none(), RPC_INTERNAL_ERROR, "out of memory");
        return;
    }
    stream->standing = true;
    stream_open(stream, true);
    send_waiting(stream);
    stream_watch(stream);
    limit_streams(session);
}

/* ---- taking up ----------------------------------------------------------------------------- */

static bool read_number(struct str *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text->len && text->ptr[i] >= '0' && text->ptr[i] <= '9'; i++) {
        if (value > (max - 9) / 10)
            return false;
        value = value * 10 + (uint64_t)(text->ptr[i] - '0');
    }
    *text = (struct str){text->ptr + i, text->len - i};
    *out = value;
    return i > 0;
}

/* "3-17": stream 3, event 17. */
static bool read_event_id(struct str text, uint64_t *stream, uint64_t *event)
{
    if (!read_number(&text, UINT32_MAX, stream) || !text.len || text.ptr[0] != '-')
        return false;
    text = (struct str){text.ptr + 1, text.len - 1};
    return read_number(&text, UINT64_MAX, event) && text.len == 0;
}

static const struct event *next_of(const struct event *event, uint32_t stream, uint64_t after)
{
    while (event && (event->stream != stream || event->number <= after))
        event = event->next;
    return event;
}

/* Both kinds, in the order in which they were said. */
static void replay(struct stream *stream, uint64_t after)
{
    const struct session *session = stream->session;
    const struct event *a = next_of(session->replay[0].first, stream->number, after);
    const struct event *b = next_of(session->replay[1].first, stream->number, after);
    while (a || b) {
        const struct event **first = !b || (a && a->number < b->number) ? &a : &b;
        const struct event *event = *first;
        reply_write(&stream->reply, false, (struct str){event->text, event->len});
        *first = next_of(event->next, stream->number, after);
    }
}

/* The newest of the session now, so that what belongs to no request goes there. */
static void move_to_front(struct stream *stream)
{
    struct stream **at = &stream->session->streams;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    stream->next = stream->session->streams;
    stream->session->streams = stream;
}

static void go_on(struct stream *stream, const struct reply *reply, uint64_t after)
{
    /* The client knows that it lost the other one before we do. */
    stream_detach(stream);
    stream->reply = *reply;
    move_to_front(stream);
    stream_open(stream, false);
    replay(stream, after);
    if (stream->finished) {
        stream_detach(stream);
        return;
    }
    if (stream->standing)
        send_waiting(stream);
    stream_watch(stream);
    limit_streams(stream->session);
}

void stream_take_up(struct session *session, struct arrival *arrival, struct str last_event)
{
    uint64_t number = 0, after = 0;
    struct stream *stream = NULL;
    if (read_event_id(last_event, &number, &after))
        stream = stream_find(session, (uintptr_t)number);
    if (stream && stream->opened)
        go_on(stream, &arrival->reply, after);
    else
        arrival_refuse(arrival, 400, json_none(), RPC_INVALID_REQUEST,
                       "the stream of Last-Event-ID \"%.*s\" is not there any more; open a new one "
                       "without this header",
                       STR_ARG(last_event));
}
