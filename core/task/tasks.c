#include <stdlib.h>

#include "core/task/entry.h"

struct task_limits task_limits_default(void)
{
    return (struct task_limits){
        .per_owner = 1000,
        .default_ttl_ms = 3600000,
        .max_ttl_ms = 86400000,
        .poll_ms = 1000,
        .result_bytes = (size_t)16 << 20,
    };
}

/* How long a task of an earlier process still has. */
static uint64_t time_left(const struct tasks *tasks, const struct task_record *record)
{
    int64_t now = tasks->parts.clock->wall_ms(tasks->parts.clock->ctx);
    uint64_t age = now > record->created_ms ? (uint64_t)(now - record->created_ms) : 0;
    return age < record->ttl_ms ? record->ttl_ms - age : 0;
}

static int add_stored(struct tasks *tasks, const struct task_record *record, struct task **out,
                      struct error *err)
{
    if (record->id.len != TASK_ID_LENGTH)
        return error_set(err, ST_INVALID, "the stored task \"%.*s\" has no valid id",
                         STR_ARG(record->id));
    struct task *task = task_add(tasks, record->id);
    if (!task)
        return error_set(err, ST_NOMEM, "out of memory");
    if (record->order > tasks->last_order)
        tasks->last_order = record->order;
    if (record->ttl_ms)
        task_expire_in(task, time_left(tasks, record));
    *out = task;
    return ST_OK;
}

int task_take_over(struct tasks *tasks, const struct task_record *stored, struct error *err)
{
    static const char text[] = "the server was restarted before the task had ended";
    struct task_record record = *stored;
    struct task *task = str_index_get(&tasks->by_id, record.id);
    int rc = task ? ST_OK : add_stored(tasks, &record, &task, err);
    if (rc)
        return rc;
    task->elsewhere = record.elsewhere;
    if (record.elsewhere || task->work || task_status_is_final(record.status))
        return ST_OK;
    record.status = TASK_FAILED;
    record.error_code = ST_UNAVAILABLE;
    record.error = record.message = STR(text);
    record.requests = record.answers = record.state = STR("");
    return task_save(task, &record, err);
}

static int take_back_all(struct tasks *tasks, struct error *err)
{
    const struct task_store *store = tasks->parts.store;
    const struct task_record *record;
    int rc;
    while ((rc = store->next(store->ctx, NULL, tasks->last_order, &record, err)) == ST_OK) {
        tasks->last_order = record->order;
        rc = task_take_over(tasks, record, err);
        if (rc)
            return rc;
    }
    return rc == ST_NOT_FOUND ? ST_OK : rc;
}

int tasks_new(const struct task_parts *parts, struct tasks **out, struct error *err)
{
    struct tasks *tasks = calloc(1, sizeof(*tasks));
    if (!tasks)
        return error_set(err, ST_NOMEM, "out of memory");
    tasks->parts = *parts;
    tasks->service = (struct task_service){
        .ctx = tasks,
        .durable = parts->store->durable,
        .ready = task_service_ready,
        .forget = task_service_forget,
        .start = task_service_start,
        .get = task_service_get,
        .next = task_service_next,
        .cancel = task_service_cancel,
        .answer = task_service_answer,
        .detach = task_service_detach,
    };
    int rc = task_expiry_init(tasks, err);
    if (!rc)
        rc = take_back_all(tasks, err);
    if (rc)
        tasks_free(tasks);
    else
        *out = tasks;
    return rc;
}

void tasks_shutdown(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->by_id.count; i++) {
        struct task *task = tasks->by_id.entries[i].value;
        if (task->work)
            task_cancel(task, STR("the server was shut down"));
    }
}

void tasks_free(struct tasks *tasks)
{
    if (!tasks)
        return;
    task_ready_free(tasks);
    if (tasks->timer)
        tasks->parts.timer->free(tasks->parts.timer->ctx, tasks->timer);
    while (tasks->by_id.count) {
        struct task *task = tasks->by_id.entries[tasks->by_id.count - 1].value;
        task_work_unuse(task->work);
        task_forget(task);
    }
    task_runs_free(tasks);
    str_index_clear(&tasks->by_id);
    free(tasks);
}

const struct task_service *tasks_service(struct tasks *tasks)
{
    return &tasks->service;
}
