/*
 * hexmcp/await.h - waits for the reply of an asynchronous host service.
 *
 * SPDX-License-Identifier: MIT
 *
 * No host function waits. Code that runs on a [worker], or on a thread of the plugin's own, may wait
 * for a hexmcp_reply_fn with this header:
 *
 *     hexmcp_await *a = hexmcp_await_new(host);
 *     int32_t asked = timer->after(timer->ctx, 50, hexmcp_await_reply, a);
 *     int32_t status = hexmcp_await_wait(a, asked, 1000, &json, &len);
 *     ...
 *     free(json);
 *
 * Each hexmcp_await serves one question and is consumed by hexmcp_await_wait. A reply that comes
 * after the wait has timed out is dropped safely.
 *
 * Header-only and optional; needs POSIX threads: compile as gnu99 or newer, or as C++, or define
 * _POSIX_C_SOURCE as 200809L before the first include. Since: 1.0.
 */
#ifndef HEXMCP_AWAIT_H
#define HEXMCP_AWAIT_H

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hexmcp/abi.h"
#include "hexmcp/host.h"

#ifndef CLOCK_MONOTONIC
#error "hexmcp/await.h needs POSIX: use -std=gnu99 or newer, or define _POSIX_C_SOURCE 200809L first"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A question on its way. Opaque; lives until both sides are done with it. */
typedef struct hexmcp_await {
    const hexmcp_host *host;
    pthread_mutex_t mutex;
    pthread_cond_t replied;
    int refs; /* the one who waits, and the reply that will come */
    int done;
    int32_t status;
    char *json;
    size_t len;
} hexmcp_await;

/* [any] Begins a question. NULL if memory is short: then do not ask. */
static inline hexmcp_await *hexmcp_await_new(const hexmcp_host *host)
{
    hexmcp_await *a = (hexmcp_await *)calloc(1, sizeof(*a));
    pthread_condattr_t attr;
    if (!a)
        return NULL;
    a->host = host;
    a->refs = 2;
    pthread_mutex_init(&a->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&a->replied, &attr);
    pthread_condattr_destroy(&attr);
    return a;
}

/* Gives up `refs` references and the lock, which the caller holds. */
static inline void hexmcp_await_unref_(hexmcp_await *a, int refs)
{
    int left = a->refs -= refs;
    pthread_mutex_unlock(&a->mutex);
    if (left > 0)
        return;
    pthread_cond_destroy(&a->replied);
    pthread_mutex_destroy(&a->mutex);
    free(a->json);
    free(a);
}

/* [any] The hexmcp_reply_fn to pass to the service; `arg` is the hexmcp_await. Copies `json`. */
static inline void hexmcp_await_reply(void *arg, int32_t status, hexmcp_str json)
{
    hexmcp_await *a = (hexmcp_await *)arg;
    pthread_mutex_lock(&a->mutex);
    a->json = (char *)malloc(json.len + 1);
    if (a->json) {
        if (json.len > 0)
            memcpy(a->json, json.ptr, json.len);
        a->json[json.len] = '\0';
        a->len = json.len;
    }
    a->status = a->json ? status : HEXMCP_E_NOMEM;
    a->done = 1;
    pthread_cond_signal(&a->replied);
    hexmcp_await_unref_(a, 1);
}

static inline int hexmcp_await_on_loop_(const hexmcp_await *a)
{
    const hexmcp_thread_check_1 *check =
        (const hexmcp_thread_check_1 *)a->host->get_interface(a->host->ctx, HEXMCP_THREAD_CHECK_1);
    return check && check->is_loop(check->ctx);
}

/* The moment `ms` milliseconds from now, a year at most. */
static inline struct timespec hexmcp_await_deadline_(uint64_t ms)
{
    const uint64_t year = (uint64_t)365 * 24 * 3600 * 1000;
    struct timespec t;
    if (ms > year)
        ms = year;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* [worker] Waits at most `timeout_ms` for the reply, and ends `a`, which must not be used again.
 *   asked     what the service returned when it was asked: after an error no reply follows, and
 *             that error is returned at once
 *   ret_json  the reply's JSON, NUL-terminated, yours to free(); written if a reply came, also if
 *             its status is an error. May be NULL, as may ret_len.
 * Returns the status of the reply; `asked` if that is an error; HEXMCP_E_TIMEOUT; HEXMCP_E_NOMEM.
 * To wait on the loop thread, which has to bring the reply, is a mistake in the plugin: it trips an
 * assertion, and with NDEBUG it returns HEXMCP_E_PROTOCOL. */
static inline int32_t hexmcp_await_wait(hexmcp_await *a, int32_t asked, uint64_t timeout_ms,
                                        char **ret_json, size_t *ret_len)
{
    int on_loop = hexmcp_await_on_loop_(a);
    struct timespec deadline = hexmcp_await_deadline_(timeout_ms);
    int32_t status = HEXMCP_E_PROTOCOL;
    int waited = 0;
    assert(!on_loop && "hexmcp_await_wait on the loop thread: run the tool in worker mode");
    pthread_mutex_lock(&a->mutex);
    if (asked < 0) {
        hexmcp_await_unref_(a, 2);
        return asked;
    }
    while (!on_loop && !a->done && waited == 0)
        waited = pthread_cond_timedwait(&a->replied, &a->mutex, &deadline);
    if (!on_loop)
        status = a->done ? a->status : HEXMCP_E_TIMEOUT;
    if (!on_loop && a->json) {
        if (ret_len)
            *ret_len = a->len;
        if (ret_json) {
            *ret_json = a->json;
            a->json = NULL;
        }
    }
    hexmcp_await_unref_(a, 1);
    return status;
}

#ifdef __cplusplus
}
#endif

#endif
