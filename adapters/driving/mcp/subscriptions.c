#include "adapters/driving/mcp/subscriptions.h"

#include <stdlib.h>

/* When the client did not take a notification, it is tried again after this time. */
#define RETRY_MS 250u

static const struct str methods[] = {
    [CHANGE_TOOLS] = STR_INIT("notifications/tools/list_changed"),
    [CHANGE_PROMPTS] = STR_INIT("notifications/prompts/list_changed"),
    [CHANGE_RESOURCES] = STR_INIT("notifications/resources/list_changed"),
    [CHANGE_RESOURCE] = STR_INIT("notifications/resources/updated"),
};

/* `listen`: the request whose stream it is for; NULL: the session. */
static bool send_change(struct connection *c, const struct request *listen, enum change_kind kind,
                        struct str uri)
{
    struct json_writer w = notification_begin(c, methods[kind]);
    json_begin_object(&w);
    if (listen)
        subscription_write_meta(&w, listen);
    if (kind == CHANGE_RESOURCE)
        json_put_string(&w, STR("uri"), uri);
    json_end_object(&w);
    return notification_send(c, listen ? request_origin(listen) : NULL);
}

static bool send_subject(struct connection *c, const struct request *listen,
                         const struct subject *subject)
{
    struct str name = {subject->name, subject->len};
    if (subject->kind == CHANGE_TASK)
        return task_send_notification(c, listen, name);
    return send_change(c, listen, subject->kind, name);
}

/* Sends what is due. False: something still is. */
static bool flush(struct connection *c, const struct request *listen, struct interest *interest)
{
    for (int kind = 0; kind < LIST_CHANGES; kind++) {
        if (interest->due[kind] && !send_change(c, listen, (enum change_kind)kind, STR("")))
            return false;
        interest->due[kind] = false;
    }
    for (size_t i = 0; i < interest->count; i++) {
        if (interest->subjects[i].due && !send_subject(c, listen, &interest->subjects[i]))
            return false;
        interest->subjects[i].due = false;
    }
    return true;
}

static void try_again_later(struct connection *c)
{
    const struct timer_port *timer = c->mcp->options.timer;
    timer->set(timer->ctx, c->retry, RETRY_MS);
}

static void flush_all(void *arg)
{
    struct connection *c = arg;
    bool done = flush(c, NULL, &c->interest);
    for (struct listening *at = c->listening; at; at = at->next)
        done = flush(c, at->request, &at->interest) && done;
    if (!done)
        try_again_later(c);
}

static void on_change(void *user, const struct change *change)
{
    struct connection *c = user;
    if (change->kind == CHANGE_ELICITATION) {
        elicitation_complete(c, change->subject);
        return;
    }
    if (change->kind == CHANGE_TASK)
        task_changed(c, change->subject);
    bool due = interest_note(&c->interest, change);
    for (struct listening *at = c->listening; at; at = at->next)
        due = interest_note(&at->interest, change) || due;
    if (due)
        flush_all(c);
}

int subscriptions_open(struct connection *c, struct error *err)
{
    const struct timer_port *timer = c->mcp->options.timer;
    const struct change_service *changes = c->mcp->options.changes;
    c->retry = timer->create(timer->ctx, flush_all, c);
    if (!c->retry)
        return error_set(err, ST_NOMEM, "out of memory");
    c->listener = (struct change_listener){.changed = on_change, .user = c};
    changes->listen(changes->ctx, &c->listener);
    return ST_OK;
}

void subscriptions_close(struct connection *c)
{
    const struct timer_port *timer = c->mcp->options.timer;
    const struct change_service *changes = c->mcp->options.changes;
    if (!c->retry)
        return;
    changes->unlisten(changes->ctx, &c->listener);
    timer->free(timer->ctx, c->retry);
    interest_clear(&c->interest);
}

void subscriptions_begin_session(struct connection *c)
{
    for (int kind = 0; kind < LIST_CHANGES; kind++)
        c->interest.lists[kind] = true;
}

/* ---- resources/subscribe and resources/unsubscribe ---------------------------------------- */

static bool take_uri(struct request *r, struct buffer *scratch, struct str *uri)
{
    if (json_string(json_get(r->params, STR("uri")), scratch, uri))
        return true;
    answer_error(r, RPC_INVALID_PARAMS, "%.*s needs \"uri\", a string", STR_ARG(r->method_name));
    return false;
}

static void subscribe(struct request *r, struct str uri)
{
    struct connection *c = r->connection;
    const struct catalog_service *catalog = c->mcp->options.catalog;
    struct call_context context = {.caller = &c->client->caller};
    struct error err;
    int rc = catalog->check_resource(catalog->ctx, &context, uri, &err);
    if (!rc)
        rc = interest_add(&c->interest, CHANGE_RESOURCE, uri, &err);
    if (rc == ST_NOT_FOUND)
        resource_answer_not_found(r, uri, err.text);
    else if (rc)
        answer_error(r, rc == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_INVALID_PARAMS, "%s", err.text);
    else
        answer_empty(r);
}

void subscribe_handle(struct request *r)
{
    struct buffer scratch = BUFFER_INIT;
    struct str uri;
    if (take_uri(r, &scratch, &uri))
        subscribe(r, uri);
    buffer_clear(&scratch);
}

void unsubscribe_handle(struct request *r)
{
    struct buffer scratch = BUFFER_INIT;
    struct str uri;
    if (take_uri(r, &scratch, &uri)) {
        interest_remove(&r->connection->interest, CHANGE_RESOURCE, uri);
        answer_empty(r);
    }
    buffer_clear(&scratch);
}
