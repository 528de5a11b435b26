/* tasks/result (2025-11-25): waits until the task has ended. While it waits, what the tool asks goes to
 * the client. */
#include <stdlib.h>

#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/input/input_answer.h"
#include "adapters/driving/mcp/input/input_write.h"
#include "adapters/driving/mcp/outgoing.h"
#include "adapters/driving/mcp/tasks.h"

/* A question that was sent for a task and not answered. */
struct task_question {
    struct task_wait *wait;
    char key[INPUT_MAX_KEY + 24]; /* the service makes keys unique by a prefix */
    struct outgoing *sent;
};

struct task_wait {
    struct request *request;
    struct task_wait *next;
    char id[40];
    struct task_question questions[INPUT_MAX_REQUESTS];
};

/* ---- the end ------------------------------------------------------------------------------ */

static void answer_result(struct request *r, const struct task_view *view)
{
    struct json_doc *doc;
    if (json_parse(view->result, &doc, NULL)) {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory for the result");
        return;
    }
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    tool_result_write(r, &w, json_root(doc), view->tool_error);
    json_key(&w, STR("_meta"));
    json_begin_object(&w);
    struct json_iter it = json_iter(json_get(json_root(doc), STR("_meta")));
    while (json_next(&it))
        json_put_member(&w, it.key, it.value);
    task_put_related(&w, view->id);
    json_end_object(&w);
    json_end_object(&w);
    answer_send(r);
    json_free(doc);
}

static void answer_end(struct request *r, const struct task_view *view)
{
    if (view->status == TASK_COMPLETED)
        answer_result(r, view);
    else if (view->status == TASK_FAILED)
        answer_error(r, RPC_INTERNAL_ERROR, "%.*s", STR_ARG(view->error));
    else
        answer_error(r, RPC_INTERNAL_ERROR, "the task was cancelled");
}

/* ---- questions ---------------------------------------------------------------------------- */

static void give_answer(struct task_question *q, struct json result, const struct json *request)
{
    struct connection *c = q->wait->request->connection;
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    struct json_doc *doc = NULL;
    struct error err;
    char key[sizeof(q->key)], id[sizeof(q->wait->id)];
    memcpy(key, q->key, sizeof(key));
    memcpy(id, q->wait->id, sizeof(id));
    q->key[0] = '\0';
    json_begin_object(&w);
    json_key(&w, str_from(key));
    input_answer_write(&w, *request, result);
    json_end_object(&w);
    if (!buffer_failed(&text) && json_parse(buffer_str(&text), &doc, NULL) == ST_OK)
        tasks->answer(tasks->ctx, &context, str_from(id), json_root(doc), &err);
    json_free(doc);
    buffer_clear(&text);
}

/* The tool cannot get what it asked for: there is no way on. */
static void give_up(struct task_question *q)
{
    struct connection *c = q->wait->request->connection;
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct task_view view;
    struct error err;
    char id[sizeof(q->wait->id)];
    memcpy(id, q->wait->id, sizeof(id));
    q->key[0] = '\0';
    tasks->cancel(tasks->ctx, &context, str_from(id), &view, &err);
}

static void on_answer(void *user, struct json response)
{
    struct task_question *q = user;
    struct request *r = q->wait->request;
    struct connection *c = r->connection;
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct json result = json_get(response, STR("result"));
    struct json_doc *doc = NULL;
    struct task_view view;
    struct error err;
    q->sent = NULL;
    bool good = tasks->get(tasks->ctx, &context, str_from(q->wait->id), &view, &err) == ST_OK &&
                view.status == TASK_INPUT_REQUIRED &&
                json_parse(view.requests, &doc, NULL) == ST_OK;
    struct json request = json_get(good ? json_root(doc) : json_none(), str_from(q->key));
    if (good && json_exists(request) && json_exists(result) &&
        input_answer_check(request, r->revision, result, &err) == ST_OK)
        give_answer(q, result, &request);
    else
        give_up(q);
    json_free(doc);
}

static void on_timeout(void *user)
{
    struct task_question *q = user;
    q->sent = NULL;
    give_up(q);
}

static bool is_asked(const struct task_wait *wait, struct str key)
{
    for (size_t i = 0; i < INPUT_MAX_REQUESTS; i++)
        if (str_eq(str_from(wait->questions[i].key), key))
            return true;
    return false;
}

static struct task_question *free_question(struct task_wait *wait)
{
    for (size_t i = 0; i < INPUT_MAX_REQUESTS; i++)
        if (!wait->questions[i].key[0])
            return &wait->questions[i];
    return NULL;
}

static void write_related(struct buffer *meta, struct str id)
{
    struct json_writer w = json_writer(meta);
    json_begin_object(&w);
    task_put_related(&w, id);
    json_end_object(&w);
}

static int send_question(struct task_question *q, struct json request,
                         const struct input_target *target, struct error *err)
{
    static const struct outgoing_events events = {on_answer, on_timeout};
    struct connection *c = q->wait->request->connection;
    struct json given = json_get(json_get(request, STR("params")), STR("elicitationId"));
    struct buffer meta = BUFFER_INIT;
    char id[ELICITATION_ID_SIZE] = "";
    struct json_writer w;
    int rc = ST_OK;
    if (input_kind(request) == INPUT_URL)
        rc = elicitation_note(c, given, id, err);
    write_related(&meta, str_from(q->wait->id));
    struct outgoing *o = rc ? NULL
                            : outgoing_begin(c, request_origin(q->wait->request),
                                             input_method(input_kind(request)), &w);
    if (o) {
        struct input_extra extra = {str_from(id), buffer_str(&meta)};
        input_write_params(&w, request, target, &extra);
        rc = outgoing_send(o, c->mcp->options.input_timeout_ms, &events, q, err);
        q->sent = rc ? NULL : o;
    } else if (!rc) {
        rc = error_set(err, ST_NOMEM, "out of memory");
    }
    buffer_clear(&meta);
    return rc;
}

/* An error if something could not be sent; what was sent is still open then. */
static int ask(struct task_wait *wait, const struct task_view *view, struct error *err)
{
    enum revision revision;
    struct client_abilities abilities;
    struct input_target target = {wait->request->revision, &abilities};
    struct json_doc *doc;
    struct str unused;
    struct error ignored;
    int rc = task_client_read(view->client, &abilities, &revision, err);
    if (!rc)
        rc = json_parse(view->requests, &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    while (!rc && json_next(&it)) {
        struct task_question *q = free_question(wait);
        struct str key;
        if (!q || !json_plain(it.key, &key) || key.len >= sizeof(q->key) || is_asked(wait, key) ||
            input_need(it.value, &target, &unused, &ignored))
            continue;
        memcpy(q->key, key.ptr, key.len);
        q->key[key.len] = '\0';
        q->wait = wait;
        rc = send_question(q, it.value, &target, err);
        if (rc)
            q->key[0] = '\0';
    }
    json_free(doc);
    return rc;
}

/* ---- waiting ------------------------------------------------------------------------------ */

/* Two requests may wait for one task; only the first one that came asks its questions. */
static struct task_wait *first_wait(const struct connection *c, const char *id)
{
    struct task_wait *first = NULL;
    for (struct task_wait *at = c->task_waits; at; at = at->next)
        if (strcmp(at->id, id) == 0)
            first = at;
    return first;
}

/* The request that asked has gone: the next one that waits asks in its place. */
static void pass_on(struct connection *c, const char *id)
{
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct task_wait *wait = c->closed || c->shutting_down ? NULL : first_wait(c, id);
    struct task_view view;
    struct error err;
    if (wait && tasks->get(tasks->ctx, &context, str_from(id), &view, &err) == ST_OK &&
        view.status == TASK_INPUT_REQUIRED)
        ask(wait, &view, &err);
}

void task_result_forget(struct request *r)
{
    struct task_wait *wait = r->task_wait;
    if (!wait)
        return;
    struct task_wait **at = &r->connection->task_waits;
    while (*at != wait)
        at = &(*at)->next;
    *at = wait->next;
    r->task_wait = NULL;
    for (size_t i = 0; i < INPUT_MAX_REQUESTS; i++)
        outgoing_drop(wait->questions[i].sent, "the task needs no answer any more");
    pass_on(r->connection, wait->id);
    free(wait);
}

static void look(struct task_wait *wait)
{
    struct request *r = wait->request;
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_context context = task_context(r->connection);
    struct task_view view;
    struct error err;
    if (tasks->get(tasks->ctx, &context, str_from(wait->id), &view, &err))
        answer_error(r, RPC_INVALID_PARAMS, "%s", err.text);
    else if (view.status > TASK_INPUT_REQUIRED)
        answer_end(r, &view);
    else if (view.status == TASK_INPUT_REQUIRED &&
             wait == first_wait(r->connection, wait->id) && ask(wait, &view, &err))
        answer_error(r, RPC_INTERNAL_ERROR, "the client cannot be asked: %s; ask again", err.text);
}

void task_result_changed(struct connection *c, struct str id)
{
    struct task_wait *next;
    for (struct task_wait *wait = c->task_waits; wait; wait = next) {
        next = wait->next;
        if (str_eq(str_from(wait->id), id))
            look(wait);
    }
}

static void wait_for(struct request *r, struct str id)
{
    struct task_view view;
    if (!task_view_for(r, id, &view))
        return;
    struct task_wait *wait = calloc(1, sizeof(*wait));
    if (!wait || view.id.len >= sizeof(wait->id)) {
        free(wait);
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
        return;
    }
    memcpy(wait->id, view.id.ptr, view.id.len);
    wait->request = r;
    wait->next = r->connection->task_waits;
    r->connection->task_waits = wait;
    r->task_wait = wait;
    r->content_alone = tool_is_content_alone(r, view.tool);
    look(wait);
}

void tasks_result_handle(struct request *r)
{
    task_of_request_then(r, wait_for);
}
