#include <math.h>

#include "core/call/call.h"

void call_run(struct call *call)
{
    struct dispatcher *d = call->dispatcher;
    const struct item *item = call->item->definition;
    const struct call_request *asked = &call->request;
    struct str arguments = json_text(asked->arguments);
    struct run_request request = {
        .call = call->run_id,
        .plugin = item->plugin,
        .action = asked->action,
        .kind = item->kind,
        .name = asked->action == ACTION_READ ? asked->target : item->local_name,
        .arguments = arguments,
        .argument = asked->argument,
        .value = asked->value,
        .resume = asked->resume,
        .state = asked->resume && !asked->state.len ? STR("null") : asked->state,
        .answers = asked->answers,
        .traceparent = asked->context.traceparent,
        .tracestate = asked->context.tracestate,
        .meta = asked->context.meta,
        .caller = asked->context.caller,
        .paths = call->paths,
        .on_loop = item->run_inline && arguments.len <= item->inline_bytes && !call->paths,
        .deadline_ns = call->deadline_ns,
    };
    uint64_t id = call->id;
    call->state = CALL_RUNNING;
    struct error err;
    if (d->parts.runtime->run(d->parts.runtime->ctx, &request, &err)) {
        call_fail(call, &err);
        return;
    }
    /* An inline call has ended by now and is gone. */
    if (!request.on_loop || call_table_find(&d->table, id) == call)
        deadline_watch(call);
}

static int check_tool_arguments(const struct call *call, struct error *err)
{
    int rc = schema_check(call->item->input, call->request.arguments, err);
    if (rc)
        error_prefix(err, "invalid arguments for tool \"%.*s\": ",
                     STR_ARG(call->item->definition->name));
    return rc;
}

static int check_arguments(const struct call *call, struct error *err)
{
    switch (call->request.action) {
    case ACTION_CALL:
        return check_tool_arguments(call, err);
    case ACTION_RENDER:
        return call_check_prompt_arguments(call, err);
    default: /* a URI and its variables, and what a completion knows, were checked on the way in */
        return ST_OK;
    }
}

void call_refuse_arguments(struct call *call, const struct error *err)
{
    if (call->request.action == ACTION_CALL)
        call_tell(call, HOOK_TOOL_VALIDATION, err);
    call_end_error(call, err);
}

void call_proceed(struct call *call)
{
    struct json_doc *ask = NULL;
    struct error err;
    if (call_ask_before(call))
        return;
    if (call_grant_paths(call, &ask, &err))
        call_end_error(call, &err);
    else if (ask)
        call_end_with(call, CALL_INPUT_REQUIRED, json_root(ask));
    else
        call_admit(call);
    json_free(ask);
}

static void check_on_worker(void *arg)
{
    struct call *call = arg;
    check_arguments(call, &call->check);
}

static void checked_on_worker(void *arg)
{
    struct call *call = arg;
    if (call->ended)
        call_forget(call);
    else if (call->check.code)
        call_refuse_arguments(call, &call->check);
    else
        call_proceed(call);
}

void call_check_arguments(struct call *call)
{
    struct error err;
    if (json_text(call->request.arguments).len <= DISPATCHER_LARGE) {
        if (check_arguments(call, &err))
            call_refuse_arguments(call, &err);
        else
            call_proceed(call);
        return;
    }
    const struct executor_port *executor = call->dispatcher->parts.executor;
    call->state = CALL_CHECKING;
    call->check.code = ST_OK;
    if (executor->submit(executor->ctx, check_on_worker, checked_on_worker, call, &err))
        call_end_error(call, &err);
    else
        deadline_watch(call);
}

static void on_completed(void *ctx, uint64_t id, enum run_outcome outcome, struct str json)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (call && call->state == CALL_RUNNING && call->run_id == id)
        call_take_result(call, outcome, json);
}

static void on_failed(void *ctx, uint64_t id, const struct error *err)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (call && call->state == CALL_RUNNING && call->run_id == id)
        call_fail(call, err);
}

static void on_progress(void *ctx, uint64_t id, double progress, double total, struct str message)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (!call || call->ended || !isfinite(progress) || !(progress > call->progress))
        return;
    call->progress = progress;
    if (call->request.observer->progress)
        call->request.observer->progress(call->request.user, progress,
                                         isfinite(total) && total > 0 ? total : 0, message);
}

static void on_log(void *ctx, uint64_t id, enum log_level level, struct str plugin, struct str text)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (call && !call->ended && call->request.observer->log)
        call->request.observer->log(call->request.user, level, plugin, text);
}

static void on_released(void *ctx, uint64_t id)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (call && call->state == CALL_GIVEN_UP)
        call_forget(call);
}

void run_attach(struct dispatcher *d)
{
    d->events = (struct run_events){.ctx = d,
                                    .completed = on_completed,
                                    .failed = on_failed,
                                    .progress = on_progress,
                                    .log = on_log,
                                    .released = on_released};
    d->parts.runtime->attach(d->parts.runtime->ctx, &d->events);
}
