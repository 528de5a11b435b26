/* The tool `count`: long work without a thread. It returns HEXMCP_PENDING and goes on by
 * hexmcp.timer/1; it reports progress, writes log lines, and can be cancelled between two steps. */
#include "everything.h"

struct counting {
    struct counting *next;
    struct everything *self;
    hexmcp_call call;
    int64_t done, to, delay_ms;
    int ended; /* cancel has ended the call already; under the lock */
};

static void add(struct counting *c)
{
    pthread_mutex_lock(&c->self->lock);
    c->next = c->self->countings;
    c->self->countings = c;
    pthread_mutex_unlock(&c->self->lock);
}

static void drop(struct counting *c)
{
    struct counting **at = &c->self->countings;
    pthread_mutex_lock(&c->self->lock);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    pthread_mutex_unlock(&c->self->lock);
    free(c);
}

/* Ends the call and the work. */
static void end(struct counting *c, int32_t status)
{
    const hexmcp_host *host = c->self->host;
    char text[48];
    snprintf(text, sizeof(text), "counted to %lld", (long long)c->done);
    if (status == HEXMCP_OK)
        hexmcp_complete_text(host, c->call, HEXMCP_RESULT, hexmcp_str_from(text));
    else
        hexmcp_complete_fail(host, c->call, status, "the count was interrupted; call again");
    drop(c);
}

/* Tells the client of step `done`; what it did not ask for is dropped by the host. */
static void report(const struct counting *c)
{
    const hexmcp_host *host = c->self->host;
    char text[64];
    snprintf(text, sizeof(text), "step %lld of %lld", (long long)c->done, (long long)c->to);
    host->progress(host->ctx, c->call, (double)c->done, (double)c->to, hexmcp_str_from(text));
}

static int has_ended(const struct counting *c)
{
    int ended;
    pthread_mutex_lock(&c->self->lock);
    ended = c->ended;
    pthread_mutex_unlock(&c->self->lock);
    return ended;
}

/* [loop] One step: the hexmcp_reply_fn of the timer. */
static void step(void *arg, int32_t status, hexmcp_str json)
{
    struct counting *c = (struct counting *)arg;
    const hexmcp_timer_1 *timer = c->self->timer;
    (void)json;
    if (has_ended(c)) {
        drop(c);
        return;
    }
    if (status == HEXMCP_OK) {
        c->done++;
        report(c);
    }
    if (status == HEXMCP_OK && c->done < c->to) {
        status = timer->after(timer->ctx, (uint64_t)c->delay_ms, step, c);
        if (status == HEXMCP_OK)
            return;
    }
    end(c, status);
}

/* One log line for each level in `logs`, in their order. */
static void write_logs(const hexmcp_round *r)
{
    static const char *const levels[] = {"debug", "info",     "notice", "warning",
                                         "error", "critical", "alert",  "emergency"};
    hexmcp_str logs, level;
    hexmcp_json_iter it;
    if (hexmcp_json_get(r->args, "logs", &logs) != HEXMCP_OK)
        return;
    it = hexmcp_json_iter_begin(logs);
    while (hexmcp_json_next(&it, NULL, &level))
        for (uint32_t i = HEXMCP_LOG_DEBUG; i <= HEXMCP_LOG_EMERGENCY; i++)
            if (hexmcp_json_equals(level, levels[i])) {
                char text[48];
                snprintf(text, sizeof(text), "a line of level %s", levels[i]);
                hexmcp_round_log(r, i, text);
            }
}

int32_t tool_count(const hexmcp_round *r)
{
    const hexmcp_timer_1 *timer = self_of(r)->timer;
    int64_t delay_ms = hexmcp_round_get_int(r, "delayMs", 0);
    int32_t status;
    struct counting *c;
    if (delay_ms < 0)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`delayMs` must not be negative");
    c = (struct counting *)calloc(1, sizeof(*c));
    if (!c)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    c->self = self_of(r);
    c->call = r->call;
    c->to = hexmcp_round_get_int(r, "to", 3);
    c->delay_ms = delay_ms;
    write_logs(r);
    add(c);
    if (hexmcp_round_cancelled(r)) /* before cancel could find it */
        count_cancel(self_of(r), r->call);
    status = timer->after(timer->ctx, (uint64_t)delay_ms, step, c);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    drop(c);
    return hexmcp_fail(r->err, status, "no timer for `delayMs`; wait at most a day, or call later");
}

/* [loop] The call ends at once; the timer that still runs finds that and frees the rest. */
void count_cancel(void *state, hexmcp_call call)
{
    struct everything *self = (struct everything *)state;
    struct counting *c;
    int found = 0;
    pthread_mutex_lock(&self->lock);
    for (c = self->countings; c; c = c->next)
        if (c->call == call && !c->ended)
            found = c->ended = 1;
    pthread_mutex_unlock(&self->lock);
    if (found)
        self->host->complete(self->host->ctx, call, HEXMCP_CANCELLED, hexmcp_str_from("{}"));
}
