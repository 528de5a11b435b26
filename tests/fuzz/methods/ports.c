#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "tests/fuzz/methods/world.h"

#define MS UINT64_C(1000000)
#define KEY_ID 7

struct timer {
    void (*fire)(void *arg);
    void *arg;
    uint64_t due_ns; /* 0: not running */
    struct timer *next;
};

static uint64_t clock_now(void *ctx)
{
    return ((struct ports *)ctx)->now_ns;
}

static int64_t clock_wall(void *ctx)
{
    return (int64_t)(((struct ports *)ctx)->now_ns / MS) + INT64_C(1700000000000);
}

/* ---- timers -------------------------------------------------------------------------------- */

static struct timer *timer_create_(void *ctx, void (*fire)(void *), void *arg)
{
    struct ports *p = ctx;
    struct timer *timer = malloc(sizeof(*timer));
    *timer = (struct timer){.fire = fire, .arg = arg, .next = p->timers};
    return p->timers = timer;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    timer->due_ns = ((struct ports *)ctx)->now_ns + delay_ms * MS;
}

static void timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->due_ns = 0;
}

static void timer_free(void *ctx, struct timer *timer)
{
    struct timer **at = &((struct ports *)ctx)->timers;
    while (timer && *at != timer)
        at = &(*at)->next;
    if (timer)
        *at = timer->next;
    free(timer);
}

static struct timer *first_due(const struct ports *p, uint64_t until_ns)
{
    struct timer *first = NULL;
    for (struct timer *at = p->timers; at; at = at->next)
        if (at->due_ns && at->due_ns <= until_ns && (!first || at->due_ns < first->due_ns))
            first = at;
    return first;
}

void ports_pass(struct ports *p, uint64_t ms)
{
    uint64_t until = p->now_ns + ms * MS;
    struct timer *timer;
    while ((timer = first_due(p, until))) {
        if (timer->due_ns > p->now_ns)
            p->now_ns = timer->due_ns;
        timer->due_ns = 0;
        timer->fire(timer->arg);
    }
    p->now_ns = until;
}

/* ---- executor ------------------------------------------------------------------------------ */

static int submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                  struct error *err)
{
    struct ports *p = ctx;
    if (p->job_count == MAX_JOBS)
        return error_set(err, ST_BUSY, "all workers are busy");
    p->jobs[p->job_count++] = (struct job){.work = work, .done = done, .arg = arg};
    return ST_OK;
}

struct job ports_take_job(struct ports *p)
{
    assert(p->job_count);
    struct job job = p->jobs[0];
    memmove(p->jobs, p->jobs + 1, --p->job_count * sizeof(job));
    return job;
}

/* ---- secrets ------------------------------------------------------------------------------- */

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    struct ports *p = ctx;
    (void)err;
    for (size_t i = 0; i < len; i += sizeof(p->random)) {
        uint32_t number = ++p->random;
        memcpy((char *)out + i, &number, len - i < sizeof(number) ? len - i : sizeof(number));
    }
    return ST_OK;
}

static void mix(uint64_t state[4], struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        for (unsigned lane = 0; lane < 4; lane++)
            state[lane] = (state[lane] ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3) +
                          (state[(lane + 1) % 4] >> 29);
}

static int mac(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
               struct error *err)
{
    uint64_t state[4] = {1, 2, 3, 4};
    (void)ctx;
    (void)err;
    mix(state, key);
    mix(state, data);
    mix(state, key);
    memcpy(out, state, SHA256_BYTES);
    return ST_OK;
}

static int digest(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    return mac(ctx, (struct str){NULL, 0}, data, out, err);
}

static bool equal(void *ctx, const void *a, const void *b, size_t len)
{
    (void)ctx;
    return memcmp(a, b, len) == 0;
}

static int current_key(void *ctx, struct seal_key *out, struct error *err)
{
    (void)ctx;
    (void)err;
    *out = (struct seal_key){.id = KEY_ID, .bytes = {9, 8, 7}};
    return ST_OK;
}

static bool find_key(void *ctx, uint32_t id, struct seal_key *out)
{
    return id == KEY_ID && current_key(ctx, out, NULL) == ST_OK;
}

static int no_regex(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    (void)ctx;
    (void)pattern;
    (void)out;
    return error_set(err, ST_UNAVAILABLE, "there are no regular expressions here");
}

void ports_open(struct ports *p)
{
    *p = (struct ports){
        .now_ns = 5000 * MS,
        .clock = {p, clock_now, clock_wall},
        .timer = {p, timer_create_, timer_set, timer_stop, timer_free},
        .executor = {p, submit},
        .randomness = {p, fill},
        .crypto = {p, digest, mac, equal},
        .keys = {p, current_key, find_key},
        .regex = {.ctx = p, .compile = no_regex},
    };
}

void ports_close(const struct ports *p)
{
    assert(!p->timers);
    assert(!p->job_count);
}
