/*
 * A host for tests of plugins and of the headers that plugins use. It implements hexmcp_host,
 * hexmcp.call/1, hexmcp.thread-check/1 and hexmcp.timer/1, counts what a plugin does, and fails the
 * test (cmocka) if the contract is broken: a call completed twice, a complete() after an error,
 * an outcome that does not exist.
 *
 * The thread that makes it is its loop thread. Time stands still except in fake_host_advance.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "hexmcp/plugin.h"

struct fake_host;

/* How a call ended. */
struct answer {
    int32_t status;   /* what call() returned: HEXMCP_OK, HEXMCP_PENDING or HEXMCP_E_* */
    uint32_t outcome; /* of complete(); HEXMCP_FAIL if `status` is an error */
    char *json;       /* of complete(), NUL-terminated; NULL if `status` is an error */
    hexmcp_error error;
};

struct fake_host *fake_host_new(void);
void fake_host_free(struct fake_host *fake);

/* The table for the plugin; lives as long as `fake`. */
const hexmcp_host *fake_host_table(struct fake_host *fake);

/* Opens a call and returns its id. */
hexmcp_call fake_host_open(struct fake_host *fake);

/* Marks a call as cancelled: hexmcp.call/1 says so from now on. */
void fake_host_cancel(struct fake_host *fake, hexmcp_call call);

/* Waits until `call`, for which call() returned `status`, has been completed, closes it and writes
 * *ret, to be freed by answer_free. A pending call that takes more than ten seconds fails the test. */
void fake_host_close(struct fake_host *fake, hexmcp_call call, int32_t status,
                     const hexmcp_error *error, struct answer *ret);
void answer_free(struct answer *answer);

/* The last log line, "" if there was none; borrowed until the next. */
const char *fake_host_last_log(const struct fake_host *fake);

/* How many progress reports were accepted: those that rise, on a running call. */
unsigned fake_host_progress_count(const struct fake_host *fake);

/* Moves the clock on and answers the timers that are due, on this thread. */
void fake_host_advance(struct fake_host *fake, uint64_t ms);

/* How many timers wait. */
unsigned fake_host_timer_count(struct fake_host *fake);

/* Answers every waiting timer with HEXMCP_E_CANCELLED, as a host does that stops a plugin. */
void fake_host_cancel_timers(struct fake_host *fake);

/* Runs `function(arg)` on a thread that counts as a worker; join it with pthread_join. */
pthread_t fake_host_worker(void *(*function)(void *), void *arg);
