#include "adapters/driving/mcp/http/session.h"
#include "core/base/hex.h"

#include <stdlib.h>

/* ---- where they are kept ------------------------------------------------------------------- */

/* False: no id of ours. */
static bool bucket_of(struct str id, size_t *bucket)
{
    size_t value = 0;
    if (id.len != SESSION_ID_CHARS)
        return false;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_small_digit(id.ptr[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (size_t)digit;
    }
    *bucket = value % SESSION_BUCKETS;
    return true;
}

/* Takes the same time wherever they differ. */
static bool same_id(const char *id, struct str other)
{
    unsigned difference = 0;
    for (size_t i = 0; i < SESSION_ID_CHARS; i++)
        difference |= (unsigned char)id[i] ^ (unsigned char)other.ptr[i];
    return difference == 0;
}

static struct session *find(const struct mcp_http *http, struct str id)
{
    size_t bucket;
    if (!bucket_of(id, &bucket))
        return NULL;
    struct session *at = http->buckets[bucket];
    while (at && !same_id(at->id, id))
        at = at->next;
    return at;
}

static void unlink_use(struct session *session)
{
    struct mcp_http *http = session->http;
    if (session->earlier)
        session->earlier->later = session->later;
    else
        http->longest_idle = session->later;
    if (session->later)
        session->later->earlier = session->earlier;
    else
        http->last_used = session->earlier;
    session->earlier = session->later = NULL;
}

static void link_use(struct session *session)
{
    struct mcp_http *http = session->http;
    session->used_ms = http_now_ms(http);
    session->earlier = http->last_used;
    if (http->last_used)
        http->last_used->later = session;
    else
        http->longest_idle = session;
    http->last_used = session;
}

static void use(struct session *session)
{
    unlink_use(session);
    link_use(session);
}

static void keep(struct session *session)
{
    struct mcp_http *http = session->http;
    size_t bucket = 0;
    bucket_of((struct str){session->id, SESSION_ID_CHARS}, &bucket);
    session->next = http->buckets[bucket];
    http->buckets[bucket] = session;
    http->session_count++;
    link_use(session);
}

static void forget(struct session *session)
{
    struct mcp_http *http = session->http;
    size_t bucket = 0;
    bucket_of((struct str){session->id, SESSION_ID_CHARS}, &bucket);
    struct session **at = &http->buckets[bucket];
    while (*at != session)
        at = &(*at)->next;
    *at = session->next;
    http->session_count--;
    unlink_use(session);
}

/* ---- what goes on in one -------------------------------------------------------------------- */

struct connection *session_connection(const struct session *session)
{
    return session->end.ctx;
}

static bool has_client(const struct session *session)
{
    const struct stream *at = session->streams;
    while (at && !at->reply.exchange)
        at = at->next;
    return at != NULL;
}

static bool is_working(const struct session *session)
{
    return session->end.pending(session->end.ctx) > 0;
}

/* ---- room ---------------------------------------------------------------------------------- */

/* The one that is missed the least: without a client before one with an open stream, and before all
 * others those of the same caller, so that nobody drives out somebody else. */
static struct session *least_missed(const struct mcp_http *http, const struct caller *caller)
{
    struct session *best = NULL;
    int best_cost = 4;
    for (struct session *at = http->longest_idle; at; at = at->later) {
        int cost = (same_caller(&session_connection(at)->client->caller, caller) ? 0 : 2) +
                   (has_client(at) ? 1 : 0);
        if (cost < best_cost && !is_working(at)) {
            best = at;
            best_cost = cost;
        }
    }
    return best;
}

static int make_room(struct mcp_http *http, const struct caller *caller, struct error *err)
{
    if (http->session_count < http->options.max_sessions)
        return ST_OK;
    struct session *out = least_missed(http, caller);
    if (!out)
        return error_set(err, ST_BUSY,
                         "all %zu sessions are in use (setting http.max_sessions); try again later",
                         http->session_count);
    http->counted.sessions_evicted++;
    session_free(out);
    return ST_OK;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int make_id(struct session *session, struct error *err)
{
    return hex_draw(session->http->mcp->options.random, SESSION_ID_CHARS / 2, session->id, err);
}

static void on_resume(void *ctx)
{
    (void)ctx; /* messages are parsed before they reach the endpoint: it never pauses */
}

static int open_endpoint(struct session *session, const struct caller *caller, struct error *err)
{
    const struct endpoint_factory *factory = mcp_endpoints(session->http->mcp);
    const struct message_sink sink = {.ctx = session, .send = stream_send, .resume = on_resume,
                                      .wire = STR("http")};
    int rc = factory->open(factory->ctx, caller, &sink, &session->end, err);
    if (!rc)
        session_connection(session)->over = stream_over;
    return rc;
}

struct session *session_new(struct mcp_http *http, const struct caller *caller, struct error *err)
{
    if (make_room(http, caller, err))
        return NULL;
    struct session *session = calloc(1, sizeof(*session));
    if (!session) {
        error_set(err, ST_NOMEM, "out of memory");
        return NULL;
    }
    session->http = http;
    if (make_id(session, err) || open_endpoint(session, caller, err)) {
        free(session);
        return NULL;
    }
    session->begun_ms = http_now_ms(http);
    keep(session);
    return session;
}

static void end_stream(struct stream *stream)
{
    struct mcp_http *http = stream->session->http;
    struct arrival arrival = {.http = http, .reply = stream->reply};
    if (stream->opened || !stream->reply.exchange)
        reply_end_events(&stream->reply);
    else
        arrival_refuse(&arrival, 404, json_none(), RPC_INVALID_REQUEST,
                       "the session has ended; begin a new one with initialize");
    stream_free(stream);
}

void session_free(struct session *session)
{
    forget(session);
    session_connection(session)->over = NULL;
    while (session->streams)
        end_stream(session->streams);
    session->end.close(session->end.ctx);
    events_clear(&session->replay[0]);
    events_clear(&session->replay[1]);
    events_clear(&session->waiting);
    free(session);
}

struct session *session_of(struct arrival *arrival, struct json id)
{
    struct str name = {NULL, 0};
    enum head_found found = head_find(&arrival->head, STR("mcp-session-id"), &name);
    if (found != HEAD_THERE) {
        arrival_refuse(arrival, 400, id, RPC_INVALID_REQUEST,
                       found == HEAD_TWICE
                           ? "the header MCP-Session-Id came more than once; send it once"
                           : "the header MCP-Session-Id is missing; begin a session with initialize");
        return NULL;
    }
    struct session *session = find(arrival->http, name);
    /* The session of somebody else is none. */
    if (!session || !same_caller(&session_connection(session)->client->caller, arrival->caller)) {
        arrival_refuse(arrival, 404, id, RPC_INVALID_REQUEST,
                       "there is no such session (any more); begin a new one with initialize");
        return NULL;
    }
    use(session);
    return session;
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* What is kept for a client that lost its connection is of use to one that comes again soon. */
#define REPLAY_MS 300000u

static void forget_events(struct mcp_http *http, uint64_t now)
{
    for (struct session *at = http->longest_idle; now > REPLAY_MS && at; at = at->later)
        session_forget_events(at, now - REPLAY_MS);
}

void sessions_expire(struct mcp_http *http)
{
    uint64_t now = http_now_ms(http);
    struct session *at = http->longest_idle;
    forget_events(http, now);
    while (at && now - at->used_ms >= http->options.session_idle_ms) {
        struct session *later = at->later;
        if (has_client(at) || is_working(at)) {
            /* In use, if in silence. It is asked again when it has been idle for as long. */
            use(at);
        } else {
            http->counted.sessions_expired++;
            session_free(at);
        }
        at = later;
    }
}

size_t sessions_pending(const struct mcp_http *http)
{
    size_t pending = 0;
    for (const struct session *at = http->longest_idle; at; at = at->later)
        pending += at->end.pending(at->end.ctx);
    return pending;
}

static void shut_down(struct session *session)
{
    struct stream *next;
    session->end.shutdown(session->end.ctx);
    for (struct stream *at = session->streams; at; at = next) {
        next = at->next;
        if (at->standing)
            stream_detach(at);
    }
}

void sessions_shutdown(struct mcp_http *http)
{
    for (struct session *at = http->longest_idle; at; at = at->later)
        shut_down(at);
}

void sessions_close(struct mcp_http *http)
{
    while (http->longest_idle)
        session_free(http->longest_idle);
}
