#include "tests/plugins/support/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/plugins/support/fake_schema.h"
#include "tests/plugins/support/fake_services.h"

#define MAX_CALLS 64
#define MAX_TIMERS 1024
#define MAX_DELAY_MS 86400000u

struct call {
    hexmcp_call id; /* 0: free */
    bool cancelled;
    unsigned completed;
    double progress;
    uint32_t outcome;
    char *json;
};

struct timer {
    uint64_t due;
    hexmcp_reply_fn reply; /* NULL: free */
    void *arg;
};

struct fake_host {
    hexmcp_host host;
    hexmcp_call_info_1 call_info;
    hexmcp_thread_check_1 thread_check;
    hexmcp_timer_1 timer;
    struct fake_services services;
    bool no_catalog;
    const char *offered_id; /* NULL: nothing */
    const void *offered;
    pthread_t loop;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    hexmcp_call next_id;
    struct call calls[MAX_CALLS];
    struct timer timers[MAX_TIMERS];
    uint64_t now;
    unsigned progress_count;
    char last_log[512];
};

static _Thread_local bool is_worker_thread;

static struct call *find_call(struct fake_host *fake, hexmcp_call id)
{
    for (size_t i = 0; i < MAX_CALLS; i++)
        if (fake->calls[i].id == id)
            return &fake->calls[i];
    return NULL;
}

static const void *host_get_interface(void *ctx, const char *id)
{
    struct fake_host *fake = ctx;
    if (fake->offered_id && strcmp(id, fake->offered_id) == 0)
        return fake->offered;
    if (strcmp(id, HEXMCP_CALL_1) == 0)
        return &fake->call_info;
    if (strcmp(id, HEXMCP_THREAD_CHECK_1) == 0)
        return &fake->thread_check;
    if (strcmp(id, HEXMCP_TIMER_1) == 0)
        return &fake->timer;
    if (strcmp(id, HEXMCP_CATALOG_1) == 0 && !fake->no_catalog)
        return &fake->services.catalog;
    if (strcmp(id, HEXMCP_NOTIFY_1) == 0)
        return &fake->services.notify;
    if (strcmp(id, HEXMCP_SCHEMA_1) == 0)
        return fake_schema();
    return NULL;
}

static void host_log(void *ctx, hexmcp_call call, uint32_t level, hexmcp_str text)
{
    struct fake_host *fake = ctx;
    (void)call;
    pthread_mutex_lock(&fake->mutex);
    snprintf(fake->last_log, sizeof(fake->last_log), "%u: %.*s", level, (int)text.len, text.ptr);
    pthread_mutex_unlock(&fake->mutex);
}

static int32_t host_complete(void *ctx, hexmcp_call id, uint32_t outcome, hexmcp_str json)
{
    struct fake_host *fake = ctx;
    int32_t status = HEXMCP_E_NOT_FOUND;
    pthread_mutex_lock(&fake->mutex);
    struct call *call = id ? find_call(fake, id) : NULL;
    if (call && call->completed++ == 0) {
        call->outcome = outcome;
        call->json = strndup(json.ptr ? json.ptr : "", json.len);
        status = HEXMCP_OK;
        pthread_cond_broadcast(&fake->changed);
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static int32_t host_progress(void *ctx, hexmcp_call id, double progress, double total,
                             hexmcp_str message)
{
    struct fake_host *fake = ctx;
    (void)total;
    (void)message;
    pthread_mutex_lock(&fake->mutex);
    struct call *call = id ? find_call(fake, id) : NULL;
    bool running = call && call->completed == 0;
    if (running && progress > call->progress) {
        call->progress = progress;
        fake->progress_count++;
    }
    pthread_mutex_unlock(&fake->mutex);
    return running ? HEXMCP_OK : HEXMCP_E_NOT_FOUND;
}

static int32_t call_cancelled(void *ctx, hexmcp_call id)
{
    struct fake_host *fake = ctx;
    pthread_mutex_lock(&fake->mutex);
    const struct call *call = id ? find_call(fake, id) : NULL;
    int32_t cancelled = !call || call->cancelled;
    pthread_mutex_unlock(&fake->mutex);
    return cancelled;
}

/* Calls of tests belong to no trace. */
static int32_t no_text(void *ctx, hexmcp_call id, char *out, size_t size, size_t *len)
{
    (void)ctx;
    (void)id;
    (void)out;
    (void)size;
    (void)len;
    return HEXMCP_E_NOT_FOUND;
}

static uint64_t call_remaining_ms(void *ctx, hexmcp_call id)
{
    return call_cancelled(ctx, id) ? 0 : 30000;
}

static int32_t thread_is_loop(void *ctx)
{
    const struct fake_host *fake = ctx;
    return pthread_equal(pthread_self(), fake->loop) != 0;
}

static int32_t thread_is_worker(void *ctx)
{
    (void)ctx;
    return is_worker_thread;
}

static int32_t timer_after(void *ctx, uint64_t delay_ms, hexmcp_reply_fn reply, void *arg)
{
    struct fake_host *fake = ctx;
    int32_t status = HEXMCP_E_BUSY;
    if (delay_ms > MAX_DELAY_MS)
        return HEXMCP_E_INVALID;
    pthread_mutex_lock(&fake->mutex);
    for (size_t i = 0; i < MAX_TIMERS && status != HEXMCP_OK; i++)
        if (!fake->timers[i].reply) {
            fake->timers[i] = (struct timer){fake->now + delay_ms, reply, arg};
            status = HEXMCP_OK;
            pthread_cond_broadcast(&fake->changed);
        }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

struct fake_host *fake_host_new(void)
{
    struct fake_host *fake = calloc(1, sizeof(*fake));
    assert_non_null(fake);
    fake->host = (hexmcp_host){sizeof(hexmcp_host), HEXMCP_ABI_MINOR, fake, "hexmcp", "0.0.0-test",
                               host_get_interface, host_log, host_complete, host_progress};
    fake->call_info = (hexmcp_call_info_1){sizeof(hexmcp_call_info_1), 0, fake, call_cancelled,
                                           call_remaining_ms, no_text, no_text, no_text};
    fake->thread_check = (hexmcp_thread_check_1){sizeof(hexmcp_thread_check_1), 0, fake,
                                                 thread_is_loop, thread_is_worker};
    fake->timer = (hexmcp_timer_1){sizeof(hexmcp_timer_1), 0, fake, timer_after};
    services_init(&fake->services);
    fake->loop = pthread_self();
    pthread_mutex_init(&fake->mutex, NULL);
    pthread_cond_init(&fake->changed, NULL);
    return fake;
}

void fake_host_free(struct fake_host *fake)
{
    if (!fake)
        return;
    for (size_t i = 0; i < MAX_CALLS; i++)
        assert_int_equal(fake->calls[i].id, 0);
    assert_int_equal(fake->services.waiting, 0);
    services_clear(&fake->services);
    pthread_cond_destroy(&fake->changed);
    pthread_mutex_destroy(&fake->mutex);
    free(fake);
}

const hexmcp_host *fake_host_table(struct fake_host *fake)
{
    return &fake->host;
}

void fake_host_offer(struct fake_host *fake, const char *id, const void *table)
{
    fake->offered_id = id;
    fake->offered = table;
}

hexmcp_call fake_host_open(struct fake_host *fake)
{
    pthread_mutex_lock(&fake->mutex);
    hexmcp_call id = ++fake->next_id;
    struct call *call = find_call(fake, 0);
    if (call)
        *call = (struct call){.id = id};
    pthread_mutex_unlock(&fake->mutex);
    assert_non_null(call);
    return id;
}

void fake_host_cancel(struct fake_host *fake, hexmcp_call id)
{
    pthread_mutex_lock(&fake->mutex);
    struct call *call = find_call(fake, id);
    if (call)
        call->cancelled = true;
    pthread_mutex_unlock(&fake->mutex);
}

static void wait_completed(struct fake_host *fake, const struct call *call)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 10;
    int waited = 0;
    while (call->completed == 0 && waited == 0)
        waited = pthread_cond_timedwait(&fake->changed, &fake->mutex, &deadline);
}

void fake_host_close(struct fake_host *fake, hexmcp_call id, int32_t status,
                     const hexmcp_error *error, struct answer *ret)
{
    pthread_mutex_lock(&fake->mutex);
    struct call *call = find_call(fake, id);
    if (status == HEXMCP_PENDING)
        wait_completed(fake, call);
    unsigned completed = call->completed;
    *ret = (struct answer){status, status < 0 ? HEXMCP_FAIL : call->outcome, call->json, *error};
    *call = (struct call){0};
    pthread_mutex_unlock(&fake->mutex);

    if (status < 0) {
        assert_int_equal(completed, 0);
        assert_int_equal(error->code, status);
        assert_true(error->text[0] != '\0');
    } else {
        assert_in_range(status, HEXMCP_OK, HEXMCP_PENDING);
        assert_int_equal(completed, 1);
        assert_in_range(ret->outcome, HEXMCP_RESULT, HEXMCP_INPUT_REQUIRED);
    }
}

void answer_free(struct answer *answer)
{
    free(answer->json);
    answer->json = NULL;
}

const char *fake_host_last_log(const struct fake_host *fake)
{
    return fake->last_log;
}

unsigned fake_host_progress_count(const struct fake_host *fake)
{
    return fake->progress_count;
}

/* Takes out one timer that is due at `now`, the earliest first. */
static bool take_due(struct fake_host *fake, uint64_t now, struct timer *ret)
{
    struct timer *due = NULL;
    pthread_mutex_lock(&fake->mutex);
    fake->now = now;
    for (size_t i = 0; i < MAX_TIMERS; i++) {
        struct timer *t = &fake->timers[i];
        if (t->reply && t->due <= now && (!due || t->due < due->due))
            due = t;
    }
    if (due) {
        *ret = *due;
        due->reply = NULL;
    }
    pthread_mutex_unlock(&fake->mutex);
    return due != NULL;
}

void fake_host_advance(struct fake_host *fake, uint64_t ms)
{
    struct timer timer;
    pthread_mutex_lock(&fake->mutex);
    uint64_t now = fake->now + ms;
    pthread_mutex_unlock(&fake->mutex);
    services_reply(&fake->services);
    while (take_due(fake, now, &timer))
        timer.reply(timer.arg, HEXMCP_OK, (hexmcp_str){"", 0});
}

void fake_host_cancel_timers(struct fake_host *fake)
{
    struct timer timer;
    uint64_t now = fake->now;
    while (take_due(fake, UINT64_MAX, &timer))
        timer.reply(timer.arg, HEXMCP_E_CANCELLED, (hexmcp_str){"", 0});
    fake->now = now;
    services_stop(&fake->services);
}

unsigned fake_host_timer_count(struct fake_host *fake)
{
    unsigned count = 0;
    pthread_mutex_lock(&fake->mutex);
    for (size_t i = 0; i < MAX_TIMERS; i++)
        count += fake->timers[i].reply != NULL;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

const char *fake_host_published(struct fake_host *fake, uint32_t kind, const char *name)
{
    const struct fake_item *item = services_find(&fake->services, kind, name);
    return item ? item->definition : NULL;
}

const char *fake_host_options(struct fake_host *fake, uint32_t kind, const char *name)
{
    const struct fake_item *item = services_find(&fake->services, kind, name);
    return item ? item->options : NULL;
}

void fake_host_no_catalog(struct fake_host *fake)
{
    fake->no_catalog = true;
}

void fake_host_refuse(struct fake_host *fake, int32_t status)
{
    pthread_mutex_lock(&fake->services.mutex);
    fake->services.refusal = status;
    pthread_mutex_unlock(&fake->services.mutex);
}

const char *fake_host_last_told(const struct fake_host *fake)
{
    return fake->services.last_told;
}

unsigned fake_host_told_count(struct fake_host *fake)
{
    pthread_mutex_lock(&fake->services.mutex);
    unsigned count = fake->services.told;
    pthread_mutex_unlock(&fake->services.mutex);
    return count;
}

struct start {
    void *(*function)(void *);
    void *arg;
};

static void *worker_main(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    is_worker_thread = true;
    return start.function(start.arg);
}

pthread_t fake_host_worker(void *(*function)(void *), void *arg)
{
    pthread_t thread;
    struct start *start = malloc(sizeof(*start));
    assert_non_null(start);
    *start = (struct start){function, arg};
    assert_int_equal(pthread_create(&thread, NULL, worker_main, start), 0);
    return thread;
}
