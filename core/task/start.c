#include "core/task/entry.h"
#include "core/base/hex.h"

static int check_start(struct tasks *tasks, const struct call_request *what, struct error *err)
{
    const struct task_parts *parts = &tasks->parts;
    const struct caller *caller = what->context.caller;
    const struct task_owner owner = {caller->id, caller->tenant};
    size_t count;
    if (what->action != ACTION_CALL)
        return error_set(err, ST_INVALID, "only a call of a tool can be a task");
    int rc = parts->store->count(parts->store->ctx, &owner, &count, err);
    if (!rc && count >= parts->limits.per_owner)
        rc = error_set(err, ST_BUSY,
                       "there are %zu tasks already, and no more are allowed; try again when "
                       "some have expired",
                       count);
    return rc;
}

static int make_id(struct tasks *tasks, char id[TASK_ID_LENGTH], struct error *err)
{
    return hex_draw(tasks->parts.random, TASK_ID_LENGTH / 2, id, err);
}

static int add_task(struct tasks *tasks, struct task **out, struct error *err)
{
    char id[TASK_ID_LENGTH];
    int rc = make_id(tasks, id, err);
    if (rc)
        return rc;
    if (str_index_get(&tasks->by_id, (struct str){id, sizeof(id)}))
        return error_set(err, ST_GENERIC, "the system's randomness repeats itself");
    struct task *task = task_add(tasks, (struct str){id, sizeof(id)});
    if (!task)
        return error_set(err, ST_NOMEM, "out of memory");
    *out = task;
    return ST_OK;
}

static uint64_t ttl_of(const struct task_limits *limits, uint64_t asked)
{
    uint64_t ttl = asked ? asked : limits->default_ttl_ms;
    if (limits->max_ttl_ms && (ttl == 0 || ttl > limits->max_ttl_ms))
        ttl = limits->max_ttl_ms;
    return ttl;
}

/* Several processes may share a durable store: places come from the clock there. */
static uint64_t next_order(const struct tasks *tasks, int64_t now_ms)
{
    uint64_t now = tasks->parts.store->durable && now_ms > 0 ? (uint64_t)now_ms << 10 : 0;
    return now > tasks->last_order ? now : tasks->last_order + 1;
}

static int store_new(struct task *task, const struct task_options *options, struct error *err)
{
    struct tasks *tasks = task->tasks;
    const struct clock_port *clock = tasks->parts.clock;
    struct task_record record = {
        .id = task_id(task),
        .owner = {task->work->caller.id, task->work->caller.tenant},
        .tool = task->work->tool,
        .status = TASK_WORKING,
        .created_ms = clock->wall_ms(clock->ctx),
        .ttl_ms = ttl_of(&tasks->parts.limits, options->ttl_ms),
        .poll_ms = tasks->parts.limits.poll_ms,
        .client = options->client,
        .round = 1,
    };
    record.updated_ms = record.created_ms;
    record.order = next_order(tasks, record.created_ms);
    int rc = task_save(task, &record, err);
    if (rc)
        return rc;
    tasks->last_order = record.order;
    if (record.ttl_ms)
        task_expire_in(task, record.ttl_ms);
    return ST_OK;
}

static int run_first(struct task *task, const struct call_request *what, struct error *err)
{
    const struct task_record resume = {.state = what->state, .answers = what->answers};
    const struct task_store *store = task->tasks->parts.store;
    task->starting = true;
    int rc = task_run(task, what->resume ? &resume : NULL, err);
    task->starting = false;
    if (rc)
        store->remove(store->ctx, task_id(task), NULL);
    return rc;
}

int task_service_start(void *ctx, const struct call_request *what,
                       const struct task_options *options, struct task_view *out,
                       struct error *err)
{
    struct tasks *tasks = ctx;
    struct task *task = NULL;
    int rc = check_start(tasks, what, err);
    if (!rc)
        rc = add_task(tasks, &task, err);
    if (rc)
        return rc;
    task->admit = options->admit;
    task->observer = options->observer;
    task->user = options->user;
    rc = task_work_new(what, &task->work, err);
    if (!rc)
        rc = store_new(task, options, err);
    if (!rc)
        rc = run_first(task, what, err);
    if (rc) {
        task_work_unuse(task->work);
        task_forget(task);
        return rc;
    }
    return task_view_of(task, out, err);
}
