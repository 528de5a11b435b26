/* Sessions of the handshake era over HTTP, and their streams. */
#pragma once

#include "adapters/driving/mcp/http/binding.h"
#include "adapters/driving/mcp/http/replay.h"

#define SESSION_ID_CHARS 32
#define CLIENT_NAME_MAX 96

/* An answer to a POST, or what a GET opened. It may outlive its exchange, to be taken up again. */
struct stream {
    struct session *session;
    struct stream *next;
    struct reply reply; /* exchange NULL: nobody reads now */
    uint32_t number;
    size_t kept;        /* events that can be sent again */
    bool standing;      /* of a GET: for what belongs to no request */
    bool begins;        /* its answer begins the session */
    bool asks;          /* the POST holds a request */
    bool opened;        /* it is a stream of events, and not one JSON object */
    bool finished;      /* nothing comes any more */
    uint64_t poll_at_ms; /* when it is sent away; 0: it is not waited for */
    struct stream *poll_next;
    struct stream *poll_previous;
};

struct session {
    struct mcp_http *http;
    char id[SESSION_ID_CHARS + 1];
    char client[CLIENT_NAME_MAX];
    struct session *next;          /* in its bucket */
    struct session *later;         /* used after this one */
    struct session *earlier;
    struct message_endpoint end;
    struct stream *streams;        /* the newest first */
    uint32_t last_stream;
    uint64_t last_event;
    struct events replay[2];       /* what may be dropped, and what may not */
    struct events waiting;         /* messages for a standing stream, while there is none */
    uint64_t begun_ms;
    uint64_t used_ms;
    bool failed;                   /* initialize was refused */
};

/* session.c */
/* NULL and *err without memory or room. */
struct session *session_new(struct mcp_http *http, const struct caller *caller, struct error *err);
/* The session that the request names, which is used by that; NULL: the request has been refused. */
struct session *session_of(struct arrival *arrival, struct json id);
/* Ends it; what is open gets no answer. */
void session_free(struct session *session);
struct connection *session_connection(const struct session *session);

void sessions_expire(struct mcp_http *http);
size_t sessions_pending(const struct mcp_http *http);
void sessions_shutdown(struct mcp_http *http);
void sessions_close(struct mcp_http *http);

/* stream.c */
/* NULL without memory. */
struct stream *stream_new(struct session *session, const struct reply *reply);
struct stream *stream_find(const struct session *session, uintptr_t number);
/* What the endpoint has to say: the sink of a session. */
bool stream_send(void *session, const struct message_about *about, struct str message);
/* Nothing more comes for what came with `origin`. */
void stream_over(void *session, void *origin);
/* Is told when the client of the stream goes away. */
void stream_watch(struct stream *stream);
void stream_free(struct stream *stream);
/* Ends what a client sees of it; it is there to be taken up again. */
void stream_detach(struct stream *stream);

/* standing.c: what belongs to no request */
bool standing_send(struct session *session, const struct message_about *about, struct str message);
/* A GET without and with Last-Event-ID. */
void standing_open(struct session *session, struct arrival *arrival);
void stream_take_up(struct session *session, struct arrival *arrival, struct str last_event);

/* Frees the events that were said before. */
void session_forget_events(struct session *session, uint64_t before_ms);

/* Within stream.c and standing.c */
void stream_open(struct stream *stream, bool prime);
bool stream_event(struct stream *stream, bool may_drop, struct str message);
void stream_finish(struct stream *stream);

/* poll.c: clients that are sent away while their request runs */
void stream_poll_later(struct stream *stream);
void stream_poll_forget(struct stream *stream);
void streams_poll(void *http);
