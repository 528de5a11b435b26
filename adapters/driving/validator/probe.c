#include "adapters/driving/validator/probe.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapters/driving/validator/child.h"
#include "core/json/utf8.h"

#define RESULT_MAX ((size_t)64 << 20)
#define LOG_MAX ((size_t)8 * 1024)
#define REPORTS_MAX 100000u
#define LOGS_MAX 10000u
#define IDLE_MS 1u /* then the clock jumps to the next timer */

static _Thread_local bool on_worker;

void probe_be_worker(bool on)
{
    on_worker = on;
}

bool probe_is_worker(void)
{
    return on_worker;
}

static _Thread_local int inside;

bool probe_is_inside(void)
{
    return inside > 0;
}

void probe_enter(void)
{
    inside++;
}

void probe_leave(void)
{
    inside--;
}

bool probe_is_loop(const struct probe *p)
{
    return pthread_equal(pthread_self(), p->loop) != 0;
}

double probe_loop_begin(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

void probe_loop_end(struct probe *p, double begun)
{
    double took = probe_loop_begin() - begun;
    if (took > p->longest_ms)
        p->longest_ms = took;
}

static uint64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t probe_now(const struct probe *p)
{
    return real_ms() + p->skew_ms;
}

static bool well_formed(hexmcp_str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        size_t step = utf8_sequence(at, end);
        if (!step)
            return false;
        at += step;
    }
    return true;
}

void probe_look(struct probe *p, const char *where, const char *what, hexmcp_str text)
{
    if (!text.len)
        return;
    if (!text.ptr) {
        tell_failure(p->t, where, "%s has a length of %zu and no bytes; give both or neither", what,
                     text.len);
        return;
    }
    if (!well_formed(text))
        tell_failure(p->t, where, "%s is not UTF-8; convert it first", what);
    if (memmem(text.ptr, text.len, p->canary, strlen(p->canary)))
        tell_failure(p->t, where,
                     "%s holds a value of the environment that plugin.json does not ask "
                     "for; take settings from the configuration, or ask for it in \"grants\"",
                     what);
}

struct probe_call *probe_find(struct probe *p, hexmcp_call id)
{
    struct probe_call *call = p->open;
    while (call && call->id != id)
        call = call->next;
    return call;
}

/* Why nothing is known of the call: is it the plugin's fault? */
static int32_t judge_unknown(struct probe *p, hexmcp_call id)
{
    pthread_mutex_lock(&p->lock);
    bool known = id >= p->first && id < p->next;
    enum call_fate fate = known ? p->history[id - p->first].fate : FATE_OPEN;
    const char *subject = known ? p->history[id - p->first].subject : "";
    pthread_mutex_unlock(&p->lock);
    if (!known)
        tell_failure(p->t, "host->complete",
                     "it completed the call %llu, which it was never given; "
                     "keep the id that `call` gets",
                     (unsigned long long)id);
    else if (fate == FATE_ANSWERED)
        tell_failure(p->t, subject,
                     "it completed its call a second time; call complete() exactly "
                     "once");
    else if (fate == FATE_FAILED)
        tell_failure(p->t, subject,
                     "it completed its call after it had returned an error; do one of "
                     "both");
    return HEXMCP_E_NOT_FOUND;
}

static int32_t take(struct probe *p, struct probe_call *call, uint32_t outcome, hexmcp_str json)
{
    if (outcome > HEXMCP_INPUT_REQUIRED) {
        tell_failure(p->t, call->subject,
                     "it completed its call with the unknown outcome %u; take "
                     "one of HEXMCP_RESULT to HEXMCP_INPUT_REQUIRED",
                     outcome);
        return HEXMCP_E_INVALID;
    }
    if (json.len > RESULT_MAX) {
        tell_failure(p->t, call->subject,
                     "its result has %zu bytes, more than 64 MiB; give less at "
                     "once",
                     json.len);
        return HEXMCP_E_TOO_LARGE;
    }
    call->json = malloc(json.len + 1);
    if (!call->json)
        return HEXMCP_E_NOMEM;
    if (json.len)
        memcpy(call->json, json.ptr, json.len);
    call->json[json.len] = '\0';
    call->json_len = json.len;
    call->outcome = outcome;
    call->answered = true;
    p->history[call->id - p->first].fate = FATE_ANSWERED;
    pthread_cond_broadcast(&p->change);
    return HEXMCP_OK;
}

static int32_t host_complete(void *ctx, hexmcp_call id, uint32_t outcome, hexmcp_str json)
{
    struct probe *p = ctx;
    pthread_mutex_lock(&p->lock);
    struct probe_call *call = probe_find(p, id);
    bool running = call && !call->answered;
    const char *subject = call ? call->subject : "";
    bool unjudged = call && call->unjudged;
    int32_t rc = running ? take(p, call, outcome, json) : HEXMCP_E_NOT_FOUND;
    pthread_mutex_unlock(&p->lock);
    if (!running)
        return judge_unknown(p, id);
    if (rc == HEXMCP_OK && outcome != HEXMCP_CANCELLED && !unjudged)
        probe_look(p, subject, "its result", json);
    return rc;
}

static int32_t host_progress(void *ctx, hexmcp_call id, double progress, double total,
                             hexmcp_str message)
{
    struct probe *p = ctx;
    pthread_mutex_lock(&p->lock);
    struct probe_call *call = probe_find(p, id);
    bool running = call && !call->answered;
    const char *subject = call ? call->subject : "";
    /* By the probe's clock, which jumps: many reports in a long time are none. */
    bool flood =
        running && ++call->reports == REPORTS_MAX && probe_now(p) - call->begun_ms < REPORTS_MAX;
    bool unjudged = call && call->unjudged;
    pthread_mutex_unlock(&p->lock);
    if (!running)
        return HEXMCP_E_NOT_FOUND;
    if (unjudged)
        return HEXMCP_OK;
    probe_look(p, subject, "a progress message of it", message);
    if (!isfinite(progress) || !isfinite(total))
        tell_failure(p->t, subject, "it reports progress that is no number; give finite values");
    if (flood)
        tell_failure(p->t, subject,
                     "it reported progress %u times in one call, more than a thousand "
                     "times a second; ten are enough",
                     REPORTS_MAX);
    return HEXMCP_OK;
}

static void host_log(void *ctx, hexmcp_call id, uint32_t level, hexmcp_str text)
{
    struct probe *p = ctx;
    pthread_mutex_lock(&p->lock);
    struct probe_call *call = probe_find(p, id);
    const char *subject = call ? call->subject : "host->log";
    bool flood = call && ++call->logs == LOGS_MAX;
    bool unjudged = call && call->unjudged;
    pthread_mutex_unlock(&p->lock);
    if (unjudged)
        return;
    if (text.len > LOG_MAX)
        text.len = LOG_MAX; /* cut as the host does; a character may break there */
    else
        probe_look(p, subject, "a log line", text);
    if (level > HEXMCP_LOG_EMERGENCY)
        tell_failure(p->t, subject, "it logs with the unknown level %u; take one of HEXMCP_LOG_*",
                     level);
    if (flood)
        tell_failure(p->t, subject, "it wrote %u log lines; log what a person can read", LOGS_MAX);
}

static const void *host_interface(void *ctx, const char *id)
{
    struct probe *p = ctx;
    if (!p->created)
        tell_failure(p->t, "hexmcp_plugin_create",
                     "it asks for the host's services before init; only "
                     "host->log may be used in create");
    return id ? probe_service(p, id) : NULL;
}

struct probe *probe_new(struct trial *t)
{
    struct probe *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->t = t;
    p->loop = pthread_self();
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->change, NULL);
    p->first = p->next = 1000 + (t->seed % 100000) * 1000;
    snprintf(p->canary, sizeof(p->canary), CANARY_FORMAT, (unsigned long long)t->seed);
    p->table = (hexmcp_host){.size = sizeof(p->table),
                             .abi_minor = HEXMCP_ABI_MINOR,
                             .ctx = p,
                             .name = "hexmcp",
                             .version = HEXMCP_VERSION,
                             .get_interface = host_interface,
                             .log = host_log,
                             .complete = host_complete,
                             .progress = host_progress};
    probe_make_services(p);
    return p;
}

void probe_free(struct probe *p)
{
    if (!p)
        return;
    while (p->open)
        probe_close(p, p->open, FATE_GIVEN_UP);
    probe_free_services(p);
    free(p->history);
    pthread_cond_destroy(&p->change);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const hexmcp_host *probe_host(struct probe *p)
{
    return &p->table;
}

static bool make_room(struct probe *p)
{
    size_t at = (size_t)(p->next - p->first);
    if (at < p->history_cap)
        return true;
    size_t cap = p->history_cap ? p->history_cap * 2 : 256;
    void *history = realloc(p->history, cap * sizeof(*p->history));
    if (!history)
        return false;
    p->history = history;
    p->history_cap = cap;
    return true;
}

struct probe_call *probe_open(struct probe *p, const char *subject, bool paths, uint32_t timeout_ms)
{
    struct probe_call *call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    pthread_mutex_lock(&p->lock);
    if (make_room(p)) {
        p->history[p->next - p->first].fate = FATE_OPEN;
        p->history[p->next - p->first].subject = subject;
        call->id = p->next++;
        call->subject = subject;
        call->paths = paths;
        call->begun_ms = probe_now(p);
        call->deadline_ms = call->begun_ms + timeout_ms;
        call->next = p->open;
        p->open = call;
    } else {
        free(call);
        call = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return call;
}

void probe_close(struct probe *p, struct probe_call *call, enum call_fate fate)
{
    pthread_mutex_lock(&p->lock);
    for (struct probe_call **at = &p->open; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
    p->history[call->id - p->first].fate = call->answered ? FATE_ANSWERED : fate;
    pthread_mutex_unlock(&p->lock);
    free(call->json);
    free(call);
}

void probe_cancel(struct probe *p, struct probe_call *call)
{
    pthread_mutex_lock(&p->lock);
    call->cancelled = true;
    pthread_mutex_unlock(&p->lock);
}

void probe_pump(struct probe *p)
{
    probe_run_timers(p, HEXMCP_OK);
}

void probe_stop(struct probe *p)
{
    p->stopping = true;
    probe_run_timers(p, HEXMCP_E_CANCELLED);
}

/* Waits for a change, at most `ms`. True if there was one. */
static bool wait_change(struct probe *p, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(&p->change, &p->lock, &until) != ETIMEDOUT;
}

/* With the lock held. */
static bool over(const struct probe_call *call, const _Atomic int *returned)
{
    if (returned && atomic_load(returned) == RETURNED_FOR_GOOD)
        return true;
    return (!call || call->answered) && (!returned || atomic_load(returned));
}

bool probe_wait(struct probe *p, struct probe_call *call, const _Atomic int *returned, unsigned ms)
{
    uint64_t end = real_ms() + ms;
    unsigned idle = 0;
    for (;;) {
        probe_pump(p);
        pthread_mutex_lock(&p->lock);
        bool done = over(call, returned);
        bool changed = done || wait_change(p, 1);
        done = done || over(call, returned);
        bool answered = call && call->answered;
        pthread_mutex_unlock(&p->lock);
        if (done || real_ms() >= end)
            return answered;
        idle = changed ? 0 : idle + 1;
        uint64_t next = probe_next_timer(p);
        if (idle >= IDLE_MS && next != UINT64_MAX) {
            p->skew_ms += next;
            idle = 0;
        }
    }
}
