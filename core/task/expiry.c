#include "core/task/entry.h"

#define NS_PER_MS 1000000u

static uint64_t now_ns(const struct tasks *tasks)
{
    return tasks->parts.clock->monotonic_ns(tasks->parts.clock->ctx);
}

static void set_timer(struct tasks *tasks)
{
    const struct timer_port *timer = tasks->parts.timer;
    uint64_t now = now_ns(tasks);
    if (!tasks->soonest) {
        timer->stop(timer->ctx, tasks->timer);
        return;
    }
    uint64_t at = tasks->soonest->expires_ns;
    uint64_t left = at > now ? at - now : 0;
    timer->set(timer->ctx, tasks->timer, left / NS_PER_MS + (left % NS_PER_MS != 0));
}

static void unlink_task(struct task *task)
{
    struct tasks *tasks = task->tasks;
    if (task->sooner)
        task->sooner->later = task->later;
    else
        tasks->soonest = task->later;
    if (task->later)
        task->later->sooner = task->sooner;
    else
        tasks->latest = task->sooner;
    task->sooner = task->later = NULL;
    task->expires_ns = 0;
}

static void link_task(struct task *task)
{
    struct tasks *tasks = task->tasks;
    struct task *sooner = tasks->latest;
    while (sooner && sooner->expires_ns > task->expires_ns)
        sooner = sooner->sooner;
    task->sooner = sooner;
    task->later = sooner ? sooner->later : tasks->soonest;
    if (task->later)
        task->later->sooner = task;
    else
        tasks->latest = task;
    if (sooner)
        sooner->later = task;
    else
        tasks->soonest = task;
}

void task_expire_in(struct task *task, uint64_t ms)
{
    uint64_t now = now_ns(task->tasks);
    if (ms > (UINT64_MAX - now) / NS_PER_MS)
        return;
    task->expires_ns = now + ms * NS_PER_MS;
    if (task->expires_ns == 0)
        task->expires_ns = 1;
    link_task(task);
    if (task->tasks->soonest == task)
        set_timer(task->tasks);
}

void task_expire_never(struct task *task)
{
    if (task->expires_ns)
        unlink_task(task);
}

static void expire(struct task *task)
{
    const struct task_store *store = task->tasks->parts.store;
    unlink_task(task);
    if (task->work)
        task_cancel(task, STR("the task ran out of time"));
    /* A record that stays is unknown to clients, and goes with the next start of the process. */
    store->remove(store->ctx, task_id(task), NULL);
    task_forget(task);
}

static void fire(void *arg)
{
    struct tasks *tasks = arg;
    uint64_t now = now_ns(tasks);
    while (tasks->soonest && tasks->soonest->expires_ns <= now)
        expire(tasks->soonest);
    set_timer(tasks);
}

int task_expiry_init(struct tasks *tasks, struct error *err)
{
    const struct timer_port *timer = tasks->parts.timer;
    tasks->timer = timer->create(timer->ctx, fire, tasks);
    return tasks->timer ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}
