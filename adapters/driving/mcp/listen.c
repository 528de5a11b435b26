/* subscriptions/listen: a request that stays open and hears of changes. */
#include <stdlib.h>

#include "adapters/driving/mcp/subscriptions.h"

/* Listen requests of one connection at once. */
#define LISTENING_MAX 64

static const struct {
    struct str member;
    enum change_kind kind;
} list_members[LIST_CHANGES] = {
    {STR_INIT("toolsListChanged"), CHANGE_TOOLS},
    {STR_INIT("promptsListChanged"), CHANGE_PROMPTS},
    {STR_INIT("resourcesListChanged"), CHANGE_RESOURCES},
};

void subscription_write_meta(struct json_writer *w, const struct request *listen)
{
    json_key(w, STR("_meta"));
    json_begin_object(w);
    json_put_raw(w, STR("io.modelcontextprotocol/subscriptionId"), json_text(listen->id));
    json_end_object(w);
}

/* ---- what is asked ------------------------------------------------------------------------ */

static int read_lists(struct json filter, struct interest *interest, struct error *err)
{
    for (int i = 0; i < LIST_CHANGES; i++) {
        struct json value = json_get(filter, list_members[i].member);
        if (json_exists(value) && !json_bool(value, &interest->lists[list_members[i].kind]))
            return error_set(err, ST_INVALID, "\"notifications.%.*s\" must be a boolean",
                             STR_ARG(list_members[i].member));
    }
    return ST_OK;
}

/* True if the client may subscribe to it. What it may not is left out of the answer, not refused. */
static bool is_there(const struct request *r, enum change_kind kind, struct str name)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    struct call_context context = {.caller = &r->connection->client->caller};
    struct error ignored;
    if (kind == CHANGE_TASK)
        return task_is_known(r, name);
    return options->catalog->check_resource(options->catalog->ctx, &context, name, &ignored) ==
           ST_OK;
}

static int read_names(struct request *r, struct json names, enum change_kind kind,
                      struct interest *interest, struct error *err)
{
    struct json_iter it = json_iter(names);
    int rc = ST_OK;
    if (json_count(names) > INTEREST_SUBJECTS_MAX)
        return interest_too_many(err);
    while (!rc && json_next(&it)) {
        struct buffer scratch = BUFFER_INIT;
        struct str name;
        if (!json_string(it.value, &scratch, &name))
            rc = error_set(err, ST_INVALID, "what is subscribed to must be a string");
        else if (is_there(r, kind, name))
            rc = interest_add(interest, kind, name, err);
        buffer_clear(&scratch);
    }
    return rc;
}

static int read_filter(struct request *r, struct interest *interest, struct error *err)
{
    struct json filter = json_get(r->params, STR("notifications"));
    struct json uris = json_get(filter, STR("resourceSubscriptions"));
    struct json tasks = json_get(filter, STR("taskIds"));
    if (json_type(filter) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "subscriptions/listen needs \"notifications\", an object");
    if ((json_exists(uris) && json_type(uris) != JSON_ARRAY) ||
        (json_exists(tasks) && json_type(tasks) != JSON_ARRAY))
        return error_set(err, ST_INVALID,
                         "\"resourceSubscriptions\" and \"taskIds\" must be arrays of strings");
    int rc = read_lists(filter, interest, err);
    if (!rc)
        rc = read_names(r, uris, CHANGE_RESOURCE, interest, err);
    return rc ? rc : read_names(r, tasks, CHANGE_TASK, interest, err);
}

/* ---- what is granted ---------------------------------------------------------------------- */

static void write_names(struct json_writer *w, struct str member, enum change_kind kind,
                        const struct interest *interest)
{
    json_key(w, member);
    json_begin_array(w);
    for (size_t i = 0; i < interest->count; i++)
        if (interest->subjects[i].kind == kind)
            json_write_string(w, (struct str){interest->subjects[i].name,
                                              interest->subjects[i].len});
    json_end_array(w);
}

static bool acknowledge(struct request *r, const struct interest *interest)
{
    struct connection *c = r->connection;
    struct json filter = json_get(r->params, STR("notifications"));
    struct json_writer w =
        notification_begin(c, STR("notifications/subscriptions/acknowledged"));
    json_begin_object(&w);
    subscription_write_meta(&w, r);
    json_key(&w, STR("notifications"));
    json_begin_object(&w);
    for (int i = 0; i < LIST_CHANGES; i++)
        if (interest->lists[list_members[i].kind])
            json_put_bool(&w, list_members[i].member, true);
    if (json_exists(json_get(filter, STR("resourceSubscriptions"))))
        write_names(&w, STR("resourceSubscriptions"), CHANGE_RESOURCE, interest);
    if (json_exists(json_get(filter, STR("taskIds"))))
        write_names(&w, STR("taskIds"), CHANGE_TASK, interest);
    json_end_object(&w);
    json_end_object(&w);
    return message_send(c, MESSAGE_ANSWER, request_origin(r));
}

/* ---- the request -------------------------------------------------------------------------- */

static void keep_listening(struct request *r, struct listening *listening)
{
    struct connection *c = r->connection;
    listening->request = r;
    listening->next = c->listening;
    c->listening = listening;
    c->listening_count++;
    r->listening = listening;
    /* Nothing may be sent for a subscription that was not acknowledged. */
    if (!acknowledge(r, &listening->interest))
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
}

void listen_handle(struct request *r)
{
    struct connection *c = r->connection;
    struct error err;
    if (c->listening_count >= LISTENING_MAX) {
        answer_error(r, RPC_INTERNAL_ERROR,
                     "this connection listens %d times already; cancel one of the requests",
                     LISTENING_MAX);
        return;
    }
    if (!task_check_listen(r))
        return;
    struct listening *listening = calloc(1, sizeof(*listening));
    int rc = listening ? read_filter(r, &listening->interest, &err)
                       : error_set(&err, ST_NOMEM, "out of memory");
    if (rc == ST_OK) {
        keep_listening(r, listening);
        return;
    }
    if (listening)
        interest_clear(&listening->interest);
    free(listening);
    answer_error(r, rc == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_INVALID_PARAMS, "%s", err.text);
}

void listen_forget(struct request *r)
{
    struct connection *c = r->connection;
    struct listening *listening = r->listening;
    if (!listening)
        return;
    struct listening **at = &c->listening;
    while (*at != listening)
        at = &(*at)->next;
    *at = listening->next;
    c->listening_count--;
    r->listening = NULL;
    interest_clear(&listening->interest);
    free(listening);
}

/* The specification has two ways to end a stream; a client gets both. */
void listen_end(struct request *r)
{
    struct connection *c = r->connection;
    struct json_writer w = notification_begin(c, STR("notifications/cancelled"));
    json_begin_object(&w);
    subscription_write_meta(&w, r);
    json_put_raw(&w, STR("requestId"), json_text(r->id));
    json_put_string(&w, STR("reason"), STR("the server is shutting down"));
    json_end_object(&w);
    message_send(c, MESSAGE_ANSWER, request_origin(r));
    w = answer_begin(r);
    json_begin_object(&w);
    json_put_string(&w, STR("resultType"), STR("complete"));
    json_key(&w, STR("_meta"));
    json_begin_object(&w);
    json_put_raw(&w, STR("io.modelcontextprotocol/subscriptionId"), json_text(r->id));
    json_put_raw(&w, STR("io.modelcontextprotocol/serverInfo"), buffer_str(&c->mcp->server_info));
    json_end_object(&w);
    json_end_object(&w);
    answer_send(r);
}
