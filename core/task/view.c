#include "core/task/entry.h"

static int unknown(struct str id, struct error *err)
{
    error_set(err, ST_NOT_FOUND, "there is no task \"%.*s\"; it may have expired", STR_ARG(id));
    return ST_NOT_FOUND;
}

static struct task_owner owner_of(const struct call_context *context)
{
    return (struct task_owner){context->caller->id, context->caller->tenant};
}

static bool is_owner(const struct task_owner *owner, const struct call_context *context)
{
    return str_eq(owner->caller, context->caller->id) &&
           str_eq(owner->tenant, context->caller->tenant);
}

int task_find(struct tasks *tasks, const struct call_context *context, struct str id,
              struct task **task, struct task_record *record, struct error *err)
{
    struct task *found = str_index_get(&tasks->by_id, id);
    struct task_record loaded;
    int rc = found ? task_load(found, &loaded, err) : ST_NOT_FOUND;
    if (rc && rc != ST_NOT_FOUND)
        return rc;
    if (rc || !is_owner(&loaded.owner, context))
        return unknown(id, err);
    *task = found;
    *record = loaded;
    return ST_OK;
}

static struct task_view view_of(const struct task *task, const struct task_record *record)
{
    struct task_view view = {
        .id = record->id,
        .order = record->order,
        .tool = record->tool,
        .status = record->status,
        .tool_error = record->tool_error,
        .message = record->message,
        .created_ms = record->created_ms,
        .updated_ms = record->updated_ms,
        .ttl_ms = record->ttl_ms,
        .poll_ms = record->poll_ms,
        .result = record->result,
        .error_code = record->error_code,
        .error = record->error,
        .requests = record->requests,
        .client = record->client,
    };
    if (task->lost) {
        view.status = TASK_FAILED;
        view.error_code = ST_UNAVAILABLE;
        view.error = view.message = STR("the outcome of the task could not be stored");
        view.requests = STR("");
    }
    return view;
}

int task_view_of(const struct task *task, struct task_view *out, struct error *err)
{
    struct task_record record;
    int rc = task_load(task, &record, err);
    if (!rc)
        *out = view_of(task, &record);
    return rc;
}

int task_service_get(void *ctx, const struct call_context *context, struct str id,
                     struct task_view *out, struct error *err)
{
    struct task *task;
    struct task_record record;
    int rc = task_find(ctx, context, id, &task, &record, err);
    if (!rc)
        *out = view_of(task, &record);
    return rc;
}

int task_service_next(void *ctx, const struct call_context *context, uint64_t after,
                      struct task_view *out, struct error *err)
{
    struct tasks *tasks = ctx;
    const struct task_store *store = tasks->parts.store;
    const struct task_owner owner = owner_of(context);
    const struct task_record *record;
    const struct task *task = NULL;
    for (; !task; after = record->order) {
        int rc = store->next(store->ctx, &owner, after, &record, err);
        if (rc)
            return rc;
        task = str_index_get(&tasks->by_id, record->id);
    }
    *out = view_of(task, record);
    return ST_OK;
}
