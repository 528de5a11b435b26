/* The answer to one exchange: one JSON object, or a stream of events. */
#pragma once

#include "core/json/json.h"
#include "ports/driving/http_service.h"
#include "ports/driving/message_endpoint.h"

struct mcp_http;

struct reply {
    struct mcp_http *http;
    struct http_exchange *exchange; /* NULL: it is over, or the client has gone */
    const struct http_answer *answer;
    bool takes_events;
    bool streaming; /* events are being sent: the reply is in its list and does not move */
    struct reply *next; /* in the list of those */
    struct reply *previous;
};

/* The whole answer; `session` is the id of the session that it begins, empty for none. */
void reply_json(struct reply *reply, int status, struct str body, struct str session);
void reply_empty(struct reply *reply, int status);
/* What is written in the binding's buffer; without memory it is an error without a body. */
void reply_scratch(struct reply *reply, int status);

/* The status of an answer to a modern request or one of a session. */
int reply_status(const struct message_about *about);

void reply_begin_events(struct reply *reply);
/* False: it was dropped. */
bool reply_write(struct reply *reply, bool may_drop, struct str bytes);
void reply_end_events(struct reply *reply);

/* The client has gone, or is not to get more: nothing is sent. */
void reply_forget(struct reply *reply);
