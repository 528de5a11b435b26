#include <stdlib.h>

#include "core/task/entry.h"

static void run_free(struct task_run *run)
{
    if (run->next)
        run->next->before = run->before;
    if (run->before)
        run->before->next = run->next;
    else
        run->tasks->runs = run->next;
    task_work_unuse(run->work);
    free(run);
}

static void run_unuse(struct task_run *run)
{
    if (--run->users == 0)
        run_free(run);
}

/* The task takes no interest in the run any more. */
static void part(struct task_run *run)
{
    run->task->run = NULL;
    run->task = NULL;
}

static void on_progress(void *user, double progress, double total, struct str message)
{
    const struct task *task = ((struct task_run *)user)->task;
    if (task && task->observer && task->observer->progress)
        task->observer->progress(task->user, task_id(task), progress, total, message);
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    const struct task *task = ((struct task_run *)user)->task;
    if (task && task->observer && task->observer->log)
        task->observer->log(task->user, task_id(task), level, logger, text);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct task_run *run = user;
    struct task *task = run->task;
    if (task) {
        part(run);
        task_take_outcome(task, outcome);
    }
    run_unuse(run);
}

static void on_release(void *hold)
{
    run_unuse(hold);
}

static struct task_run *run_new(struct task *task)
{
    struct tasks *tasks = task->tasks;
    struct task_run *run = malloc(sizeof(*run));
    if (!run)
        return NULL;
    /* Three use it: task_run, the report, the borrowed arguments. */
    *run = (struct task_run){
        .task = task, .work = task->work, .tasks = tasks, .users = 3, .next = tasks->runs};
    if (tasks->runs)
        tasks->runs->before = run;
    tasks->runs = run;
    task->work->users++;
    task->run = run;
    return run;
}

static struct call_request request_of(struct task_run *run, const struct task_record *resume)
{
    static const struct call_observer observer = {on_progress, on_log, on_done};
    const struct clock_port *clock = run->tasks->parts.clock;
    struct task_work *work = run->work;
    work->context.wall_ms = clock->wall_ms(clock->ctx);
    work->context.monotonic_ns = clock->monotonic_ns(clock->ctx);
    struct call_request request = {
        .action = ACTION_CALL,
        .target = work->tool,
        .arguments = work->arguments ? json_root(work->arguments) : json_none(),
        .context = work->context,
        .observer = &observer,
        .user = run,
        .release = on_release,
        .hold = run,
    };
    if (resume) {
        request.resume = true;
        request.state = resume->state;
        request.answers = resume->answers;
    }
    return request;
}

int task_run(struct task *task, const struct task_record *resume, struct error *err)
{
    const struct call_service *calls = task->tasks->parts.calls;
    struct task_run *run = run_new(task);
    uint64_t id = 0;
    if (!run)
        return error_set(err, ST_NOMEM, "out of memory");
    struct call_request request = request_of(run, resume);
    int rc = calls->call(calls->ctx, &request, &id, err);
    if (rc) {
        run->users -= 2;
        if (run->task)
            part(run);
    } else if (run->task) {
        run->call = id;
    } else if (id) {
        calls->cancel(calls->ctx, id);
    }
    run_unuse(run);
    return rc;
}

void task_stop_run(struct task *task)
{
    const struct call_service *calls = task->tasks->parts.calls;
    struct task_run *run = task->run;
    if (!run)
        return;
    part(run);
    if (run->call)
        calls->cancel(calls->ctx, run->call);
}

void task_runs_free(struct tasks *tasks)
{
    while (tasks->runs)
        run_free(tasks->runs);
}
