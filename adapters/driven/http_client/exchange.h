/* Inside of the module: one request and its hops. */
#pragma once

#include <curl/curl.h>
#include <zlib.h>

#include "adapters/driven/http_client/http_module.h"

/* What other threads say; guarded by the engine's lock. */
struct exchange_mail {
    bool fresh, cancelled, finished;
    size_t granted;
    struct buffer written;
};

/* The head of an answer while it comes: in `text`, one after the other, the names and values, whose
 * lengths alternate in `lengths` until it is complete. */
struct exchange_head {
    struct buffer text;
    struct buffer lengths; /* of size_t */
    size_t bytes; /* of all heads of this hop, those of 1xx and trailers included */
    bool complete;
};

struct exchange_unpacker {
    z_stream stream;
    bool on, started, ended;
    bool more; /* it holds output although its input is consumed */
    uint64_t packed, unpacked;
};

struct http_exchange {
    struct http_engine *engine;
    struct http_exchange *next_mail;
    bool in_mail;
    bool over; /* end() was told, or is about to be */
    struct exchange_mail mail;

    /* Only the engine's thread from here on. */
    struct http_exchange *next, *previous;
    struct http_request request;
    CURL *easy;
    CURLU *url;
    struct http_place place;
    struct curl_slist *lines;
    char method[33];
    bool sends_body;   /* this hop does */
    bool crossed;      /* the origin changed on the way */
    size_t body_at;
    struct buffer upload; /* of what was written */
    bool upload_complete, streamed;
    struct exchange_head head;
    char *location;
    bool told_head;
    size_t swallowed; /* bytes of the body of a redirect */
    struct exchange_unpacker unpacker;
    struct buffer rest; /* packed bytes that wait for a grant */
    size_t rest_at;
    size_t ahead;
    bool resolving;   /* a thread of libcurl may be looking for the address */
    bool cancelled;   /* while it did */
    bool transferred; /* curl is done with the last hop */
    uint64_t bytes;
    unsigned redirects;
    struct error failure; /* of our own, which explains what curl says */
    struct error refused; /* the first address that may not be connected to */
    char said[CURL_ERROR_SIZE];
};

/* Of engine.c. */
const struct http_events *exchange_events(const struct http_exchange *x);
const struct http_engine_config *exchange_config(const struct http_exchange *x);

/* Of transfer.c: prepares a hop to exchange->url. */
int exchange_prepare(struct http_exchange *x, struct error *err);

/* Of hop.c. */
int url_place(CURLU *url, struct http_place *out, struct error *err);
int url_look(const char *text, struct http_place *out, struct error *err);
int url_parse(const char *text, CURLU **out, struct error *err);
/* Turns to where the answer leads: ST_OK, then a further hop must be prepared. */
int exchange_turn(struct http_exchange *x, struct error *err);
bool exchange_follows(const struct http_exchange *x, unsigned status);
void place_text(const struct http_place *place, char out[300]);

/* Of receive.c: libcurl's callbacks. */
size_t exchange_take_header(char *data, size_t size, size_t count, void *arg);
size_t exchange_take_body(char *data, size_t size, size_t count, void *arg);
void exchange_head_reset(struct http_exchange *x);
/* There are bytes that wait for a grant. */
bool exchange_waits(const struct http_exchange *x);
/* Goes on with them. False: it failed, and x->failure says how. */
bool exchange_drain(struct http_exchange *x);
/* The body is complete for curl and drained: ST_OK, or what it lacks. */
int exchange_check_end(struct http_exchange *x, struct error *err);

/* Of send.c. */
size_t exchange_give_body(char *out, size_t size, size_t count, void *arg);
int exchange_seek_body(void *arg, curl_off_t offset, int origin);

/* Of unpack.c: consumes `piece` as far as `room` allows. */
int unpack_step(struct exchange_unpacker *u, struct str *piece, char *out, size_t room,
                size_t *made, struct error *err);
void unpack_clear(struct exchange_unpacker *u);

/* Of failure.c: what curl says in words of ours. */
int exchange_explain(const struct http_exchange *x, CURLcode code, struct error *err);
