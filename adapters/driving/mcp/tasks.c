#include "adapters/driving/mcp/tasks.h"

#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/roots.h"
#include "adapters/driving/mcp/trace.h"

#define EXTENSION "io.modelcontextprotocol/tasks"

const struct task_service *task_service_of(const struct connection *c)
{
    return c->mcp->options.tasks;
}

struct call_context task_context(const struct connection *c)
{
    const struct clock_port *clock = c->mcp->options.clock;
    return (struct call_context){.caller = &c->client->caller,
                                 .wall_ms = clock->wall_ms(clock->ctx),
                                 .monotonic_ns = clock->monotonic_ns(clock->ctx)};
}

static void answer_needs_extension(struct request *r, const char *what)
{
    answer_error_data(r, RPC_MISSING_CAPABILITY,
                      STR("{\"requiredCapabilities\":{\"extensions\":{\"" EXTENSION "\":{}}}}"),
                      "%s needs the extension \"" EXTENSION "\", which the client did not declare",
                      what);
}

/* ---- tools/call --------------------------------------------------------------------------- */

static void answer_started(struct request *r, const struct task_view *view)
{
    struct json_writer w = answer_begin(r);
    bool core = revision_has_core_tasks(r->revision);
    struct task_view shown = *view;
    json_begin_object(&w);
    if (core) {
        /* There a task begins as working; that it has ended already, tasks/get tells. */
        shown.status = TASK_WORKING;
        shown.tool_error = false;
        shown.message = STR("");
        json_key(&w, STR("task"));
        json_begin_object(&w);
    } else {
        json_put_string(&w, STR("resultType"), STR("task"));
    }
    task_write(&w, r, &shown);
    if (core)
        json_end_object(&w);
    else
        answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    answer_send(r);
}

/* The record is stored. */
static void started(struct request *r, struct str id)
{
    struct task_view view;
    if (task_view_for(r, id, &view))
        answer_started(r, &view);
}

static uint64_t asked_ttl(const struct request *r)
{
    int64_t ttl = 0;
    json_int64(json_get(json_get(r->params, STR("task")), STR("ttl")), &ttl);
    return revision_has_core_tasks(r->revision) && ttl > 0 ? (uint64_t)ttl : 0;
}

/* `round` says where the tool begins. */
static void start(struct request *r, struct str tool, const struct call_request *round)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_request call = *round;
    struct buffer client = BUFFER_INIT;
    struct task_view view;
    struct error err;
    void *reports = NULL;
    call.action = ACTION_CALL;
    call.target = tool;
    call.arguments = r->arguments;
    call.context = task_context(r->connection);
    call.context.roots = roots_of(r);
    trace_read(r->meta, &call.context);
    task_client_write(r, &client);
    struct task_options options = {
        .ttl_ms = asked_ttl(r), .client = buffer_str(&client), .admit = task_admit};
    bool ready = !buffer_failed(&client) && (r->revision == REV_2026_07_28 ||
                                             task_reports_begin(r, &options, &reports));
    int rc = ready ? tasks->start(tasks->ctx, &call, &options, &view, &err)
                   : error_set(&err, ST_NOMEM, "out of memory");
    if (!rc && reports)
        task_reports_name(reports, view.id);
    if (reports && (rc || view.status > TASK_INPUT_REQUIRED))
        task_reports_drop(reports);
    if (rc)
        answer_error(r, rc == ST_BUSY ? RPC_INVALID_PARAMS : RPC_INTERNAL_ERROR, "%s", err.text);
    else
        task_ready_then(r, view.id, started);
    buffer_clear(&client);
}

/* In 2025-11-25 the client asks, and the tool may forbid or demand it. */
static bool take_core_call(struct request *r, const struct item *tool)
{
    struct json task = json_get(r->params, STR("task"));
    struct json ttl = json_get(task, STR("ttl"));
    int64_t asked = 0;
    if (!json_exists(task) && tool->task_support == TASK_REQUIRED)
        answer_error(r, RPC_METHOD_NOT_FOUND,
                     "tool \"%.*s\" runs as a task alone: call it with \"task\": {}",
                     STR_ARG(tool->name));
    else if (!json_exists(task))
        return false;
    else if (tool->task_support == TASK_FORBIDDEN)
        answer_error(r, RPC_METHOD_NOT_FOUND, "tool \"%.*s\" does not run as a task",
                     STR_ARG(tool->name));
    else if (json_type(task) != JSON_OBJECT || (json_exists(ttl) && (!json_int64(ttl, &asked) || asked < 0)))
        answer_error(r, RPC_INVALID_PARAMS,
                     "\"task\" must be an object; its \"ttl\" is in whole milliseconds");
    else
        start(r, tool->name, &(struct call_request){0});
    return true;
}

/* In the modern era the server decides: what can be a task is one, for clients that know them. */
static bool take_extension_call(struct request *r, const struct item *tool)
{
    bool knows = era_abilities(r).tasks;
    if (tool->task_support == TASK_FORBIDDEN || (tool->task_support == TASK_OPTIONAL && !knows))
        return false;
    r->task_next = knows && tool->task_after_input;
    if (r->task_next)
        return false;
    if (knows)
        start(r, tool->name, &(struct call_request){0});
    else
        answer_needs_extension(r, "this tool runs as a task alone and");
    return true;
}

void task_go_on(struct request *r, struct str state, struct str answers)
{
    struct call_request round = {.resume = true, .state = state, .answers = answers};
    struct buffer scratch = BUFFER_INIT;
    struct str tool;
    if (json_string(r->target, &scratch, &tool))
        start(r, tool, &round);
    else
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
    buffer_clear(&scratch);
}

bool task_take_call(struct request *r, const struct item *tool)
{
    if (!tool || !task_service_of(r->connection))
        return false;
    if (revision_has_core_tasks(r->revision))
        return take_core_call(r, tool);
    return r->revision == REV_2026_07_28 && take_extension_call(r, tool);
}

/* ---- tasks/get, tasks/list, tasks/cancel, tasks/update ------------------------------------- */

/* False: the session or the client has no tasks; answered. Asked before the id is looked at. */
static bool has_tasks(struct request *r)
{
    if (r->revision == REV_2026_07_28 ? era_abilities(r).tasks
                                      : revision_has_core_tasks(r->revision))
        return true;
    if (r->revision == REV_2026_07_28)
        answer_needs_extension(r, "this method");
    else
        answer_error(r, RPC_METHOD_NOT_FOUND, "protocol %.*s has no method \"%.*s\"",
                     STR_ARG(revision_name(r->revision)), STR_ARG(r->method_name));
    return false;
}

static void answer_no_task(struct request *r, const struct error *err)
{
    answer_error(r, err->code == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_INVALID_PARAMS, "%s",
                 err->text);
}

void task_of_request_then(struct request *r, task_step_fn *then)
{
    struct buffer scratch = BUFFER_INIT;
    struct str id;
    if (!has_tasks(r))
        return;
    if (json_string(json_get(r->params, STR("taskId")), &scratch, &id))
        task_ready_then(r, id, then);
    else
        answer_error(r, RPC_INVALID_PARAMS, "%.*s needs \"taskId\", a string",
                     STR_ARG(r->method_name));
    buffer_clear(&scratch);
}

bool task_view_for(struct request *r, struct str id, struct task_view *view)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_context context = task_context(r->connection);
    struct error err;
    if (tasks->get(tasks->ctx, &context, id, view, &err) == ST_OK)
        return true;
    answer_no_task(r, &err);
    return false;
}

static void answer_task(struct request *r, const struct task_view *view, bool outcome)
{
    struct json_writer w;
    result_begin(r, &w);
    task_write(&w, r, view);
    if (outcome)
        task_write_outcome(&w, r, view);
    result_send(r, &w, json_none());
}

static void show(struct request *r, struct str id)
{
    struct task_view view;
    if (task_view_for(r, id, &view))
        answer_task(r, &view, r->revision == REV_2026_07_28);
}

void tasks_get_handle(struct request *r)
{
    task_of_request_then(r, show);
}

static void acknowledge(struct request *r, struct str id)
{
    struct json_writer w;
    (void)id;
    result_begin(r, &w);
    result_send(r, &w, json_none());
}

static void show_cancelled(struct request *r, struct str id)
{
    struct task_view view;
    if (task_view_for(r, id, &view))
        answer_task(r, &view, false);
}

static void cancel(struct request *r, struct str id)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_context context = task_context(r->connection);
    struct task_view view;
    struct error err;
    bool modern = r->revision == REV_2026_07_28;
    int rc = tasks->cancel(tasks->ctx, &context, id, &view, &err);
    if (rc && !(modern && rc == ST_INVALID))
        answer_no_task(r, &err);
    else
        task_ready_then(r, id, modern ? acknowledge : show_cancelled);
}

void tasks_cancel_handle(struct request *r)
{
    task_of_request_then(r, cancel);
}

static void update(struct request *r, struct str id)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_context context = task_context(r->connection);
    struct json responses = json_get(r->params, STR("inputResponses"));
    struct task_view view;
    struct error err;
    int rc = tasks->get(tasks->ctx, &context, id, &view, &err);
    if (!rc)
        rc = task_check_answers(&view, responses, &err);
    if (!rc)
        rc = tasks->answer(tasks->ctx, &context, id, responses, &err);
    if (rc)
        answer_no_task(r, &err);
    else
        task_ready_then(r, id, acknowledge);
}

void tasks_update_handle(struct request *r)
{
    task_of_request_then(r, update);
}

/* Only callers that prove who they are can be shown a list of their own. */
void tasks_list_handle(struct request *r)
{
    if (!has_tasks(r))
        return;
    if (!r->connection->client->caller.authenticated)
        answer_error(r, RPC_METHOD_NOT_FOUND,
                     "tasks/list is for callers that have authenticated; keep the ids of tasks");
    else
        task_ready_then(r, STR(""), task_list_page);
}

/* ---- changes ------------------------------------------------------------------------------ */

void task_changed(struct connection *c, struct str id)
{
    if (!task_service_of(c))
        return;
    task_reports_changed(c, id);
    task_result_changed(c, id);
}

bool task_is_known(const struct request *r, struct str id)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct call_context context = task_context(r->connection);
    struct task_view view;
    struct error err;
    return tasks && tasks->get(tasks->ctx, &context, id, &view, &err) == ST_OK;
}

bool task_check_listen(struct request *r)
{
    struct json ids = json_get(json_get(r->params, STR("notifications")), STR("taskIds"));
    if (!json_exists(ids) || era_abilities(r).tasks)
        return true;
    answer_needs_extension(r, "\"taskIds\"");
    return false;
}

bool task_send_notification(struct connection *c, const struct request *listen, struct str id)
{
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct task_view view;
    struct error err;
    /* One that has gone meanwhile has nothing to tell. */
    if (tasks->get(tasks->ctx, &context, id, &view, &err))
        return true;
    struct json_writer w = notification_begin(c, STR("notifications/tasks"));
    json_begin_object(&w);
    subscription_write_meta(&w, listen);
    task_write(&w, listen, &view);
    task_write_outcome(&w, listen, &view);
    json_end_object(&w);
    return notification_send(c, request_origin(listen));
}

/* ---- capabilities ------------------------------------------------------------------------- */

void task_write_capability(const struct request *r, struct json_writer *w)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    if (!options->tasks)
        return;
    if (r->revision == REV_2026_07_28) {
        json_put_raw(w, STR("extensions"), STR("{\"" EXTENSION "\":{}}"));
    } else if (revision_has_core_tasks(r->revision)) {
        json_key(w, STR("tasks"));
        json_begin_object(w);
        json_put_raw(w, STR("cancel"), STR("{}"));
        if (r->connection->client->caller.authenticated)
            json_put_raw(w, STR("list"), STR("{}"));
        json_put_raw(w, STR("requests"), STR("{\"tools\":{\"call\":{}}}"));
        json_end_object(w);
    }
}
