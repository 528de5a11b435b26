/* The tools `slow-task` and `task-only`: work that a client may, or must, take as a task. To the
 * plugin it is a call like every other; the manifest's run.taskSupport is the whole difference. */
#include "everything.h"
#include "hexmcp/await.h"

#define SLICE_MS 20 /* how often a waiting worker looks whether it was cancelled */

/* [worker] Waits, with an eye on the client. */
static int32_t wait_ms(const hexmcp_round *r, int64_t ms)
{
    const hexmcp_timer_1 *timer = self_of(r)->timer;
    int32_t status = HEXMCP_OK;
    while (ms > 0 && status == HEXMCP_OK && !hexmcp_round_cancelled(r)) {
        int64_t slice = ms < SLICE_MS ? ms : SLICE_MS;
        hexmcp_await *a = hexmcp_await_new(r->host);
        if (!a)
            return HEXMCP_E_NOMEM;
        status = timer->after(timer->ctx, (uint64_t)slice, hexmcp_await_reply, a);
        status = hexmcp_await_wait(a, status, 60000, NULL, NULL);
        ms -= slice;
    }
    return hexmcp_round_cancelled(r) ? HEXMCP_E_CANCELLED : status;
}

/* Steps `from` + 1 to `to` of `total`. */
static int32_t work(const hexmcp_round *r, int64_t from, int64_t to, int64_t total)
{
    int64_t delay_ms = hexmcp_round_get_int(r, "delayMs", 0);
    int32_t status = HEXMCP_OK;
    for (int64_t i = from + 1; i <= to && status == HEXMCP_OK; i++) {
        char text[64];
        status = wait_ms(r, delay_ms);
        snprintf(text, sizeof(text), "step %lld of %lld", (long long)i, (long long)total);
        if (status == HEXMCP_OK)
            hexmcp_round_progress(r, (double)i, (double)total, text);
    }
    return status;
}

static int32_t stopped(const hexmcp_round *r, int32_t status)
{
    if (status == HEXMCP_E_CANCELLED)
        return hexmcp_round_cancel(r);
    return hexmcp_fail(r->err, status, "the work was interrupted; try again");
}

int32_t tool_slow_task(const hexmcp_round *r)
{
    int64_t steps = hexmcp_round_get_int(r, "steps", 3);
    int32_t status = work(r, 0, steps, steps);
    if (status != HEXMCP_OK)
        return stopped(r, status);
    return hexmcp_round_textf(r, "done in %lld steps", (long long)steps);
}

/* The first half, then a question: the task is `input_required` until it is answered. */
int32_t task_only_begin(const hexmcp_round *r)
{
    int64_t steps = hexmcp_round_get_int(r, "steps", 4);
    int32_t status = work(r, 0, steps / 2, steps);
    if (status != HEXMCP_OK)
        return stopped(r, status);
    return hexmcp_round_ask(r, JSON(
        {"requests": {"go": {"method": "elicitation/create", "params": {
            "message": "Half is done. Go on?",
            "requestedSchema": {"type": "object", "properties": {}}}}},
         "state": {"half": true}}));
}

int32_t task_only_resume(const hexmcp_round *r)
{
    int64_t steps = hexmcp_round_get_int(r, "steps", 4);
    hexmcp_str content;
    int answer = hexmcp_round_answer(r, "go", &content);
    int32_t status;
    if (answer != HEXMCP_ANSWER_ACCEPTED)
        return hexmcp_round_textf(r, "stopped at half");
    status = work(r, steps / 2, steps, steps);
    if (status != HEXMCP_OK)
        return stopped(r, status);
    return hexmcp_round_textf(r, "done in %lld steps", (long long)steps);
}
