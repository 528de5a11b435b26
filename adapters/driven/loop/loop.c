#include "adapters/driven/loop/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/pool.h"

/* Threads for what the server itself gives to workers. */
#define OWN_WORKERS 2u

struct timer {
    uv_timer_t handle;
    void (*fire)(void *arg);
    void *arg;
};

struct loop {
    uv_loop_t uv; /* the first member */
    bool turning; /* in loop_turn     */
    uv_async_t wake;
    struct pool *pool; /* on its own: lost threads may outlive the loop */
    struct pool *own_pool;
    pthread_t thread;
    struct timer_port timers;
    struct executor_port executor;
    struct executor_port own_executor;
    struct lost_worker_port lost_worker;
};

static void finish_jobs(struct pool *pool)
{
    struct job *job = pool_take(pool);
    while (job) {
        struct job *next = job->next;
        job->done(job->arg);
        free(job);
        job = next;
    }
}

static void on_wake(uv_async_t *handle)
{
    struct loop *loop = handle->data;
    finish_jobs(loop->own_pool);
    finish_jobs(loop->pool);
}

static void notify(void *arg)
{
    struct loop *loop = arg;
    uv_async_send(&loop->wake);
}

/* ---- timers ---- */

static void on_timeout(uv_timer_t *handle)
{
    struct timer *timer = handle->data;
    struct loop *loop = (struct loop *)(void *)handle->loop;
    /* A turn that has something to show does not wait for more. */
    if (loop->turning)
        uv_stop(&loop->uv);
    timer->fire(timer->arg);
}

static struct timer *timer_create_(void *ctx, void (*fire)(void *arg), void *arg)
{
    struct loop *loop = ctx;
    struct timer *timer = malloc(sizeof(*timer));
    if (!timer)
        return NULL;
    timer->fire = fire;
    timer->arg = arg;
    uv_timer_init(&loop->uv, &timer->handle);
    timer->handle.data = timer;
    return timer;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    struct loop *loop = ctx;
    /* The loop's now is from its last turn; a long job since then would shorten the delay. */
    uv_update_time(&loop->uv);
    uv_timer_start(&timer->handle, on_timeout, delay_ms, 0);
}

static void timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    uv_timer_stop(&timer->handle);
}

static void free_timer(uv_handle_t *handle)
{
    free(handle->data);
}

static void timer_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, free_timer);
}

/* ---- workers ---- */

static int submit(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                  struct error *err)
{
    struct loop *loop = ctx;
    return pool_submit(loop->pool, work, done, arg, err);
}

static int submit_own(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                      struct error *err)
{
    struct loop *loop = ctx;
    return pool_submit(loop->own_pool, work, done, arg, err);
}

static void mark_lost(void *ctx, void *arg)
{
    struct loop *loop = ctx;
    pool_mark_lost(loop->pool, arg);
}

int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg, struct error *err)
{
    return pool_post(loop->pool, fn, arg, err);
}

static unsigned default_workers(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    long count = online + 2;
    return count < 4 ? 4 : count > 64 ? 64 : (unsigned)count;
}

/* ---- the loop ---- */

static void fill_ports(struct loop *loop)
{
    loop->timers = (struct timer_port){.ctx = loop,
                                       .create = timer_create_,
                                       .set = timer_set,
                                       .stop = timer_stop,
                                       .free = timer_free};
    loop->executor = (struct executor_port){.ctx = loop, .submit = submit};
    loop->own_executor = (struct executor_port){.ctx = loop, .submit = submit_own};
    loop->lost_worker = (struct lost_worker_port){.ctx = loop, .mark_lost = mark_lost};
}

static int open_uv(struct loop *loop, struct error *err)
{
    int rc = uv_loop_init(&loop->uv);
    if (rc)
        return error_set(err, ST_UNAVAILABLE, "cannot make the event loop: %s", uv_strerror(rc));
    rc = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (rc) {
        uv_loop_close(&loop->uv);
        return error_set(err, ST_UNAVAILABLE, "cannot make the event loop: %s", uv_strerror(rc));
    }
    loop->wake.data = loop;
    return ST_OK;
}

/* NULL with *err filled. */
static struct pool *pool_new(unsigned max, struct loop *loop, struct error *err)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        error_set(err, ST_NOMEM, "out of memory");
    else if (pool_init(pool, max, notify, loop, err)) {
        free(pool);
        pool = NULL;
    }
    return pool;
}

static void pool_end(struct pool *pool)
{
    /* A pool whose threads still run is left to them: they come back to it. */
    if (pool && pool_stop(pool)) {
        pool_clear(pool);
        free(pool);
    }
}

int loop_new(unsigned workers_max, struct loop **out, struct error *err)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    unsigned max = workers_max == 0 ? default_workers() : workers_max > 64 ? 64 : workers_max;
    if (!loop)
        return error_set(err, ST_NOMEM, "out of memory");
    loop->thread = pthread_self();
    fill_ports(loop);
    loop->pool = pool_new(max, loop, err);
    loop->own_pool = loop->pool ? pool_new(OWN_WORKERS, loop, err) : NULL;
    int rc = loop->own_pool ? open_uv(loop, err) : ST_NOMEM;
    if (rc) {
        pool_end(loop->own_pool);
        pool_end(loop->pool);
        free(loop);
        return rc;
    }
    *out = loop;
    return ST_OK;
}

bool loop_end_workers(struct loop *loop)
{
    if (!loop)
        return true;
    bool own = pool_stop(loop->own_pool);
    return pool_stop(loop->pool) && own;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    pool_end(loop->own_pool);
    pool_end(loop->pool);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    uv_loop_close(&loop->uv);
    free(loop);
}

void loop_turn(struct loop *loop)
{
    loop->turning = true;
    uv_run(&loop->uv, UV_RUN_ONCE);
    loop->turning = false;
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

const struct timer_port *loop_timers(struct loop *loop)
{
    return &loop->timers;
}

const struct executor_port *loop_executor(struct loop *loop)
{
    return &loop->executor;
}

const struct executor_port *loop_own_executor(struct loop *loop)
{
    return &loop->own_executor;
}

const struct lost_worker_port *loop_lost_worker(struct loop *loop)
{
    return &loop->lost_worker;
}

bool loop_is_loop_thread(const struct loop *loop)
{
    return pthread_equal(pthread_self(), loop->thread);
}

bool loop_is_worker_thread(void)
{
    return pool_is_worker();
}
