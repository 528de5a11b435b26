/*
 * plugin.c - the tool "graphql-query" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "document.h"
#include "introspect.h"
#include "params.h"
#include "subscribe.h"
#include "subscribe_socket.h"

#include "hexmcp/plugin.h"
#include "kit/encode.h"

#include <strings.h>

#define DEPTH_MOST 10
#define BODY_SHOWN 4000

enum { OPERATION_QUERY, OPERATION_MUTATION, OPERATION_SUBSCRIPTION, OPERATION_INTROSPECTION };
enum { TRANSPORT_AUTO, TRANSPORT_SSE, TRANSPORT_WEBSOCKET };

struct graphql {
    struct schemas schemas;
    struct settings settings;
};

/* ---- the document ---- */

static int32_t check_kind(const struct question *q, const struct definition *d)
{
    if ((size_t)d->kind == q->kind)
        return HEXMCP_OK;
    return hexmcp_fail(q->r->err, HEXMCP_E_INVALID,
                       "input holds a %s, but operation is %s; give operation %s if that is meant",
                       document_kind(d->kind), q->operation, document_kind(d->kind));
}

static int32_t check_document(const struct question *q, hexmcp_str text)
{
    struct document *document = malloc(sizeof(*document));
    struct definition *d;
    unsigned depth = 0;
    if (!document)
        return hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the document; try again");
    int32_t status = document_read(text, document, q->r->err);
    if (status == HEXMCP_OK)
        status = document_find(document, q->operation_name, &d, q->r->err);
    if (status == HEXMCP_OK)
        status = check_kind(q, d);
    if (status == HEXMCP_OK)
        status = document_depth(document, d, &depth, q->r->err);
    free(document);
    if (status == HEXMCP_OK && depth > DEPTH_MOST)
        status = hexmcp_fail(q->r->err, HEXMCP_E_TOO_LARGE,
                             "input is %u selections deep, fragments included, but at most %d are sent; ask "
                             "in several steps", depth, DEPTH_MOST);
    return status;
}

/* ---- the arguments ---- */

static void read_variables(struct question *q)
{
    q->variables = args_raw(&q->args, "variables");
    if (q->variables.len > 0 && hexmcp_json_type(q->variables) != HEXMCP_JSON_OBJECT)
        args_fail(&q->args, HEXMCP_E_INVALID, "variables is not an object; give an object");
}

/* How events come: as `transport` says, or as the endpoint begins. */
static void read_transport(struct question *q)
{
    static const char *const transports[] = {"auto", "sse", "websocket", NULL};
    size_t asked = args_choice(&q->args, "transport", transports, TRANSPORT_AUTO);
    bool socket = q->endpoint.ptr && strncasecmp(q->endpoint.ptr, "ws", 2) == 0;
    q->socket = q->kind == OPERATION_SUBSCRIPTION && (asked == TRANSPORT_WEBSOCKET || socket);
    if (socket && q->kind != OPERATION_SUBSCRIPTION)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "endpoint begins with ws, which is for operation subscription; give it with http:// or https://");
    else if (socket && asked == TRANSPORT_SSE)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "endpoint begins with ws, but transport is sse, which goes over http:// or https://; correct one");
    if (args_has(&q->args, "connection_params") && !q->socket)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "connection_params belongs to a subscription over WebSocket; leave it out, or give transport "
                  "websocket");
    params_check(&q->args);
}

static int32_t read_question(struct question *q)
{
    static const char *const operations[] = {"query", "mutation", "subscription", "introspection", NULL};
    struct args *args = &q->args;
    *args = args_begin(q->r->args, q->r->err);
    headers_begin(&q->headers);
    const char *url = url_or_socket_argument(args, "endpoint");
    if (!bytes_add(&q->endpoint, url, strlen(url)))
        args_fail(args, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
    q->kind = args_choice(args, "operation", operations, OPERATION_QUERY);
    q->operation = operations[q->kind];
    q->operation_name = args_text(args, "operation_name", 200, "");
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    q->dry_run = args_bool(args, "dry_run", false);
    read_variables(q);
    read_transport(q);
    headers_read(q->r, args, "headers", &q->headers);
    headers_read_auth(q->r, args, "auth", &q->headers, &q->endpoint);
    if (!q->socket) {
        headers_put(&q->headers, "Content-Type", "application/json");
        headers_put(&q->headers, "Accept", q->kind == OPERATION_SUBSCRIPTION
                                               ? "text/event-stream"
                                               : "application/graphql-response+json, application/json;q=0.9");
    }
    headers_sent(&q->headers);
    return args_status(args);
}

/* ---- a dry run ---- */

static void put_text(hexmcp_json_writer *w, const char *key, hexmcp_str text)
{
    size_t len = utf8_cut(text, BODY_SHOWN);
    hexmcp_json_put_string(w, key, (hexmcp_str){text.ptr, len});
    if (len < text.len)
        hexmcp_json_put_bool(w, "body_cut", 1);
}

static int32_t tell(struct question *q, hexmcp_str document, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    hexmcp_str params = args_raw(&q->args, "connection_params");
    struct bytes body = {0}, shown = {0};
    bool good = ask_write(q, document.ptr, document.len, &body) &&
                (params.len == 0 || params_show(params, &shown));
    hexmcp_json_put_bool(w, "success", 1);
    hexmcp_json_put_bool(w, "dry_run", 1);
    hexmcp_json_key(w, "request");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "method", q->socket ? "GET" : "POST");
    hexmcp_json_put_string(w, "url", bytes_str(&q->endpoint));
    hexmcp_json_put_text(w, "transport", q->socket                           ? "websocket"
                                         : q->kind == OPERATION_SUBSCRIPTION ? "sse"
                                                                             : "http");
    hexmcp_json_put_raw(w, "headers", headers_shown(&q->headers));
    if (good && shown.len > 0)
        hexmcp_json_put_raw(w, "connection_params", bytes_str(&shown));
    if (good)
        put_text(w, "body", bytes_str(&body));
    hexmcp_json_put_int64(w, "body_bytes", (int64_t)body.len);
    hexmcp_json_end_object(w);
    answer_text(a, "Nothing was sent. The %s is well-formed; it would go to %.300s.", q->operation,
                q->endpoint.ptr);
    bytes_free(&body);
    bytes_free(&shown);
    return good ? HEXMCP_OK : hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the request; try again");
}

/* ---- the answer ---- */

static int32_t ask_once(const struct question *q, hexmcp_str document, struct answer *a)
{
    struct fetch_answer answer;
    hexmcp_str json;
    int32_t status = ask(q, document, &answer, &json);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_int64(&a->json, "status_code", answer.status);
    hexmcp_json_put_int64(&a->json, "duration_ms", (int64_t)answer.ms);
    ask_put(q, a, json);
    fetch_free(&answer);
    return HEXMCP_OK;
}

static struct graphql *graphql_of(const struct question *q)
{
    return q->r->self;
}

static int32_t run_introspection(struct question *q, struct answer *a)
{
    if (args_has(&q->args, "input") || args_has(&q->args, "variables"))
        return args_fail(&q->args, HEXMCP_E_INVALID,
                         "operation introspection asks for the schema and takes no input and no variables; leave "
                         "them out, or give operation query");
    if (q->dry_run)
        return tell(q, introspect_document(), a);
    return introspect(q, &graphql_of(q)->schemas, args_bool(&q->args, "refresh", false), a);
}

static int32_t run_document(struct question *q, struct answer *a)
{
    hexmcp_str text = args_bytes(&q->args, "input", DOCUMENT_MOST);
    if (args_status(&q->args) == HEXMCP_OK && text.len == 0)
        args_fail(&q->args, HEXMCP_E_INVALID, "input is missing or empty; give the GraphQL document");
    int32_t status = args_status(&q->args);
    if (status == HEXMCP_OK)
        status = check_document(q, text);
    if (status != HEXMCP_OK)
        return status;
    if (q->dry_run)
        return tell(q, text, a);
    if (q->socket)
        return subscribe_socket(q, &graphql_of(q)->settings, text, a);
    return q->kind == OPERATION_SUBSCRIPTION ? subscribe(q, text, a) : ask_once(q, text, a);
}

static int32_t run(const hexmcp_round *r)
{
    struct question q = {.r = r};
    struct answer a;
    int32_t status = read_question(&q);
    answer_begin(&a, r);
    hexmcp_json_put_text(&a.json, "operation", q.operation);
    if (status == HEXMCP_OK && q.kind == OPERATION_INTROSPECTION)
        status = run_introspection(&q, &a);
    else if (status == HEXMCP_OK)
        status = run_document(&q, &a);
    if (status == HEXMCP_OK)
        status = answer_end(&a);
    else
        answer_drop(&a);
    args_end(&q.args);
    headers_end(&q.headers);
    bytes_free(&q.endpoint);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

/* ---- the plugin ---- */

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct graphql *graphql = self;
    (void)host;
    if (pthread_mutex_init(&graphql->schemas.mutex, NULL) != 0)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct graphql *graphql = self;
    (void)host;
    return settings_read(&graphql->settings, config_json, err);
}

static void clear(void *self)
{
    struct graphql *graphql = self;
    schemas_free(&graphql->schemas);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("graphql-query", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.self_size = sizeof(struct graphql),
                                     .make = make,
                                     .init = init,
                                     .clear = clear,
                                     .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.graphql-query", "0.1.0", plugin);
