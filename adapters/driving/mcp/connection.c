#include "adapters/driving/mcp/outgoing.h"
#include "adapters/driving/mcp/subscriptions.h"
#include "adapters/driving/mcp/tasks.h"
#include "adapters/driving/mcp/traffic.h"

#include <stdlib.h>
#include <string.h>

/* Longer messages are parsed on a worker. */
#define LARGE_BYTES ((size_t)64 * 1024)

struct parse_job {
    struct connection *connection; /* NULL once it has been closed */
    char *data;
    size_t len;
    struct message *message;
    struct error err;
};

static char *put(char **at, struct str text)
{
    char *begin = *at;
    memcpy(begin, text.ptr, text.len);
    *at += text.len;
    return begin;
}

static struct client *client_new(const struct caller *caller)
{
    struct client *client = malloc(sizeof(*client) + caller->id.len + caller->tenant.len + 1);
    if (!client)
        return NULL;
    char *at = client->text;
    *client = (struct client){.caller = *caller, .users = 1};
    client->caller.id.ptr = put(&at, caller->id);
    client->caller.tenant.ptr = put(&at, caller->tenant);
    return client;
}

static void client_unuse(struct client *client)
{
    if (--client->users == 0)
        free(client);
}

/* One message alone is bounded by its wire, and always taken. */
bool message_hold(struct connection *c, struct message *message)
{
    size_t limit = c->mcp->options.max_held_bytes;
    if (message->client)
        return true;
    struct client *client = c->client;
    if (client->bytes && (client->bytes > limit || message->bytes > limit - client->bytes))
        return false;
    message->client = client;
    client->users++;
    client->bytes += message->bytes;
    return true;
}

void message_unuse(struct message *message)
{
    if (--message->users)
        return;
    if (message->client) {
        message->client->bytes -= message->bytes;
        client_unuse(message->client);
    }
    json_free(message->doc);
    free(message);
}

struct message *message_parse(char *data, size_t len, struct error *err)
{
    struct message *message = malloc(sizeof(*message));
    if (!message) {
        free(data);
        error_set(err, ST_NOMEM, "out of memory");
        return NULL;
    }
    *message = (struct message){.users = 1, .bytes = len};
    if (json_parse_take(data, len, &message->doc, err)) {
        free(message);
        return NULL;
    }
    message->bytes += json_index_bytes(message->doc);
    return message;
}

static void parse_failed(struct connection *c, const struct error *err)
{
    bool syntax = err->code == ST_INVALID || err->code == ST_TOO_LARGE;
    answer_stray(c, &(struct stray){0}, json_none(), syntax ? RPC_PARSE_ERROR : RPC_INTERNAL_ERROR, err->text);
}

static void handle(struct connection *c, struct message *message, const struct error *err)
{
    if (!message) {
        parse_failed(c, err);
        return;
    }
    receive_document(c, message);
    message_unuse(message);
}

static void parse_on_worker(void *arg)
{
    struct parse_job *job = arg;
    job->message = message_parse(job->data, job->len, &job->err);
}

static void parsed_on_worker(void *arg)
{
    struct parse_job *job = arg;
    struct connection *c = job->connection;
    if (c) {
        c->parsing = NULL;
        handle(c, job->message, &job->err);
        c->sink.resume(c->sink.ctx);
    } else if (job->message) {
        message_unuse(job->message);
    }
    free(job);
}

/* No further message is taken until this one has been handled, so that their order stays. */
static enum receive_result parse_large(struct connection *c, char *data, size_t len)
{
    const struct executor_port *executor = c->mcp->options.executor;
    struct parse_job *job = calloc(1, sizeof(*job));
    struct error err;
    if (job) {
        *job = (struct parse_job){.connection = c, .data = data, .len = len};
        if (executor->submit(executor->ctx, parse_on_worker, parsed_on_worker, job, &err) == 0) {
            c->parsing = job;
            return RECEIVE_PAUSE;
        }
        free(job);
    }
    handle(c, message_parse(data, len, &err), &err);
    return RECEIVE_GO_ON;
}

static enum receive_result receive(void *ctx, char *data, size_t len)
{
    struct connection *c = ctx;
    struct error err;
    if (c->shutting_down) {
        free(data);
        return RECEIVE_GO_ON;
    }
    if (len > LARGE_BYTES)
        return parse_large(c, data, len);
    handle(c, message_parse(data, len, &err), &err);
    return RECEIVE_GO_ON;
}

static void reject(void *ctx, const struct error *why)
{
    struct connection *c = ctx;
    parse_failed(c, why);
}

static size_t pending(void *ctx)
{
    struct connection *c = ctx;
    return c->requests.count - c->listening_count + (c->parsing ? 1 : 0);
}

/* Calls `end` for every open request; it must take the request out of the table. */
static void for_all_requests(struct connection *c, void (*end)(struct request *r))
{
    struct request *r;
    while ((r = request_table_any(&c->requests)))
        end(r);
}

static void cancel_in_core(const struct connection *c, uint64_t call)
{
    const struct call_service *calls = c->mcp->options.calls;
    if (call)
        calls->cancel(calls->ctx, call);
}

static void end_with_answer(struct request *r)
{
    struct connection *c = r->connection;
    uint64_t call = r->call;
    if (r->listening) {
        listen_end(r);
    } else if (call) {
        /* The request lives on until the core has cancelled it. */
        answer_error(r, RPC_INTERNAL_ERROR, "the server is shutting down");
        cancel_in_core(c, call);
    } else {
        answer_error(r, RPC_INTERNAL_ERROR, "the server is shutting down");
    }
}

static void end_silently(struct request *r)
{
    struct connection *c = r->connection;
    uint64_t call = r->call;
    traffic_tell(r, TRAFFIC_CANCELLED, 0, 0);
    request_done(r);
    cancel_in_core(c, call);
}

static void shut_down(void *ctx)
{
    struct connection *c = ctx;
    c->shutting_down = true;
    if (c->parsing) {
        answer_stray(c, &(struct stray){0}, json_none(), RPC_INTERNAL_ERROR, "the server is shutting down");
        c->parsing->connection = NULL;
        c->parsing = NULL;
    }
    for_all_requests(c, end_with_answer);
}

static void link_connection(struct connection *c)
{
    struct mcp *mcp = c->mcp;
    c->next = mcp->connections;
    if (c->next)
        c->next->previous = c;
    mcp->connections = c;
    c->opened_ms = mcp->options.clock->wall_ms(mcp->options.clock->ctx);
}

static void unlink_connection(struct connection *c)
{
    if (c->next)
        c->next->previous = c->previous;
    if (c->previous)
        c->previous->next = c->next;
    else
        c->mcp->connections = c->next;
}

static void close_connection(void *ctx)
{
    struct connection *c = ctx;
    c->closed = true;
    unlink_connection(c);
    if (c->parsing)
        c->parsing->connection = NULL;
    for_all_requests(c, end_silently);
    outgoing_close(c);
    task_reports_close(c);
    subscriptions_close(c);
    buffer_clear(&c->capabilities);
    buffer_clear(&c->roots);
    request_table_clear(&c->requests);
    free(c->elicitations);
    client_unuse(c->client);
    free(c);
}

int connection_open(void *ctx, const struct caller *caller, const struct message_sink *sink,
                    struct message_endpoint *out, struct error *err)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (!c)
        return error_set(err, ST_NOMEM, "out of memory");
    c->mcp = ctx;
    c->sink = *sink;
    c->revision = REV_LATEST_LEGACY;
    c->log_level = LOG_LEVEL_INFO;
    c->client = client_new(caller);
    if (!c->client || subscriptions_open(c, err)) {
        free(c->client);
        free(c);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    link_connection(c);
    *out = (struct message_endpoint){.ctx = c,
                                     .receive = receive,
                                     .reject = reject,
                                     .pending = pending,
                                     .shutdown = shut_down,
                                     .close = close_connection};
    return ST_OK;
}
