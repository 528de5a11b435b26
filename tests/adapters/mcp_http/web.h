/*
 * The protocol's route for HTTP over the world of tests/adapters/mcp: the test is the adapter that
 * speaks HTTP, and sees the status, the headers and every byte of each answer.
 *
 * In bodies and answers ' stands for ".
 */
#pragma once

#include "tests/adapters/mcp/fixture.h"

#include "adapters/driving/mcp/mcp_http.h"

#define JSON_BOTH                                                                                  \
    "Content-Type: application/json\nAccept: application/json, text/event-stream\n"
#define MODERN_HEADERS(method) JSON_BOTH "MCP-Protocol-Version: 2026-07-28\nMcp-Method: " method "\n"
#define NAMED_HEADERS(method, name) MODERN_HEADERS(method) "Mcp-Name: " name "\n"
#define EVENT(message) "event: message\ndata: " message "\n\n"
#define EVENT_ID(id, message) "event: message\nid: " id "\ndata: " message "\n\n"
#define PRIME(id) "id: " id "\nretry: 1000\ndata: \n\n"
#define INITIALIZE(version)                                                                        \
    REQUEST("0", "initialize",                                                                     \
            "'protocolVersion':'" version "','capabilities':{},"                                   \
            "'clientInfo':{'name':'test','version':'1'}")

struct http_exchange {
    struct http_exchange *next;
    int status; /* 0: not answered yet */
    char headers[400];
    char *body;
    size_t len;
    size_t room;
    bool streaming;
    bool finished;
    bool slow; /* what may be dropped is */
    void (*gone)(void *user);
    void *user;
};

struct web {
    struct world *w;
    struct mcp_http_options options;
    struct mcp_http *http;
    struct http_exchange *exchanges;
    struct http_connection connections[4]; /* requests go over the first one, if not said otherwise */
    const struct caller *caller;
    char session[64];
    void (*enter)(void); /* around each request, if set */
    void (*leave)(void);
};

int web_setup(void **state);
int web_teardown(void **state);
/* The same with the options, its own and the world's, as they are now. */
void web_reopen(struct web *web);

/* `headers`: "Name: value\n" ... */
struct http_exchange *send_over(struct web *web, struct http_connection *connection,
                                const char *method, const char *headers, const char *body);
struct http_exchange *send_on(struct web *web, size_t connection, const char *method,
                              const char *headers, const char *body);
struct http_exchange *send(struct web *web, const char *method, const char *headers,
                           const char *body);
struct http_exchange *post(struct web *web, const char *headers, const char *body);
/* With the session that was begun last. */
struct http_exchange *send_in_session(struct web *web, const char *method, const char *headers,
                                      const char *body);
struct http_exchange *post_in_session(struct web *web, const char *body);

/* The client goes away; the connection of the transport stays. */
void leave(struct http_exchange *exchange);
/* A connection of the transport ends. */
void disconnect(struct web *web, size_t connection);

/* What the client has got: the whole answer ... */
void expect_json(struct http_exchange *exchange, int status, const char *body);
void expect_empty(struct http_exchange *exchange, int status);
/* ... or what a stream holds that has not been expected yet. */
void expect_events(struct http_exchange *exchange, const char *text);
void expect_open(struct http_exchange *exchange);
void expect_finished(struct http_exchange *exchange);
void expect_waiting(struct http_exchange *exchange);
void expect_header(struct http_exchange *exchange, const char *line);
void expect_no_header(struct http_exchange *exchange, const char *name);

/* Begins a session and remembers its id. */
void begin(struct web *web, const char *version);
void begin_with(struct web *web, const char *version, const char *capabilities);

#define WEB_TEST(function) cmocka_unit_test_setup_teardown(function, web_setup, web_teardown)
