/*
 * Between a wire (stdio, WebSocket: something that carries whole messages) and the protocol that
 * is spoken on it. One endpoint per connection. All [loop].
 */
#pragma once

#include "ports/context.h"

enum message_kind {
    MESSAGE_ANSWER,       /* must arrive: a response, or a request of ours                       */
    MESSAGE_NOTIFICATION, /* may be dropped when the client does not read                        */
};

/* What is known of a message besides its text. A wire with one stream needs only `kind`. */
struct message_about {
    enum message_kind kind;
    bool response; /* to a request of the client, or to a batch of them                          */
    void *origin;  /* what the message came with that this one belongs to; NULL: to none         */
    int error;     /* of a response: the error's code; 0: a result, or a batch                   */
    bool refused;  /* of a response: an error that was found before the method's handler ran     */
};

/* The wire, seen from the protocol. */
struct message_sink {
    void *ctx;

    /* Queues one message, copied; `message` holds no line break. A notification is dropped, with
     * false, if the client is too far behind; answers are always queued. */
    bool (*send)(void *ctx, const struct message_about *about, struct str message);

    /* The endpoint can take input again, see RECEIVE_PAUSE. */
    void (*resume)(void *ctx);

    struct str wire; /* its name for those who watch: "stdio", "http" ...; lives as long as the sink */
};

enum receive_result {
    RECEIVE_GO_ON,
    RECEIVE_PAUSE, /* give no further message until sink.resume() */
};

/* The protocol, seen from the wire. */
struct message_endpoint {
    void *ctx;

    /* One message: `data` is from malloc and belongs to the endpoint now. */
    enum receive_result (*receive)(void *ctx, char *data, size_t len);

    /* Something came that never becomes a message, e.g. a line over the limit. The endpoint answers
     * with the protocol's error; the connection lives on. */
    void (*reject)(void *ctx, const struct error *why);

    /* Requests that were accepted and are not answered yet. */
    size_t (*pending)(void *ctx);

    /* Cancels what is pending and answers each with an error: the server goes away. */
    void (*shutdown)(void *ctx);

    /* Ends the connection: cancels what is pending, without answers, and frees the endpoint. The
     * sink is not used any more. */
    void (*close)(void *ctx);
};

/* What a listener needs: an endpoint for each new connection. */
struct endpoint_factory {
    void *ctx;
    /* `caller` is who speaks; copied. */
    int (*open)(void *ctx, const struct caller *caller, const struct message_sink *sink,
                struct message_endpoint *out, struct error *err);
};
