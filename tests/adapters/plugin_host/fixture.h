/*
 * What the tests of the plugin host stand on: folders with copies of the test bundles, a loop with
 * real worker threads and a clock that only the test moves, and a record of all reports and logs.
 *
 * With HEXMCP_TEST_ISOLATION=isolated in the environment the plugins run in helpers, which have clocks of
 * their own.
 */
#pragma once

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driven/plugin_host/plugin_host.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

struct fixture {
    char dir[64]; /* a new folder under the build folder's temporary place */
    struct plugin_host_config config;
    struct plugin_place place;
    struct plugin_host *host;
    const struct plugin_runtime *runtime;
    struct run_events events;
    struct clock_port clock;
    struct timer_port timer;
    struct executor_port executor;
    struct log_port log;
    struct crypto_port crypto;
    struct lost_worker_port lost_worker;
    struct publisher publisher;
    struct plugin_isolation isolation;
    struct loop *uv; /* for helpers; NULL: plugins run in this process */

    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct task *tasks, *tasks_last;
    uint64_t now_ms;
    struct timer *timers;
    struct buffer seen; /* one line per report: "completed 1 0 {...}"     */
    struct buffer logs; /* one line per log: "4 hexmcp.test.bad: text"    */
    struct buffer told; /* one line per word to the publisher             */
    const char *refusal; /* what the publisher refuses items with, or NULL */
    unsigned lost;      /* mark_lost() calls                              */
    bool busy;          /* the executor refuses                           */
    unsigned idle_turns; /* of those that wait for helpers                 */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Copies the test bundle `id` into the fixture's folder. */
void fixture_bundle(struct fixture *f, const char *id);
/* Puts the version `name` of the test bundle `id` into the place of the one that is there. */
void fixture_version(struct fixture *f, const char *name, const char *id);
/* Writes a file in the fixture's folder, making its folder. */
void fixture_write(struct fixture *f, const char *path, const char *text);
const char *fixture_dir(struct fixture *f);
/* "<dir>/<path>", valid until the next call of this function. */
const char *fixture_path(struct fixture *f, const char *path);

/* Makes the host over the fixture's folder; place and config may have been changed before. */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* The plugin with the id; fails the test if there is none. */
struct plugin_facts fixture_plugin(struct fixture *f, const char *id);

/* Starts a call of the tool of the plugin. */
int fixture_run(struct fixture *f, uint64_t call, const char *id, const char *tool,
                const char *args, bool on_loop, struct error *err);

/* Starts what is asked of the plugin; its number and the deadline are filled in. */
int fixture_ask(struct fixture *f, const char *id, struct run_request *request, struct error *err);

/* Handles what was posted to the loop until the record holds `line`; fails after some seconds. */
void fixture_wait(struct fixture *f, const char *line);
/* The same for a line that begins so. */
void fixture_wait_for(struct fixture *f, const char *begin);
/* How many lines of the record begin so. */
size_t fixture_count(struct fixture *f, const char *begin);
/* The same for the log. */
void fixture_wait_log(struct fixture *f, const char *line);

/* Handles one thing that was posted to the loop; false if nothing came for a minute. */
bool fixture_turn(struct fixture *f);

/* True where plugins run in helpers: the test is about something that is not so there, and says why. */
bool fixture_passes(const struct fixture *f, const char *why);

/* True if plugins run in helpers. */
bool fixture_isolated(const struct fixture *f);

/* Until the plugin does not start any more. */
void fixture_settle(struct fixture *f, const char *id);

/* Handles what helpers say meanwhile, about so long. */
void fixture_hear(struct fixture *f, unsigned ms);

/* Moves the clock and fires the timers that run out. */
void fixture_advance(struct fixture *f, uint64_t ms);

/* The whole record so far must equal `text`; it is emptied. */
void fixture_saw(struct fixture *f, const char *text);
/* The same for what the publisher was told: "publish KIND NAME CALLERS TIMEOUT_MS JSON",
 * "withdraw KIND NAME", "updated URI", "elicited ID", each with the plugin's number first. */
void fixture_told(struct fixture *f, const char *text);
bool fixture_logged(struct fixture *f, const char *line);
