/* Calls that go on after a while: they return HEXMCP_PENDING, and hexmcp.timer/1 brings them back. */
#include "conformance.h"

struct later {
    struct later *next;
    struct conformance *self;
    hexmcp_call call;
    uint64_t delay_ms;
    later_fn step;
    unsigned steps;
    int ended; /* cancel has ended the call already; under the lock */
    char *text;
};

static void add(struct later *l)
{
    pthread_mutex_lock(&l->self->lock);
    l->next = l->self->laters;
    l->self->laters = l;
    pthread_mutex_unlock(&l->self->lock);
}

static void drop(struct later *l)
{
    struct later **at = &l->self->laters;
    pthread_mutex_lock(&l->self->lock);
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    pthread_mutex_unlock(&l->self->lock);
    free(l->text);
    free(l);
}

static int has_ended(const struct later *l)
{
    int ended;
    pthread_mutex_lock(&l->self->lock);
    ended = l->ended;
    pthread_mutex_unlock(&l->self->lock);
    return ended;
}

/* [loop] The hexmcp_reply_fn of the timer. */
static void on_time(void *arg, int32_t status, hexmcp_str json)
{
    struct later *l = (struct later *)arg;
    const hexmcp_timer_1 *timer = l->self->timer;
    (void)json;
    if (!has_ended(l)) {
        if (status == HEXMCP_OK && !l->step(l->self, l->call, l->steps++, l->text)) {
            drop(l);
            return;
        }
        if (status == HEXMCP_OK)
            status = timer->after(timer->ctx, l->delay_ms, on_time, l);
        if (status == HEXMCP_OK)
            return;
        hexmcp_complete_fail(l->self->host, l->call, status,
                             "the wait was interrupted; call again");
    }
    drop(l);
}

int32_t later_begin(const hexmcp_round *r, uint64_t delay_ms, later_fn step, char *text)
{
    const hexmcp_timer_1 *timer = self_of(r)->timer;
    struct later *l = (struct later *)calloc(1, sizeof(*l));
    int32_t status;
    if (!l) {
        free(text);
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    }
    *l = (struct later){NULL, self_of(r), r->call, delay_ms, step, 0, 0, text};
    add(l);
    if (hexmcp_round_cancelled(r)) /* before cancel could find it */
        later_cancel(self_of(r), r->call);
    status = timer->after(timer->ctx, delay_ms, on_time, l);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    drop(l);
    return hexmcp_fail(r->err, status, "there is no timer left; call again later");
}

/* The call ends at once; the timer that still runs finds that and frees the rest. */
void later_cancel(void *state, hexmcp_call call)
{
    struct conformance *self = (struct conformance *)state;
    struct later *l;
    int found = 0;
    pthread_mutex_lock(&self->lock);
    for (l = self->laters; l; l = l->next)
        if (l->call == call && !l->ended)
            found = l->ended = 1;
    pthread_mutex_unlock(&self->lock);
    if (found)
        self->host->complete(self->host->ctx, call, HEXMCP_CANCELLED, hexmcp_str_from("{}"));
}

int later_text(struct conformance *self, hexmcp_call call, unsigned step, const char *text)
{
    (void)step;
    if (text)
        hexmcp_complete_text(self->host, call, HEXMCP_RESULT, hexmcp_str_from(text));
    else
        hexmcp_complete_fail(self->host, call, HEXMCP_E_NOMEM, "out of memory; try again");
    return 0;
}
