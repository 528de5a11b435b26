#include "core/task/entry.h"

int task_load(const struct task *task, struct task_record *out, struct error *err)
{
    const struct task_store *store = task->tasks->parts.store;
    const struct task_record *stored;
    int rc = store->get(store->ctx, task_id(task), &stored, err);
    if (!rc)
        *out = *stored;
    return rc;
}

int task_save(const struct task *task, struct task_record *record, struct error *err)
{
    const struct task_parts *parts = &task->tasks->parts;
    int64_t now = parts->clock->wall_ms(parts->clock->ctx);
    if (now > record->updated_ms)
        record->updated_ms = now;
    return parts->store->put(parts->store->ctx, record, err);
}

void task_tell(const struct task *task)
{
    if (!task->starting)
        changes_tell(task->tasks->parts.changes, CHANGE_TASK, task_id(task));
}

bool task_status_is_final(enum task_status status)
{
    return status != TASK_WORKING && status != TASK_INPUT_REQUIRED;
}

const char *task_status_name(enum task_status status)
{
    static const char *const names[] = {"working", "input_required", "completed", "failed",
                                        "cancelled"};
    return names[status];
}
