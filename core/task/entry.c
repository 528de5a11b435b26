#include "core/task/entry.h"

#include <stdlib.h>

struct task *task_add(struct tasks *tasks, struct str id)
{
    struct task *task = calloc(1, sizeof(*task));
    if (!task)
        return NULL;
    task->tasks = tasks;
    memcpy(task->id, id.ptr, TASK_ID_LENGTH);
    if (!str_index_put(&tasks->by_id, task_id(task), task)) {
        free(task);
        return NULL;
    }
    return task;
}

void task_forget(struct task *task)
{
    task_expire_never(task);
    str_index_remove(&task->tasks->by_id, task_id(task));
    free(task);
}
