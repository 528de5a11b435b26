#include "core/task/entry.h"

#include <stdlib.h>

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

/* The tasks outlive what waits in the store only if the change was told, so nothing is kept for it. */
struct told {
    struct changes *changes;
    char id[TASK_ID_LENGTH];
};

static void tell_stored(void *arg, const struct error *err)
{
    struct told *told = arg;
    (void)err; /* who asks for the task hears of it */
    changes_tell(told->changes, CHANGE_TASK, (struct str){told->id, TASK_ID_LENGTH});
    free(told);
}

void task_tell(const struct task *task)
{
    const struct task_parts *parts = &task->tasks->parts;
    const struct task_owner nobody = {0};
    uint64_t ticket;
    if (task->starting)
        return;
    struct told *told = parts->store->ready ? malloc(sizeof(*told)) : NULL;
    if (!told) {
        changes_tell(parts->changes, CHANGE_TASK, task_id(task));
        return;
    }
    told->changes = parts->changes;
    memcpy(told->id, task->id, TASK_ID_LENGTH);
    parts->store->ready(parts->store->ctx, task_id(task), &nobody, tell_stored, told, &ticket);
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
