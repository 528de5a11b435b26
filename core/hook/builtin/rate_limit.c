/* Token buckets: so many calls at once, and so many a second. */
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"

#define BUCKETS_MAX 10000u
#define IDLE_NS (3600ull * 1000000000)
#define HEADS 4096u
#define NS 1000000000ull

enum per { PER_ALL, PER_TOOL, PER_CALLER, PER_CALLER_AND_TOOL };
enum action { CANCEL, DELAY, CACHED };

struct bucket {
    struct bucket *in_head;
    struct bucket *newer, *older;
    uint64_t hash;
    uint64_t at_ns;   /* when `nano` was right */
    int64_t nano;     /* tokens, in billionths; below 0: promised to those who wait */
    size_t key_len;
    char key[];
};

struct waiting {
    struct waiting *next;
    struct hook_turn *turn;
    uint64_t due_ns;
};

struct rate_limit {
    const struct builtin_parts *parts;
    uint32_t capacity, refill, max_delay_ms;
    unsigned per, action;
    struct bucket *heads[HEADS];
    struct bucket *newest, *oldest;
    size_t count;
    struct waiting *waiting;
    struct timer *timer;
    struct buffer key;
};

static uint64_t now(const struct rate_limit *r)
{
    return r->parts->clock->monotonic_ns(r->parts->clock->ctx);
}

static void unlink_used(struct rate_limit *r, struct bucket *b)
{
    *(b->newer ? &b->newer->older : &r->newest) = b->older;
    *(b->older ? &b->older->newer : &r->oldest) = b->newer;
}

static void link_newest(struct rate_limit *r, struct bucket *b)
{
    b->newer = NULL;
    b->older = r->newest;
    *(r->newest ? &r->newest->newer : &r->oldest) = b;
    r->newest = b;
}

static void drop_oldest(struct rate_limit *r)
{
    struct bucket *b = r->oldest;
    struct bucket **at = &r->heads[b->hash % HEADS];
    while (*at != b)
        at = &(*at)->in_head;
    *at = b->in_head;
    unlink_used(r, b);
    r->count--;
    free(b);
}

static uint64_t hash_of(struct str text)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    return hash;
}

/* The bucket of the key, full if it is new; NULL without memory. */
static struct bucket *bucket_of(struct rate_limit *r, struct str key, uint64_t now_ns)
{
    uint64_t hash = hash_of(key);
    struct bucket *b = r->heads[hash % HEADS];
    while (b && (b->hash != hash || !str_eq((struct str){b->key, b->key_len}, key)))
        b = b->in_head;
    if (b) {
        unlink_used(r, b);
        link_newest(r, b);
        return b;
    }
    while (r->count && (r->count >= BUCKETS_MAX || now_ns - r->oldest->at_ns > IDLE_NS))
        drop_oldest(r);
    b = malloc(sizeof(*b) + key.len);
    if (!b)
        return NULL;
    *b = (struct bucket){.in_head = r->heads[hash % HEADS],
                         .hash = hash,
                         .at_ns = now_ns,
                         .nano = (int64_t)(r->capacity * NS),
                         .key_len = key.len};
    if (key.len)
        memcpy(b->key, key.ptr, key.len);
    r->heads[hash % HEADS] = b;
    link_newest(r, b);
    r->count++;
    return b;
}

static struct str key_of(struct rate_limit *r, const struct hook_event *event)
{
    const struct caller *caller = event->context ? event->context->caller : NULL;
    buffer_reset(&r->key, 65536);
    if (r->per == PER_CALLER || r->per == PER_CALLER_AND_TOOL) {
        buffer_add_str(&r->key, caller ? caller->tenant : STR(""));
        buffer_add_char(&r->key, '\0');
        buffer_add_str(&r->key, caller ? caller->id : STR(""));
        buffer_add_char(&r->key, '\0');
    }
    if (r->per == PER_TOOL || r->per == PER_CALLER_AND_TOOL)
        buffer_add_str(&r->key, event->target);
    return buffer_str(&r->key);
}

/* 0 if there was a token, which is taken; else nanoseconds until there is one. */
static uint64_t take(const struct rate_limit *r, struct bucket *b, uint64_t now_ns)
{
    uint64_t passed = now_ns - b->at_ns, full = r->capacity * NS;
    int64_t left = (int64_t)full - b->nano;
    bool filled = passed / r->refill > (uint64_t)left / r->refill || passed > 3600 * NS;
    b->nano = filled || (int64_t)(passed * r->refill) >= left
                  ? (int64_t)full
                  : b->nano + (int64_t)(passed * r->refill);
    b->at_ns = now_ns;
    if (b->nano >= (int64_t)NS) {
        b->nano -= (int64_t)NS;
        return 0;
    }
    return ((uint64_t)((int64_t)NS - b->nano) + r->refill - 1) / r->refill;
}

static enum hook_result refuse(struct hook_turn *turn, uint64_t wait_ns)
{
    struct error text;
    uint64_t seconds = (wait_ns + NS - 1) / NS;
    error_set(&text, ST_BUSY, "too many calls; try again in %llu s", (unsigned long long)seconds);
    buffer_add_str(&turn->says.own, str_from(text.text));
    turn->says.reason = buffer_str(&turn->says.own);
    return HOOK_CANCEL;
}

static bool use_cached(struct hook_turn *turn)
{
    struct buffer key = BUFFER_INIT;
    bool found = caching_key(turn, &key) &&
                 hook_turn_cached(turn, buffer_str(&key), &turn->says.own);
    buffer_clear(&key);
    turn->says.value = buffer_str(&turn->says.own);
    return found;
}

static void set_timer(struct rate_limit *r, uint64_t now_ns)
{
    const struct timer_port *timer = r->parts->timer;
    uint64_t due_ns = UINT64_MAX;
    for (const struct waiting *w = r->waiting; w; w = w->next)
        due_ns = w->due_ns < due_ns ? w->due_ns : due_ns;
    if (r->waiting)
        timer->set(timer->ctx, r->timer, due_ns > now_ns ? (due_ns - now_ns + 999999) / 1000000 : 0);
}

static void on_timer(void *arg)
{
    struct rate_limit *r = arg;
    uint64_t now_ns = now(r);
    struct waiting **at = &r->waiting;
    while (*at) {
        struct waiting *w = *at;
        if (w->due_ns > now_ns) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        struct hook_turn *turn = w->turn;
        free(w);
        hook_answer(turn, HOOK_CONTINUE);
        at = &r->waiting; /* it may have led to others */
    }
    set_timer(r, now_ns);
}

/* The token that comes then is promised. */
static bool delay(struct rate_limit *r, struct bucket *b, struct hook_turn *turn, uint64_t now_ns,
                  uint64_t wait_ns)
{
    if (wait_ns > (uint64_t)r->max_delay_ms * 1000000u)
        return false;
    struct waiting *w = malloc(sizeof(*w));
    if (!w)
        return false;
    *w = (struct waiting){r->waiting, turn, now_ns + wait_ns};
    r->waiting = w;
    b->nano -= (int64_t)NS;
    set_timer(r, now_ns);
    return true;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    struct rate_limit *r = self;
    uint64_t now_ns = now(r);
    struct str key = key_of(r, turn->event);
    struct bucket *b = buffer_failed(&r->key) ? NULL : bucket_of(r, key, now_ns);
    uint64_t wait_ns = b ? take(r, b, now_ns) : NS;
    if (!wait_ns)
        return HOOK_CONTINUE;
    if (r->action == CACHED && use_cached(turn))
        return HOOK_REPLACE;
    if (r->action == DELAY && b && delay(r, b, turn, now_ns, wait_ns))
        return HOOK_LATER;
    return refuse(turn, wait_ns);
}

static void on_cancel(void *self, struct hook_turn *turn)
{
    struct rate_limit *r = self;
    struct waiting **at = &r->waiting;
    while (*at && (*at)->turn != turn)
        at = &(*at)->next;
    if (!*at)
        return;
    struct waiting *w = *at;
    *at = w->next;
    free(w);
}

static void free_it(void *self)
{
    struct rate_limit *r = self;
    while (r->waiting) {
        struct waiting *w = r->waiting;
        r->waiting = w->next;
        free(w);
    }
    while (r->oldest)
        drop_oldest(r);
    if (r->timer)
        r->parts->timer->free(r->parts->timer->ctx, r->timer);
    buffer_clear(&r->key);
    free(r);
}

static int read_parameters(struct rate_limit *r, struct parameters *p)
{
    static const char *const pers[] = {"global", "tool", "caller", "key", NULL};
    static const char *const actions[] = {"cancel", "delay", "cached", NULL};
    parameter_u32(p, "capacity", 1, 1000000, &r->capacity);
    parameter_u32(p, "refillPerSecond", 1, 1000000, &r->refill);
    parameter_u32(p, "maxDelayMs", 1, 60000, &r->max_delay_ms);
    parameter_word(p, "per", pers, &r->per);
    parameter_word(p, "action", actions, &r->action);
    return p->rc;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    struct rate_limit *r = calloc(1, sizeof(*r));
    if (!r)
        return error_set(p->err, ST_NOMEM, "out of memory");
    r->parts = parts;
    r->capacity = 100;
    r->refill = 10;
    r->max_delay_ms = 10000;
    int rc = read_parameters(r, p);
    r->timer = rc ? NULL : parts->timer->create(parts->timer->ctx, on_timer, r);
    if (!rc && !r->timer)
        rc = error_set(p->err, ST_NOMEM, "out of memory");
    if (rc) {
        free_it(r);
        return rc;
    }
    d->self = r;
    d->run = run;
    d->cancel = on_cancel;
    d->free = free_it;
    d->gates = true;
    d->required = true;
    d->trusted = true;
    d->priority = HOOK_PRIORITY_HIGH;
    d->budget_ms = r->action == DELAY ? 2 * r->max_delay_ms + 100 : 0; /* waiting is not slow */
    return ST_OK;
}

const struct builtin builtin_rate_limit = {
    .name = "rateLimit",
    .keys = (const char *const[]){"capacity", "refillPerSecond", "maxDelayMs", "per", "action", NULL},
    .points = (const char *const[]){"BeforeToolExecution", NULL},
    .make = make,
};
