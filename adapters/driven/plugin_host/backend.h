/*
 * How a plugin is run: in this process (in_process.c) or in a helper. The rest of the plugin host
 * and the core cannot tell. All [loop].
 */
#pragma once

#include <time.h>

#include "adapters/driven/plugin_host/runs.h"

struct plugin_backend {
    /* Makes a VERIFIED plugin ACTIVE, or STARTING: then it takes calls already, and they wait, until
     * plugin_settled(). It gets p->carried as its state, if there is one. An error leaves it FAILED. */
    int (*load)(struct plugin *p, struct error *err);

    /* True if it has what serves items of this kind. */
    bool (*serves)(const struct plugin *p, enum item_kind kind);

    /* Begins the run, which is in the table; it ends with run_finish. On an error the caller takes
     * it out of the table. */
    int (*call)(struct run *run, struct error *err);

    /* The run has been marked as cancelled; tell the plugin. */
    void (*cancel)(struct run *run);

    /* The run has been marked as abandoned, and cancel() called. It ends when nothing of it is used
     * any more. */
    void (*abandon)(struct run *run);

    /* Asks for the plugin's state: done(arg, rc, state) once, at once or later, the text borrowed until
     * it returns. ST_OK with no text from a plugin that has none to give. */
    void (*save)(struct plugin *p, void (*done)(void *arg, int rc, struct str state), void *arg);

    /* Ends a DRAINING plugin without calls while the host goes on; then plugin_retired(), at once or
     * later, unless it had to be left as it is. */
    void (*retire)(struct plugin *p);

    /* Ends a DRAINING plugin that has been told to give up its calls. False if it had to be left
     * as it is. */
    bool (*stop)(struct plugin *p, const struct timespec *until);
};

extern const struct plugin_backend in_process_backend;

/* The monotonic moment so long from now, and whether one is over. */
struct timespec backend_after(uint32_t ms);
bool backend_is_over(const struct timespec *until);

/* Takes nothing more from the plugin: its timers, requests and pieces of work are answered. */
void plugin_silence(struct plugin *p);

/* Ends the plugin now, calls or not. False if it had to be left as it is. */
bool plugin_stop(struct plugin *p, const struct timespec *until);
