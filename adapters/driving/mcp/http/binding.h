/* Inside of the HTTP binding: requests on their way in, and the answers on their way out. */
#pragma once

#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/http/head.h"
#include "adapters/driving/mcp/http/reply.h"
#include "adapters/driving/mcp/mcp_http.h"

/* Where sessions are looked up; a power of two. */
#define SESSION_BUCKETS 1024

/* Quiet streams get a line without meaning so often, and sessions are looked through. */
#define TICK_MS 15000u

/* What the binding keeps of its buffer. */
#define SCRATCH_BYTES ((size_t)64 * 1024)

struct session;
struct speaker;
struct body_job;
struct stream;

struct mcp_http {
    struct mcp *mcp;
    struct mcp_http_options options;
    struct buffer scratch; /* what is being written */
    struct timer *tick;
    struct reply *streaming;     /* answers that are streams of events */
    size_t streaming_count;
    struct speaker *speakers;
    struct body_job *bodies; /* that are being parsed on workers */
    struct session *buckets[SESSION_BUCKETS];
    struct session *longest_idle; /* the sessions by their last use */
    struct session *last_used;
    size_t session_count;
    struct stream *polls; /* streams that wait to be sent away, the first one first */
    struct stream *polls_end;
    struct timer *poll_timer;
    struct mcp_http_facts counted; /* what is counted since the start */
    bool shutting_down;
};

/* A request, until it has been handed on. */
struct arrival {
    struct mcp_http *http;
    struct reply reply;
    struct http_head head;
    const struct caller *caller;
    struct http_connection *connection;
};

/* post.c */
void post_handle(struct arrival *arrival, struct http_request *request);
void bodies_shutdown(struct mcp_http *http);
void bodies_close(struct mcp_http *http);
size_t bodies_pending(const struct mcp_http *http);

/* modern.c: requests of 2026-07-28 */
void modern_post(struct arrival *arrival, struct message *message);
void speakers_shutdown(struct mcp_http *http);
void speakers_close(struct mcp_http *http);
size_t speakers_pending(const struct mcp_http *http);
size_t speakers_count(const struct mcp_http *http);

/* legacy.c: POST, GET and DELETE of sessions */
void legacy_initialize(struct arrival *arrival, struct message *message);
void legacy_post(struct arrival *arrival, struct message *message);
void legacy_get(struct arrival *arrival);
void legacy_delete(struct arrival *arrival);

/* Refuses a request with an error of the protocol, which has `id` if there is one. */
void arrival_refuse(struct arrival *arrival, int status, struct json id, int code,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* 202 without a body. */
void arrival_accept(struct arrival *arrival);
/* False: MCP-Protocol-Version names something that is not served; the request has been refused. */
bool arrival_version_is_served(struct arrival *arrival, struct json id);
bool same_caller(const struct caller *a, const struct caller *b);

static inline uint64_t http_now_ms(const struct mcp_http *http)
{
    const struct clock_port *clock = http->mcp->options.clock;
    return clock->monotonic_ns(clock->ctx) / 1000000u;
}
