#include <assert.h>
#include <stdlib.h>

#include "tests/fuzz/methods/world.h"

/* One call between its asker and the dispatcher. */
struct watched {
    struct watch *watch;
    struct call_request request;
    bool done;
    bool released;
};

static void forget_if_over(struct watched *c)
{
    if (!c->done || !c->released)
        return;
    c->watch->open--;
    free(c);
}

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct watched *c = user;
    assert(!c->done);
    if (c->request.observer->progress)
        c->request.observer->progress(c->request.user, progress, total, message);
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    struct watched *c = user;
    assert(!c->done);
    if (c->request.observer->log)
        c->request.observer->log(c->request.user, level, logger, text);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct watched *c = user;
    assert(!c->done && !c->released);
    c->done = true;
    c->request.observer->done(c->request.user, outcome);
    forget_if_over(c);
}

static void on_release(void *hold)
{
    struct watched *c = hold;
    assert(c->done && !c->released);
    c->released = true;
    if (c->request.release)
        c->request.release(c->request.hold);
    forget_if_over(c);
}

static int watched_call(void *ctx, const struct call_request *request, uint64_t *id,
                        struct error *err)
{
    static const struct call_observer observer = {on_progress, on_log, on_done};
    struct watch *w = ctx;
    struct watched *c = malloc(sizeof(*c));
    *c = (struct watched){.watch = w, .request = *request};
    struct call_request inner = *request;
    inner.observer = &observer;
    inner.user = inner.hold = c;
    inner.release = on_release;
    w->open++;
    int rc = w->calls->call(w->calls->ctx, &inner, id, err);
    if (rc) {
        w->open--;
        free(c);
    }
    return rc;
}

static void watched_cancel(void *ctx, uint64_t id)
{
    struct watch *w = ctx;
    w->calls->cancel(w->calls->ctx, id);
}

void watch_open(struct watch *w, const struct call_service *calls)
{
    *w = (struct watch){.calls = calls, .service = {w, watched_call, watched_cancel}};
}
