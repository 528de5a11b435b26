#include "core/journal/follow.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/str.h"

#define PAGE 64u

/* So many times those that know of more are served before all others may look. */
#define HURRIES 32u

/* No event has it: a read for it only tells where the end is. */
#define NO_TYPE "-"

struct follower {
    struct followers *followers;
    struct follower *next;
    struct follow_sink sink;
    struct arena arena; /* of the types */
    struct str *types;
    size_t type_count;
    uint64_t after;
    bool from_end; /* the end is not known yet */
    bool waits;    /* for the store */
    bool paused;   /* for follow_resume */
    bool gone;
    bool again;    /* there may be more */
};

struct followers {
    const struct event_store *events;
    const struct timer_port *timers;
    struct timer *timer;
    struct follower *first;
    size_t waits; /* answers of the store that are to come */
    bool soon;    /* the timer fires at once, for those that know of more */
    unsigned hurries;
    unsigned telling; /* depth: nobody is freed */
    bool freed;
};

static void set_timer(struct followers *f, bool soon)
{
    if (f->freed || (f->soon && !soon))
        return;
    f->soon = soon;
    f->timers->set(f->timers->ctx, f->timer, soon ? 0 : FOLLOW_LOOK_MS);
}

static void follower_free(struct follower *one)
{
    arena_clear(&one->arena);
    free(one);
}

static void sweep(struct followers *f)
{
    struct follower **at = &f->first;
    if (f->telling)
        return;
    while (*at) {
        struct follower *one = *at;
        if (!one->gone || one->waits) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        follower_free(one);
    }
    if (f->freed && f->waits == 0)
        free(f);
}

/* ---- what the store tells ------------------------------------------------------------------- */

static void tell_event(void *arg, const struct stored_event *event)
{
    struct follower *one = arg;
    if (one->gone || one->paused || one->from_end)
        return;
    one->followers->telling++;
    if (one->sink.event(one->sink.arg, event))
        one->after = event->position;
    else
        one->paused = true;
    one->followers->telling--;
}

static void tell_end(struct follower *one, const struct events_end *end)
{
    if (one->from_end || (!one->paused && end->position > one->after))
        one->after = end->position;
    one->again = one->again || (end->more && !one->paused);
    one->from_end = false;
    if (one->sink.reached)
        one->sink.reached(one->sink.arg, one->after);
}

static void read_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct follower *one = arg;
    struct followers *f = one->followers;
    one->waits = false;
    f->waits--;
    f->telling++;
    if (!one->gone && err && one->sink.failed)
        one->sink.failed(one->sink.arg, err);
    else if (!one->gone && !err)
        tell_end(one, end);
    f->telling--;
    if (!one->gone)
        set_timer(f, one->again && !err);
    sweep(f);
}

static void read_more(struct follower *one)
{
    static const struct str none = STR_INIT(NO_TYPE);
    struct followers *f = one->followers;
    const struct events_query query = {.after = one->after,
                                       .types = one->from_end ? &none : one->types,
                                       .type_count = one->from_end ? 1 : one->type_count,
                                       .limit = PAGE};
    const struct events_sink sink = {one, tell_event, read_done};
    one->waits = true;
    one->again = false;
    f->waits++;
    f->events->read_all(f->events->ctx, &query, &sink);
}

static void look(void *arg)
{
    struct followers *f = arg;
    bool any = false, all = !f->soon || ++f->hurries % HURRIES == 0;
    f->soon = false;
    f->telling++;
    for (struct follower *one = f->first; one; one = one->next) {
        any = any || !one->gone;
        if (!one->gone && !one->waits && !one->paused && (all || one->again))
            read_more(one);
    }
    f->telling--;
    if (any)
        set_timer(f, false);
    sweep(f);
}

/* ---- what is asked for ---------------------------------------------------------------------- */

int followers_new(const struct event_store *events, const struct timer_port *timers,
                  struct followers **out, struct error *err)
{
    struct followers *f = calloc(1, sizeof(*f));
    if (f)
        f->timer = timers->create(timers->ctx, look, f);
    if (!f || !f->timer) {
        free(f);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    f->events = events;
    f->timers = timers;
    *out = f;
    return ST_OK;
}

void followers_free(struct followers *followers)
{
    if (!followers)
        return;
    followers->timers->free(followers->timers->ctx, followers->timer);
    for (struct follower *one = followers->first; one; one = one->next)
        one->gone = true;
    followers->freed = true;
    sweep(followers);
}

void followers_committed(struct followers *followers, uint64_t position)
{
    bool any = false;
    for (struct follower *one = followers->first; one; one = one->next) {
        bool news = !one->gone && !one->paused && (one->from_end || one->after < position);
        one->again = one->again || news;
        any = any || news;
    }
    if (any)
        set_timer(followers, true);
}

static int copy_types(struct follower *one, const struct follow_what *what, struct error *err)
{
    one->types = arena_alloc(&one->arena, what->type_count * sizeof(*one->types) + 1);
    for (size_t i = 0; one->types && i < what->type_count; i++)
        one->types[i] = arena_copy(&one->arena, what->types[i]);
    one->type_count = what->type_count;
    return one->arena.failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int follow_start(struct followers *followers, const struct follow_what *what,
                 const struct follow_sink *sink, struct follower **out, struct error *err)
{
    struct follower *one = calloc(1, sizeof(*one));
    if (!one)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = copy_types(one, what, err);
    if (rc) {
        follower_free(one);
        return rc;
    }
    one->followers = followers;
    one->sink = *sink;
    one->after = what->from_end ? 0 : what->after;
    one->from_end = what->from_end;
    one->again = true;
    one->next = followers->first;
    followers->first = one;
    set_timer(followers, true);
    *out = one;
    return ST_OK;
}

void follow_stop(struct follower *follower)
{
    if (!follower)
        return;
    follower->gone = true;
    sweep(follower->followers);
}

void follow_resume(struct follower *follower)
{
    follower->paused = false;
    follower->again = true;
    set_timer(follower->followers, true);
}
