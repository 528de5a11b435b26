/* Inside of connect: as much of a JSON-RPC message as it takes to carry it. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

enum message_shape {
    SHAPE_ODD, /* none of the others: for the other side to judge */
    SHAPE_REQUEST,
    SHAPE_NOTIFICATION,
    SHAPE_RESPONSE,
    SHAPE_BATCH,
};

enum method {
    METHOD_OTHER,
    METHOD_INITIALIZE,
    METHOD_INITIALIZED,
    METHOD_CALL,
    METHOD_SET_LEVEL,
    METHOD_SUBSCRIBE,
    METHOD_UNSUBSCRIBE,
    METHOD_LISTEN,
    METHOD_CANCELLED,
    METHOD_PROGRESS,
    METHOD_ACKNOWLEDGED,
};

struct message {
    enum message_shape shape;
    enum method method; /* of a request or notification */
    struct str line;
    struct json root, id, params;
    struct json_doc *doc;
};

/* `line` is borrowed and must outlive the message. ST_INVALID: no JSON. */
int message_read(struct str line, struct message *out);
void message_clear(struct message *m);

/* Fills the rest of *m from m->root, e.g. for an element of a batch. */
void message_look(struct message *m);

/* True if `params` carry the protocol version with them: a request of the modern era. */
bool message_has_version(struct json params);

/* Appends the line with `id` in place of the value `at` in it. */
void message_splice(struct buffer *out, struct str line, struct json at, struct str id);

#define RPC_PARSE_ERROR (-32700)
#define RPC_INTERNAL_ERROR (-32603)

/* Appends what ends a subscriptions/listen whose id is `id`: a notification, and the result. */
void message_listen_cancelled(struct buffer *out, struct str id, const char *reason);
void message_listen_result(struct buffer *out, struct str id);

/* Appends an error, without a line end. `id` is raw, empty for none; `text` is plain. */
void message_error(struct buffer *out, struct str id, int code, const char *text);
