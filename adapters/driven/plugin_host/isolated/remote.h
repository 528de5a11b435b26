/* Inside of isolated: the helpers of a plugin, as the program sees them. All [loop]. */
#pragma once

#include <signal.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/isolated.h"
#include "adapters/driven/plugin_host/isolated/output.h"
#include "adapters/driven/plugin_host/isolated/spawn.h"
#include "adapters/driven/plugin_host/isolated/watch.h"
#include "adapters/driven/plugin_host/wire/codec.h"
#include "adapters/driven/plugin_host/wire/message.h"
#include "adapters/driven/plugin_host/wire/wire.h"

#define LIVE_BUCKETS 256u
#define CRASHES_MAX 64u
#define DENIALS_TOLD 64u

/* What a helper owes for what it was given. */
#define REMOTE_QUEUE_MAX ((size_t)16 << 20)
#define REMOTE_UNREAD_MAX ((size_t)256 << 20)
#define REMOTE_REQUESTS_MAX 4096u

struct open_service;

enum remote_state {
    REMOTE_DOWN,     /* no process: it waits for its time to start again */
    REMOTE_STARTING, /* not ready yet                                    */
    REMOTE_READY,
    REMOTE_ENDING, /* told to end, or being killed; takes no calls     */
};

enum remote_timer {
    TIMER_START, /* it must be ready by then   */
    TIMER_BEAT,  /* while calls run            */
    TIMER_IDLE,
    TIMER_KILL,  /* it was asked to end, once  */
    REMOTE_TIMERS,
};

/* A call that waits for the helper. */
struct waiting_call {
    struct waiting_call *next;
    uint64_t id;
};

/* A call that the helper has. */
struct live_call {
    struct live_call *next;
    uint64_t id;
    uint64_t cpu_began; /* processor time of the helper then, in ns */
    bool abandoned;
};

struct remote {
    struct remote *next;
    struct isolated *owner;
    uint64_t number;   /* of all helpers of the plugin, never used again            */
    struct buffer key; /* the path grants that it has by itself                     */
    enum remote_state state;
    bool worn; /* workers of it are lost: it gets no more calls and is replaced     */

    pid_t pid;
    bool ended;          /* waited for */
    siginfo_t end;
    struct watch *exit, *out, *report; /* NULL when closed */
    struct wire *wire;
    struct output output;
    struct timer *timers[REMOTE_TIMERS];
    char fault[ERROR_TEXT_SIZE]; /* why it was killed; empty: it was not */
    bool asked_too_much;         /* the fault is that of a call, not of the plugin */

    struct waiting_call *waiting, *waiting_last;
    struct live_call *live[LIVE_BUCKETS];
    size_t live_count;
    size_t abandoned_count; /* of these */
    struct open_service *services;
    size_t service_count, file_count;
    uint32_t lost;
    uint64_t spawned_ns, pinged_ns, heard_ns; /* monotonic */
    uint64_t pings;
    bool pinging;
};

/* What happened to the helpers of a plugin. Few plugins have any of it. */
struct past {
    uint64_t crashes[CRASHES_MAX]; /* when, newest last; monotonic ns */
    size_t crash_count;
    char *denied[DENIALS_TOLD]; /* what was told */
    size_t denied_count;
};

struct isolated {
    struct plugin *plugin;
    struct remote *remotes;
    uint64_t numbers;
    struct past *past; /* NULL as long as nothing has happened */
    bool serves[ITEM_KINDS];
    uint64_t may_start_ns; /* not before that */
    struct timer *backoff;
    bool stopping;
    size_t jobs; /* with the executor, that will look for it */
    bool retiring;
    void (*saved)(void *arg, int rc, struct str state); /* NULL: nobody asked */
    void *saved_arg;
};

static inline const struct plugin_isolation *settings_of(const struct isolated *iso)
{
    return iso->plugin->host->config.isolation;
}

uint64_t isolated_now(const struct isolated *iso);

/* NULL without memory. */
static inline struct past *isolated_past(struct isolated *iso)
{
    if (!iso->past)
        iso->past = calloc(1, sizeof(*iso->past));
    return iso->past;
}

/* remote.c: */
/* True if a helper of the plugin reaches the folders of the calls that it was started for: by path, if
 * it may ("direct"), or to change entries of the folders that hexmcp.files/1 opens. The kernel looks
 * at the folder then, not at the descriptor. */
bool isolated_has_folders(const struct plugin *p);
/* The helper for a call with these path grants; a new one that is DOWN if there is none. NULL without
 * memory, or if it has too many helpers. */
struct remote *remote_for(struct isolated *iso, const struct path_grants *paths);
struct remote *remote_numbered(struct isolated *iso, uint64_t number);
/* Starts it, now or when its time has come. */
void remote_start(struct remote *r);
/* Sends the run to one that is READY. ST_BUSY, ST_NOMEM. */
int remote_call(struct remote *r, const struct run *run, struct error *err);
/* Its calls may wait no longer: sends them. */
void remote_send_waiting(struct remote *r);
/* It is at fault: asks it to end, or kills it at once. Calls fail when it has ended. */
void remote_end_for(struct remote *r, bool at_once, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends one that nobody needs. */
void remote_retire(struct remote *r, uint32_t budget_ms);
/* No process and no timers any more; out of the owner's list, and freed. */
void remote_free(struct remote *r);
void remote_arm(struct remote *r, enum remote_timer which, uint64_t ms);
void remote_disarm(struct remote *r, enum remote_timer which);
/* Sets the plugin's state by those of its helpers. */
void isolated_settle(struct isolated *iso);
/* The state of the plugin was asked for: tells it. */
void isolated_saved(struct isolated *iso, int rc, struct str state);
/* Tells that a retiring plugin has no helper any more, and frees it. True if it did. */
bool isolated_retired(struct isolated *iso);
/* Nothing runs: it may end after a while. */
void remote_look_idle(struct remote *r);
/* Sends what is in wire_body(); what cannot be sent ends the helper. */
void remote_send(struct remote *r, enum wire_op op, uint64_t id, int fd);

/* start.c: the first message. */
void remote_tell_start(struct remote *r);

/* denied.c: something was refused; told once of each kind. */
void isolated_denied(struct isolated *iso, const char *what);

/* messages.c */
int remote_message(void *ctx, struct wire_message *message, struct error *err);

/* live.c */
struct live_call *live_find(const struct remote *r, uint64_t id);
bool live_add(struct remote *r, uint64_t id);
void live_drop(struct remote *r, uint64_t id);
/* Nobody waits for it any more. */
void live_abandon(struct remote *r, uint64_t id);
/* The run of the call, NULL if it was given up. */
struct run *live_run(const struct remote *r, uint64_t id);
/* Ends a run with a failure. */
void live_fail(struct plugin *p, uint64_t id, int code, const char *text);
bool waiting_add(struct remote *r, uint64_t id);
bool waiting_drop(struct remote *r, uint64_t id);

/* crash.c: the process has ended. */
void remote_ended(struct remote *r);

/* heartbeat.c */
void remote_beat(struct remote *r);
/* Processor time of the helper so far, in ns; 0 if it cannot be told. */
uint64_t remote_cpu(const struct remote *r);

/* files.c, services.c, offers.c: what the helper asks for. */
int remote_file(struct remote *r, const struct wire_message *m, struct error *err);
int remote_open(struct remote *r, const struct wire_message *m, struct error *err);
int remote_tell(struct remote *r, const struct wire_message *m, struct error *err);
void remote_close(struct remote *r, uint64_t id);
void remote_close_all(struct remote *r);
int remote_offer(struct remote *r, const struct wire_message *m, struct error *err);
