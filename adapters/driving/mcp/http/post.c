/* POST: which era a message is of, and who takes it. */
#include <stdlib.h>

#include "adapters/driving/mcp/http/binding.h"
#include "adapters/driving/mcp/http/ladder.h"

/* Longer bodies are parsed on a worker. */
#define LARGE_BYTES ((size_t)64 * 1024)

struct body_job {
    struct arrival arrival;
    struct body_job *next;
    char *data;
    size_t len;
    struct message *message;
    struct error err;
    bool dropped; /* the binding has been closed: nothing of the arrival is there */
};

/* ---- the header that names a revision ------------------------------------------------------ */

enum named { NAMED_NONE, NAMED_LEGACY, NAMED_MODERN, NAMED_OTHER, NAMED_TWICE };

static enum named read_version(const struct http_head *head, struct str *value)
{
    *value = STR("");
    switch (head_find(head, STR(HEADER_VERSION), value)) {
    case HEAD_ABSENT:
        return NAMED_NONE;
    case HEAD_TWICE:
        return NAMED_TWICE;
    default:
        break;
    }
    for (enum revision at = REV_2024_11_05; at <= REV_LATEST_LEGACY; at++)
        if (str_eq(*value, revision_name(at)))
            return NAMED_LEGACY;
    return str_eq(*value, revision_name(REV_2026_07_28)) ? NAMED_MODERN : NAMED_OTHER;
}

bool arrival_version_is_served(struct arrival *arrival, struct json id)
{
    struct str value;
    switch (read_version(&arrival->head, &value)) {
    case NAMED_OTHER:
        arrival_refuse(arrival, 400, id, RPC_INVALID_PARAMS,
                       "the header " HEADER_VERSION " names no revision that is served here: "
                       "\"%.*s\"; send 2026-07-28 with params._meta, or the revision that "
                       "initialize agreed on",
                       STR_ARG(value));
        break;
    case NAMED_TWICE:
        arrival_refuse(arrival, 400, id, RPC_INVALID_PARAMS,
                       "the header " HEADER_VERSION " came more than once; send it once");
        break;
    default:
        return true;
    }
    return false;
}

static bool is_modern_by_header(const struct arrival *arrival)
{
    struct str value;
    return read_version(&arrival->head, &value) == NAMED_MODERN;
}

/* ---- the era ------------------------------------------------------------------------------ */

static bool in_session(const struct arrival *arrival)
{
    struct str id;
    return head_find(&arrival->head, STR("mcp-session-id"), &id) != HEAD_ABSENT;
}

static bool any_claim(struct json array)
{
    struct json_iter it = json_iter(array);
    while (json_next(&it))
        if (era_has_claim(true, json_get(it.value, STR("params"))))
            return true;
    return false;
}

static void take_legacy(struct arrival *arrival, struct message *message)
{
    struct json id = receive_readable_id(json_root(message->doc));
    if (arrival_version_is_served(arrival, id))
        legacy_post(arrival, message);
}

static void take_array(struct arrival *arrival, struct message *message)
{
    if (is_modern_by_header(arrival) || any_claim(json_root(message->doc)))
        arrival_refuse(arrival, 400, json_none(), RPC_INVALID_REQUEST,
                       "protocol 2026-07-28 has no batches: send one message at a time");
    else
        take_legacy(arrival, message);
}

static void take_initialize(struct arrival *arrival, struct message *message)
{
    struct json id = json_get(json_root(message->doc), STR("id"));
    if (is_modern_by_header(arrival))
        arrival_refuse(arrival, 400, id, RPC_HEADER_MISMATCH,
                       "the header " HEADER_VERSION " is \"2026-07-28\", but initialize is of older "
                       "revisions; leave the header out, or send server/discover with params._meta");
    else if (in_session(arrival))
        take_legacy(arrival, message);
    else if (arrival_version_is_served(arrival, id))
        legacy_initialize(arrival, message);
}

static void take_response(struct arrival *arrival, struct message *message)
{
    if (is_modern_by_header(arrival))
        arrival_refuse(arrival, 400, json_none(), RPC_INVALID_REQUEST,
                       "protocol 2026-07-28 has no responses of clients: repeat the request with "
                       "inputResponses");
    else
        take_legacy(arrival, message);
}

static void take_call(struct arrival *arrival, struct message *message)
{
    struct json root = json_root(message->doc), params = json_get(root, STR("params"));
    bool request = json_exists(json_get(root, STR("id")));
    if (request && era_is_handshake(json_get(root, STR("method")), json_get(params, STR("_meta"))))
        take_initialize(arrival, message);
    else if (!is_modern_by_header(arrival) && !era_has_claim(in_session(arrival), params))
        take_legacy(arrival, message);
    else if (request)
        modern_post(arrival, message);
    else
        arrival_accept(arrival); /* nothing that a modern client could tell in this way */
}

static void take_message(struct arrival *arrival, struct message *message)
{
    struct json root = json_root(message->doc);
    bool array = json_type(root) == JSON_ARRAY, response = receive_is_response(root);
    const char *wrong = array || response ? NULL : receive_what_is_wrong(root);
    if (wrong)
        arrival_refuse(arrival, 400, receive_readable_id(root), RPC_INVALID_REQUEST, "%s", wrong);
    else if (array)
        take_array(arrival, message);
    else if (response)
        take_response(arrival, message);
    else
        take_call(arrival, message);
}

/* ---- the body ----------------------------------------------------------------------------- */

static void take_body(struct arrival *arrival, struct message *message, const struct error *err)
{
    if (message) {
        take_message(arrival, message);
        message_unuse(message);
    } else if (err->code == ST_INVALID || err->code == ST_TOO_LARGE) {
        arrival_refuse(arrival, 400, json_none(), RPC_PARSE_ERROR, "%s", err->text);
    } else {
        arrival_refuse(arrival, 503, json_none(), RPC_INTERNAL_ERROR, "%s", err->text);
    }
}

static void parse_on_worker(void *arg)
{
    struct body_job *job = arg;
    job->message = message_parse(job->data, job->len, &job->err);
}

static void unlink_job(struct body_job *job)
{
    struct body_job **at = &job->arrival.http->bodies;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
}

static void parsed(void *arg)
{
    struct body_job *job = arg;
    if (!job->dropped)
        unlink_job(job);
    if (!job->dropped && job->arrival.reply.exchange)
        take_body(&job->arrival, job->message, &job->err);
    else if (job->message)
        message_unuse(job->message);
    head_clear(&job->arrival.head);
    free(job);
}

static void client_gone(void *user)
{
    struct body_job *job = user;
    job->arrival.reply.exchange = NULL;
}

/* False: it has to be parsed here. */
static bool parse_large(struct arrival *arrival, char *data, size_t len)
{
    const struct executor_port *executor = arrival->http->mcp->options.executor;
    struct body_job *job = calloc(1, sizeof(*job));
    struct error err;
    if (!job)
        return false;
    *job = (struct body_job){.arrival = *arrival, .data = data, .len = len};
    if (head_keep(&job->arrival.head) ||
        executor->submit(executor->ctx, parse_on_worker, parsed, job, &err)) {
        head_clear(&job->arrival.head);
        free(job);
        return false;
    }
    job->next = arrival->http->bodies;
    arrival->http->bodies = job;
    arrival->reply.answer->watch(arrival->reply.exchange, client_gone, job);
    return true;
}

void post_handle(struct arrival *arrival, struct http_request *request)
{
    struct error err;
    char *data = request->body;
    size_t len = request->body_len;
    if (!head_is_json(&arrival->head)) {
        arrival_refuse(arrival, 415, json_none(), RPC_INVALID_REQUEST,
                       "the body must be sent as Content-Type: application/json");
        return;
    }
    if (!data || !len) {
        arrival_refuse(arrival, 400, json_none(), RPC_PARSE_ERROR, "the body is empty");
        return;
    }
    request->body = NULL;
    if (len <= LARGE_BYTES || !parse_large(arrival, data, len))
        take_body(arrival, message_parse(data, len, &err), &err);
}

void bodies_shutdown(struct mcp_http *http)
{
    for (struct body_job *at = http->bodies; at; at = at->next)
        if (at->arrival.reply.exchange)
            arrival_refuse(&at->arrival, 503, json_none(), RPC_INTERNAL_ERROR,
                           "the server is shutting down");
}

void bodies_close(struct mcp_http *http)
{
    for (struct body_job *at = http->bodies; at; at = at->next)
        at->dropped = true;
    http->bodies = NULL;
}

size_t bodies_pending(const struct mcp_http *http)
{
    size_t count = 0;
    for (const struct body_job *at = http->bodies; at; at = at->next)
        count += at->arrival.reply.exchange != NULL;
    return count;
}
