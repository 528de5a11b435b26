#include "core/task/entry.h"

int task_service_cancel(void *ctx, const struct call_context *context, struct str id,
                        struct task_view *out, struct error *err)
{
    struct task *task;
    struct task_record record;
    int rc = task_find(ctx, context, id, &task, &record, err);
    if (rc)
        return rc;
    if (record.elsewhere)
        return error_set(err, ST_UNAVAILABLE,
                         "the task \"%.*s\" runs in another process; cancel it there",
                         STR_ARG(id));
    if (!task->work)
        return error_set(err, ST_INVALID, "the task \"%.*s\" has already ended: it is %s",
                         STR_ARG(id), task_status_name(task->lost ? TASK_FAILED : record.status));
    task_cancel(task, STR("the client cancelled the task"));
    return task_view_of(task, out, err);
}

static void detach(struct task *task, const void *user)
{
    if (task && task->user == user)
        task->observer = NULL;
}

void task_service_detach(void *ctx, struct str id, const void *user)
{
    struct tasks *tasks = ctx;
    if (id.len)
        detach(str_index_get(&tasks->by_id, id), user);
    for (size_t i = 0; !id.len && i < tasks->by_id.count; i++)
        detach(tasks->by_id.entries[i].value, user);
}
