/* Requests of the handshake era: POST, GET and DELETE of sessions. */
#include "adapters/driving/mcp/http/session.h"

static bool takes_both(struct arrival *arrival, struct json id)
{
    if (arrival->head.takes_json && arrival->head.takes_events)
        return true;
    arrival_refuse(arrival, 406, id, RPC_INVALID_REQUEST,
                   "the Accept header must name application/json and text/event-stream");
    return false;
}

/* True if an answer will be written: a request is in it, or something that is no message. */
static bool asks(struct json root)
{
    struct json_iter it = json_iter(root);
    if (json_type(root) != JSON_ARRAY)
        return json_exists(json_get(root, STR("id"))) && !receive_is_response(root);
    while (json_next(&it))
        if (!receive_is_response(it.value) &&
            (json_exists(json_get(it.value, STR("id"))) || receive_what_is_wrong(it.value)))
            return true;
    return json_count(root) == 0;
}

/* Hands the message to the session. False without memory. */
static bool run(struct session *session, struct arrival *arrival, struct message *message,
                bool begins)
{
    struct stream *stream = stream_new(session, &arrival->reply);
    if (!stream)
        return false;
    uint32_t number = stream->number;
    stream->begins = begins;
    stream->asks = asks(json_root(message->doc));
    message->origin = (void *)(uintptr_t)number;
    receive_document(session_connection(session), message);
    stream = stream_find(session, number);
    if (stream && stream->reply.exchange) {
        stream_watch(stream);
        stream_poll_later(stream);
    }
    return true;
}

static void refuse_without_memory(struct arrival *arrival, struct json id)
{
    arrival_refuse(arrival, 503, id, RPC_INTERNAL_ERROR, "out of memory");
}

/* "name version" of the client, as far as there is room: cut at a character. */
static void note_client(struct session *session, struct json info)
{
    struct buffer text = BUFFER_INIT;
    json_decode(json_get(info, STR("name")), &text);
    buffer_add_char(&text, ' ');
    json_decode(json_get(info, STR("version")), &text);
    size_t len = text.len < CLIENT_NAME_MAX ? text.len : CLIENT_NAME_MAX - 1;
    while (len < text.len && len && ((unsigned char)text.data[len] & 0xC0) == 0x80)
        len--;
    if (!buffer_failed(&text))
        memcpy(session->client, text.data, len);
    buffer_clear(&text);
}

void legacy_initialize(struct arrival *arrival, struct message *message)
{
    struct json root = json_root(message->doc), id = json_get(root, STR("id"));
    struct error err;
    if (!takes_both(arrival, id))
        return;
    struct session *session = session_new(arrival->http, arrival->caller, &err);
    if (!session) {
        arrival_refuse(arrival, 503, id, RPC_INTERNAL_ERROR, "%s", err.text);
        return;
    }
    note_client(session, json_get(json_get(root, STR("params")), STR("clientInfo")));
    arrival->http->counted.requests_legacy++;
    if (!run(session, arrival, message, true)) {
        session->failed = true;
        refuse_without_memory(arrival, id);
    }
    if (session->failed)
        session_free(session);
    else
        arrival->http->counted.sessions_begun++;
}

void legacy_post(struct arrival *arrival, struct message *message)
{
    struct json root = json_root(message->doc), id = receive_readable_id(root);
    bool array = json_type(root) == JSON_ARRAY, response = receive_is_response(root);
    if (response)
        id = json_none(); /* it is the id of a request of ours */
    if (!takes_both(arrival, id))
        return;
    struct session *session = session_of(arrival, id);
    if (!session)
        return;
    arrival->http->counted.requests_legacy++;
    if (array || asks(root)) {
        if (!run(session, arrival, message, false))
            refuse_without_memory(arrival, id);
        return;
    }
    receive_document(session_connection(session), message);
    arrival_accept(arrival);
}

void legacy_get(struct arrival *arrival)
{
    struct str last_event;
    if (!arrival_version_is_served(arrival, json_none()))
        return;
    if (!arrival->head.takes_events) {
        arrival_refuse(arrival, 406, json_none(), RPC_INVALID_REQUEST,
                       "the Accept header of a GET must name text/event-stream");
        return;
    }
    struct session *session = session_of(arrival, json_none());
    if (!session)
        return;
    if (head_find(&arrival->head, STR("last-event-id"), &last_event) == HEAD_THERE &&
        last_event.len)
        stream_take_up(session, arrival, last_event);
    else
        standing_open(session, arrival);
}

void legacy_delete(struct arrival *arrival)
{
    if (!arrival_version_is_served(arrival, json_none()))
        return;
    struct session *session = session_of(arrival, json_none());
    if (!session)
        return;
    session_free(session);
    reply_empty(&arrival->reply, 200);
}
