/*
 * SPDX-License-Identifier: MIT
 */
#include "conversation.h"

#include "kit/response.h"

#define ID "1" /* there is one subscription in a connection */

static bool say(struct conversation *c, const char *type, bool with_id, hexmcp_str payload)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", type);
    if (with_id)
        hexmcp_json_put_text(&w, "id", ID);
    if (payload.len > 0)
        hexmcp_json_put_raw(&w, "payload", payload);
    hexmcp_json_end_object(&w);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    bool good = hexmcp_json_writer_status(&w) == HEXMCP_OK && socket_send(c->socket, text);
    if (text.ptr)
        explicit_bzero((char *)(uintptr_t)text.ptr, text.len); /* the first one can hold secrets */
    hexmcp_json_writer_free(&w);
    return good;
}

static void stop(struct conversation *c, const char *wrong)
{
    c->wrong = wrong;
    c->socket->ended = true;
}

bool conversation_begin(struct conversation *c, hexmcp_str params)
{
    return say(c, "connection_init", false, params);
}

void conversation_end(struct conversation *c)
{
    if (c->begun && !c->complete && c->errors.len == 0)
        say(c, c->legacy ? "stop" : "complete", true, (hexmcp_str){NULL, 0});
    if (c->legacy)
        say(c, "connection_terminate", false, (hexmcp_str){NULL, 0});
}

/* ---- what the server says ---- */

static void take_ack(struct conversation *c)
{
    if (c->begun) {
        stop(c, "it accepts the connection twice");
        return;
    }
    c->begun = true;
    if (!say(c, c->legacy ? "start" : "subscribe", true, c->start))
        stop(c, "it does not read");
}

static void take_event(struct conversation *c, hexmcp_str payload)
{
    if (hexmcp_json_type(payload) != HEXMCP_JSON_OBJECT)
        stop(c, "an event has no payload");
    else if (!gathered_add(c->gathered, payload))
        c->socket->ended = true;
}

/* An array in the new protocol; in the old one an object, or whatever the server likes. */
static void take_errors(struct conversation *c, hexmcp_str payload, bool refused)
{
    bool array = hexmcp_json_type(payload) == HEXMCP_JSON_ARRAY;
    c->refused = refused;
    if ((!array && !bytes_add(&c->errors, "[", 1)) ||
        !bytes_add(&c->errors, payload.len ? payload.ptr : "null", payload.len ? payload.len : 4) ||
        (!array && !bytes_add(&c->errors, "]", 1)))
        stop(c, "memory is short");
    c->socket->ended = true;
}

/* Messages about the subscription; false: it is none. */
static bool take_of_subscription(struct conversation *c, hexmcp_str type, hexmcp_str message)
{
    hexmcp_str id, payload = {NULL, 0};
    bool event = hexmcp_json_equals(type, c->legacy ? "data" : "next");
    bool error = hexmcp_json_equals(type, "error"), complete = hexmcp_json_equals(type, "complete");
    if (!event && !error && !complete)
        return false;
    hexmcp_json_get(message, "payload", &payload);
    if (!c->begun || hexmcp_json_get(message, "id", &id) != HEXMCP_OK || !hexmcp_json_equals(id, ID)) {
        stop(c, "it speaks of a subscription that was not asked for");
    } else if (event) {
        take_event(c, payload);
    } else if (error) {
        take_errors(c, payload, false);
    } else {
        c->complete = true;
        c->socket->ended = true;
    }
    return true;
}

static void take_message(struct conversation *c, hexmcp_str message)
{
    hexmcp_str type, payload = {NULL, 0};
    if (hexmcp_json_get(message, "type", &type) != HEXMCP_OK ||
        hexmcp_json_type(type) != HEXMCP_JSON_STRING) {
        stop(c, "a message has no type");
        return;
    }
    hexmcp_json_get(message, "payload", &payload);
    if (take_of_subscription(c, type, message))
        return;
    if (hexmcp_json_equals(type, "connection_ack"))
        take_ack(c);
    else if (c->legacy && hexmcp_json_equals(type, "connection_error"))
        take_errors(c, payload, true);
    else if (!c->legacy && hexmcp_json_equals(type, "ping"))
        c->socket->lost = !say(c, "pong", false, payload) || c->socket->lost;
    else if (!hexmcp_json_equals(type, c->legacy ? "ka" : "pong"))
        stop(c, "a message has an unknown type");
}

void conversation_take(void *conversation, hexmcp_str text)
{
    struct conversation *c = conversation;
    struct bytes clean = {0};
    if (!credentials_hide(c->credentials, text, &clean))
        stop(c, "memory is short");
    else if (!response_is_json(c->r, bytes_str(&clean)) ||
             hexmcp_json_type(bytes_str(&clean)) != HEXMCP_JSON_OBJECT)
        stop(c, "a message is no JSON object");
    else
        take_message(c, bytes_str(&clean));
    bytes_free(&clean);
}
