#include "core/call/call.h"

#define NS_PER_MS 1000000u

static void set_timer(struct dispatcher *d, uint64_t deadline_ns, uint64_t now_ns)
{
    /* Rounded up, so that the deadline has really passed when the timer runs out. */
    uint64_t delay_ms =
        deadline_ns > now_ns ? (deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
    d->timer_ns = deadline_ns;
    d->parts.timer->set(d->parts.timer->ctx, d->timer, delay_ms);
}

/* When something has to be done about it. */
static uint64_t due_of(const struct call *call)
{
    bool rests = call->state == CALL_RESTING && call->hooks.again_ns < call->deadline_ns;
    return rests ? call->hooks.again_ns : call->deadline_ns;
}

void deadline_watch(struct call *call)
{
    struct dispatcher *d = call->dispatcher;
    uint64_t due_ns = due_of(call);
    if (d->timer_ns == 0 || due_ns < d->timer_ns)
        set_timer(d, due_ns, d->parts.clock->monotonic_ns(d->parts.clock->ctx));
}

static void expire(struct call *call)
{
    uint32_t limit_ms = call->item->definition->timeout_ms;
    char subject[CALL_SUBJECT_SIZE];
    struct error err;
    call_subject(call, subject);
    if (call->state == CALL_WAITING)
        error_set(&err, ST_TIMEOUT,
                  "%s was busy for the whole time limit of %u ms; try again later", subject,
                  limit_ms);
    else
        error_set(&err, ST_TIMEOUT,
                  "%s did not finish within its time limit of %u ms and was stopped", subject,
                  limit_ms);
    call_give_up(call, &err);
}

/* Ends what is overdue. A scan over the live calls: it happens at most once a deadline, and calls
 * that end in time never set the timer again. */
static void on_timer(void *arg)
{
    struct dispatcher *d = arg;
    uint64_t now_ns = d->parts.clock->monotonic_ns(d->parts.clock->ctx);
    uint64_t next_ns = 0;
    d->timer_ns = 0;
    for (uint32_t i = 0; i < d->table.cap; i++) {
        struct call *call = d->table.calls[i];
        if (!call || call->ended)
            continue;
        uint64_t due_ns = due_of(call);
        if (due_ns > now_ns) {
            if (next_ns == 0 || due_ns < next_ns)
                next_ns = due_ns;
        } else if (call->deadline_ns <= now_ns) {
            expire(call);
        } else {
            call_again(call);
        }
    }
    if (next_ns && (d->timer_ns == 0 || next_ns < d->timer_ns))
        set_timer(d, next_ns, now_ns);
}

int deadline_init(struct dispatcher *d, struct error *err)
{
    d->timer = d->parts.timer->create(d->parts.timer->ctx, on_timer, d);
    return d->timer ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}
