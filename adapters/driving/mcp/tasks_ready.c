/* Going on with a request when what is told of a task is stored. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/tasks.h"

struct task_step {
    struct request *request;
    task_step_fn *then;
    uint64_t ticket;
    size_t len;
    char id[];
};

static void is_ready(void *arg, const struct error *err)
{
    struct task_step *step = arg;
    struct request *r = step->request;
    r->task_step = NULL;
    if (err)
        answer_error(r, RPC_INTERNAL_ERROR, "the store of tasks does not answer: %s", err->text);
    else
        step->then(r, (struct str){step->id, step->len});
    free(step);
}

void task_ready_then(struct request *r, struct str id, task_step_fn *then)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct task_step *step = malloc(sizeof(*step) + id.len + 1);
    uint64_t ticket = 0;
    if (!step) {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
        return;
    }
    *step = (struct task_step){.request = r, .then = then, .len = id.len};
    if (id.len)
        memcpy(step->id, id.ptr, id.len);
    r->task_step = step;
    tasks->ready(tasks->ctx, &r->connection->client->caller, (struct str){step->id, step->len}, is_ready,
                 step, &ticket);
    if (ticket) /* else it is gone */
        step->ticket = ticket;
}

void task_ready_forget(struct request *r)
{
    const struct task_service *tasks = task_service_of(r->connection);
    struct task_step *step = r->task_step;
    r->task_step = NULL;
    if (step)
        tasks->forget(tasks->ctx, step->ticket);
    free(step);
}
