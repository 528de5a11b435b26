/*
 * hexmcp.test.slow: two tools that take their time, {"steps": n, "delay_ms": ms}, report progress
 * after each step and can be cancelled. `slow` blocks a worker and asks hexmcp.call/1 whether to go
 * on; `slow_async` returns HEXMCP_PENDING at once and works by hexmcp.timer/1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct job {
    struct job *next;
    hexmcp_call call;
    long steps, delay_ms, done;
    int cancelled;
};

static const hexmcp_host *the_host;
static const hexmcp_call_info_1 *the_calls;
static const hexmcp_timer_1 *the_timer;
static struct job *jobs; /* of slow_async; loop only */

static int32_t fail(hexmcp_error *err, int32_t code, const char *text)
{
    err->code = code;
    snprintf(err->text, sizeof(err->text), "%s", text);
    return code;
}

static long number(hexmcp_str args, const char *key, long otherwise)
{
    hexmcp_str value;
    char text[24];
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK || value.len >= sizeof(text))
        return otherwise;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    return strtol(text, NULL, 10);
}

static void report(const struct job *job)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "step %ld of %ld", job->done, job->steps);
    hexmcp_str message = {text, (size_t)len};
    the_host->progress(the_host->ctx, job->call, (double)job->done, (double)job->steps, message);
}

static void end(const struct job *job, uint32_t outcome)
{
    char text[128];
    int len = snprintf(text, sizeof(text),
                       "{\"content\":[{\"type\":\"text\",\"text\":\"%ld steps\"}],"
                       "\"structuredContent\":{\"steps\":%ld}}",
                       job->done, job->done);
    hexmcp_str json = {text, (size_t)len};
    the_host->complete(the_host->ctx, job->call, outcome, json);
}

static void nap(long ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static int32_t run_blocking(struct job job)
{
    while (job.done < job.steps) {
        for (long slept = 0; slept < job.delay_ms; slept += 5) {
            if (the_calls->cancelled(the_calls->ctx, job.call)) {
                end(&job, HEXMCP_CANCELLED);
                return HEXMCP_OK;
            }
            nap(job.delay_ms - slept < 5 ? job.delay_ms - slept : 5);
        }
        job.done++;
        report(&job);
    }
    end(&job, HEXMCP_RESULT);
    return HEXMCP_OK;
}

static void drop(struct job *job)
{
    struct job **at = &jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    free(job);
}

static void step(void *arg, int32_t status, hexmcp_str json)
{
    struct job *job = (struct job *)arg;
    (void)json;
    if (status == HEXMCP_OK && !job->cancelled) {
        if (job->done < job->steps) {
            job->done++;
            report(job);
        }
        if (job->done < job->steps &&
            the_timer->after(the_timer->ctx, (uint64_t)job->delay_ms, step, job) == HEXMCP_OK)
            return;
    }
    end(job, job->done < job->steps ? HEXMCP_CANCELLED : HEXMCP_RESULT);
    drop(job);
}

static int32_t run_async(struct job job, hexmcp_error *err)
{
    struct job *own = (struct job *)malloc(sizeof(*own));
    if (!own)
        return fail(err, HEXMCP_E_NOMEM, "out of memory");
    *own = job;
    int32_t rc = the_timer->after(the_timer->ctx, (uint64_t)job.delay_ms, step, own);
    if (rc != HEXMCP_OK) {
        free(own);
        return fail(err, rc, "no timer");
    }
    own->next = jobs;
    jobs = own;
    return HEXMCP_PENDING;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    struct job job = {NULL, call, number(args, "steps", 3), number(args, "delay_ms", 10), 0, 0};
    (void)self;
    if (name.len == 4)
        return run_blocking(job);
    return run_async(job, err);
}

static void cancel(void *self, hexmcp_call call)
{
    (void)self;
    for (struct job *job = jobs; job; job = job->next)
        if (job->call == call)
            job->cancelled = 1; /* seen when its timer runs out */
}

static const hexmcp_tool_1 tools = {sizeof(tools), 0, NULL, call_tool, cancel, NULL};

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    the_calls = (const hexmcp_call_info_1 *)the_host->get_interface(the_host->ctx, HEXMCP_CALL_1);
    the_timer = (const hexmcp_timer_1 *)the_host->get_interface(the_host->ctx, HEXMCP_TIMER_1);
    if (!the_calls || !the_timer)
        return fail(err, HEXMCP_E_UNAVAILABLE, "the host has no hexmcp.call/1 or hexmcp.timer/1");
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &tools : NULL;
}

static void destroy(void *self)
{
    (void)self;
}

static const hexmcp_plugin instance = {
    sizeof(instance), 0, NULL, init, get_interface, NULL, NULL, destroy,
};

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)err;
    the_host = host;
    *out = &instance;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.slow", "1.0.0", make);
