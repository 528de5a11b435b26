/*
 * A host for tests of plugins and of the headers that plugins use. It implements hexmcp_host,
 * hexmcp.call/1, hexmcp.thread-check/1, hexmcp.timer/1, hexmcp.catalog/1, hexmcp.notify/1 and
 * hexmcp.schema/1 (with the program's own check, but without patterns), counts what a plugin does, and fails the test (cmocka) if the contract is broken: a call
 * completed twice, a complete() after an error, an outcome that does not exist.
 *
 * It reads no manifest. So it checks of a definition only that it has a name, and does not know
 * which URIs are the plugin's: hexmcp.notify/1 never returns HEXMCP_E_DENIED by itself.
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

/* From now on the host offers one more service: `table` for the interface `id`, both borrowed until
 * fake_host_free. It comes before one of the fake's own. */
void fake_host_offer(struct fake_host *fake, const char *id, const void *table);

/* Opens a call and returns its id. */
hexmcp_call fake_host_open(struct fake_host *fake);

/* Marks a call as cancelled: hexmcp.call/1 says so from now on. */
void fake_host_cancel(struct fake_host *fake, hexmcp_call call);

/* Waits until `call`, for which call() returned `status`, has been completed, closes it and writes
 * *ret, to be freed by answer_free. A pending call that takes more than ten seconds fails the
 * test. */
void fake_host_close(struct fake_host *fake, hexmcp_call call, int32_t status,
                     const hexmcp_error *error, struct answer *ret);
void answer_free(struct answer *answer);

/* The last log line, "" if there was none; borrowed until the next. */
const char *fake_host_last_log(const struct fake_host *fake);

/* How many progress reports were accepted: those that rise, on a running call. */
unsigned fake_host_progress_count(const struct fake_host *fake);

/* Moves the clock on and answers the timers that are due, on this thread; before them the catalogue
 * replies. */
void fake_host_advance(struct fake_host *fake, uint64_t ms);

/* How many timers wait. */
unsigned fake_host_timer_count(struct fake_host *fake);

/* Answers every waiting timer with HEXMCP_E_CANCELLED and every waiting word to the catalogue with
 * HEXMCP_E_UNAVAILABLE, as a host does that stops a plugin; what was published goes. Before
 * fake_host_free no reply of the catalogue may wait. */
void fake_host_cancel_timers(struct fake_host *fake);

/* What the plugin publishes under its own name for it: the definition and the options, NULL if it
 * does not. Borrowed until it is withdrawn. */
const char *fake_host_published(struct fake_host *fake, uint32_t kind, const char *name);
const char *fake_host_options(struct fake_host *fake, uint32_t kind, const char *name);

/* From now on the host offers no catalogue, as to a plugin whose manifest is not dynamic. */
void fake_host_no_catalog(struct fake_host *fake);

/* Every function of catalogue and notify returns `status` at once; HEXMCP_OK ends that. */
void fake_host_refuse(struct fake_host *fake, int32_t status);

/* The last change that the plugin told of, "updated URI" or "elicited ID", "" if none; borrowed
 * until the next. And how many it told of. */
const char *fake_host_last_told(const struct fake_host *fake);
unsigned fake_host_told_count(struct fake_host *fake);

/* Runs `function(arg)` on a thread that counts as a worker; join it with pthread_join. */
pthread_t fake_host_worker(void *(*function)(void *), void *arg);
