/* Inside of the module: the server, its connections and their exchanges. */
#pragma once

#include <microhttpd.h>
#include <uv.h>

#include "adapters/driving/http/client.h"
#include "adapters/driving/http/counters.h"
#include "adapters/driving/http/deadline.h"
#include "adapters/driving/http/http.h"
#include "adapters/driving/http/refusal.h"
#include "core/base/buffer.h"
#include "core/base/str.h"

/* Headers of one request. More are refused. */
#define HEADERS_MAX 128u

/* A refused body up to this size is read and thrown away, so that the connection lives on. */
#define SWALLOW_MAX 65536u

/* An answer up to this size is handed to the library in one piece. */
#define WHOLE_ANSWER_MAX 65536u

enum stage {
    STAGE_IDLE,     /* between requests                                             */
    STAGE_HEAD,     /* the request line is there                                    */
    STAGE_ASKED,    /* the authenticator is thinking; suspended                     */
    STAGE_KNOWN,    /* it has answered; the library is to call again                */
    STAGE_BODY,     /* the body is coming                                           */
    STAGE_ROUTE,    /* the route has the request; suspended unless it answers now   */
    STAGE_ANSWER,   /* an answer was given to the library                           */
};

enum framing {
    FRAMING_NONE, /* no body */
    FRAMING_LENGTH,
    FRAMING_CHUNKED,
    FRAMING_BAD, /* nobody can say where the next request begins */
};

struct connection;
struct server;

/* The authenticator has it until it answers; the connection may end before. */
struct inquiry {
    struct connection *connection; /* NULL: it has ended */
};

/* One after the other on a connection; it is part of it. */
struct http_exchange {
    enum stage stage;
    const char *method; /* of our table; NULL for others */
    bool bad_target;
    bool preflight; /* a browser asks before it sends (CORS) */
    bool routed;    /* the route has seen it */
    struct buffer target;
    struct str path, query; /* in `target` */
    struct str authority;   /* of a target in absolute form, in `target`; else empty */
    struct http_header headers[HEADERS_MAX];
    size_t header_count;
    enum framing framing;
    uint64_t content_length;
    bool expects; /* a 100 (Continue) */
    struct str cors_origin;
    const struct http_route *route;
    struct refusal refusal;
    bool counted; /* in the caller's requests in flight */
    uint64_t began_ns;

    char *body;
    size_t body_len, body_cap; /* the cap counts as held */

    /* The answer. */
    bool calling;  /* the route's handle is running                                       */
    bool answered; /* responded or finished: the route knows the exchange no more         */
    bool streaming;
    bool ended; /* the stream has its last byte                                          */
    int status;
    struct MHD_Response *response; /* to be queued */
    struct buffer out;             /* of a stream, or of a large answer; `out_at` are sent */
    size_t out_at;
    size_t out_largest; /* of the messages written since nothing waited */
    void (*gone)(void *user);
    void *gone_user;
};

struct connection {
    struct server *server;
    struct MHD_Connection *mhd;
    int fd;
    bool local;
    void (*ended)(void *lease);
    void *lease;
    struct deadline deadline;
    uv_poll_t *watch; /* for the client's end while suspended; NULL until needed */
    bool watching;
    bool suspended;
    bool dying;  /* shut down: only its end is to come */
    bool linger; /* read on for a while when it is closed, so that the answer arrives */
    struct http_connection kept;
    struct client *client; /* who asked last */
    struct inquiry *inquiry;
    struct connection *next, *before;
    struct http_exchange exchange;
};

struct server {
    struct http_options options;
    struct http_parts parts;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;   /* the daemon's epoll descriptor */
    uv_idle_t again;  /* it has more to do at once */
    uv_timer_t pace;  /* it says that it has more to do, and does nothing */
    uv_timer_t timer; /* the deadlines */
    uint64_t timer_at_ms;
    unsigned open_handles;
    bool pumping;
    bool resumed;      /* since the library worked last */
    uint64_t progress; /* counts what the library called */
    bool closing;      /* free() was called */
    struct deadlines deadlines;
    struct connection *connections;
    struct connection *adopting; /* the library is being given it */
    struct clients clients;
    struct counters counters;
    struct farewell *lingering;
    size_t lingering_count;
    size_t connection_count;
    size_t exchange_count, stream_count;
    size_t held_bytes, queued_bytes;
    bool draining;
    bool drain_cut; /* the time for what still ran is over */
    uv_timer_t drain_timer;
    void (*drained)(void *user);
    void *drained_user;
    struct http_route own_routes[3];
};

extern const struct http_answer http_answers;

static inline struct connection *connection_of(struct http_exchange *x)
{
    return (struct connection *)((char *)x - offsetof(struct connection, exchange));
}

/* server.c: lets the library work. */
void server_pump(struct server *server);

/* Lets it work soon. */
void server_wake(struct server *server);

/* A handle of the server was closed; one whose `data` is the server. */
void server_handle_closed(uv_handle_t *handle);

/* drain.c */
void drain_begin(struct server *server, uint64_t drain_ms, void (*drained)(void *user), void *user);
/* A connection has ended. */
void drain_look(struct server *server);

/* connection.c */
struct connection *connection_new(struct server *server, const struct accepted *what);
void connection_closed(struct connection *c);

/* The library does nothing with it until resumed; the client's end is noticed. */
void connection_suspend(struct connection *c);
void connection_resume(struct connection *c);

/* Ends it soon, without any further byte; `gone` is called then, not now. */
void connection_abort(struct connection *c);

/* Sends a refusal by hand, where the library can send none. */
void connection_say(int fd, int status, const char *phrase, const char *message);

/* Starts the deadline again. */
void connection_deadline(struct connection *c, enum deadline_kind kind);

/* exchange.c: what the library calls. */
void exchange_line(struct connection *c, const char *uri);
enum MHD_Result exchange_step(struct connection *c, const char *method, const char *version,
                              const char *data, size_t *len);
void exchange_end(struct connection *c);

/* Ends what a route still has, for a drain: with 503, or the stream's end. */
void exchange_cut(struct http_exchange *x);

/* answer.c: NULL without memory; they set x->status. */
struct MHD_Response *answer_refusal(struct http_exchange *x);
struct MHD_Response *answer_preflight(struct http_exchange *x);
void answer_clear(struct http_exchange *x);

/* check.c: what can be said of a request by its head, in the order that http.h gives, up to the
 * credentials. False: x->refusal says why not. */
bool check_head(struct http_exchange *x, const char *method);

/* Where the body ends. Nobody can go on after FRAMING_BAD. */
void check_framing(struct http_exchange *x, const char *version);

bool check_credentials(const struct authenticator *authenticator,
                       const struct credential_answer *answer, struct refusal *r);

/* The value of the Authorization header; empty if there is none. False if there are several. */
bool check_authorization(const struct http_exchange *x, struct str *value);

/* The value of the first header of this name; empty if there is none. */
struct str check_header(const struct http_exchange *x, struct str name);

/* target.c: takes a request target apart; false if it is none. */
bool target_parse(const char *uri, struct http_exchange *x);

/* own_routes.c */
void own_routes_fill(struct server *server);

/* linger.c: takes the descriptor and reads what comes until the other side ends, for a while. */
void linger_start(struct server *server, int fd);
void linger_end_all(struct server *server);
