/*
 * The host that a plugin under test meets: it does what the real one does, looks at everything that
 * the plugin says, and tells breaches of the contract on the board.
 *
 * The thread that makes it is its loop. Timers run while it waits, and the clock jumps to the next
 * one when nothing else happens, so that nobody waits in earnest.
 */
#pragma once

#include <pthread.h>

#include "adapters/driving/validator/validator.h"
#include "hexmcp/ids.h"
#include "hexmcp/plugin.h"

enum call_fate {
    FATE_OPEN,
    FATE_ANSWERED,
    FATE_FAILED,   /* the function returned an error */
    FATE_GIVEN_UP, /* closed without an answer; what comes later is dropped */
};

struct probe_call {
    hexmcp_call id;
    const char *subject; /* tool "x"; lives as long as the probe */
    bool paths;          /* may open files */
    bool unjudged;       /* its arguments are none, so what it says is not looked at */
    bool cancelled;
    bool answered;
    uint32_t outcome;
    char *json; /* NUL-terminated */
    size_t json_len;
    double progress;
    unsigned reports, logs;
    uint64_t begun_ms, deadline_ms; /* by probe_now */
    struct probe_call *next;
};

struct probe_timer;
struct probe_item;

struct probe {
    struct trial *t;
    hexmcp_host table;
    hexmcp_call_info_1 call_info;
    hexmcp_thread_check_1 thread_check;
    hexmcp_timer_1 timers;
    hexmcp_catalog_1 catalog;
    hexmcp_notify_1 notify;
    hexmcp_files_1 files;
    hexmcp_schema_1 schema;
    hexmcp_http_1 http; /* these are there and unavailable (probe_world.c) */
    hexmcp_net_1 net;
    hexmcp_process_1 process;
    hexmcp_kv_1 kv;
    hexmcp_secrets_1 secrets;
    pthread_mutex_t lock;
    pthread_cond_t change;
    pthread_t loop;
    uint64_t skew_ms;
    hexmcp_call first, next; /* ids */
    struct {
        enum call_fate fate;
        const char *subject;
    } * history; /* of each id from `first` on */
    size_t history_cap;
    struct probe_call *open;
    struct probe_timer *waiting; /* in the order of their time */
    unsigned timer_count;
    struct probe_item *items; /* published */
    _Atomic int32_t refuse;   /* what every service returns at once; 0: none */
    _Atomic unsigned refusals;
    double longest_ms; /* of processor time, in one function on the loop */
    bool created;      /* services may be asked for: init has begun */
    bool stopping;
    char canary[32];
};

/* What was published: `definition` is the object's text. */
struct probe_item {
    uint32_t kind;
    char *name;
    char *definition;
    struct probe_item *next;
};

struct probe *probe_new(struct trial *t);
void probe_free(struct probe *p);

const hexmcp_host *probe_host(struct probe *p);

/* Milliseconds of the probe's clock. [any] */
uint64_t probe_now(const struct probe *p);

/* Opens a call; what it is of is borrowed. */
struct probe_call *probe_open(struct probe *p, const char *subject, bool paths,
                              uint32_t timeout_ms);

/* What a function that a worker runs has come to: still inside, returned and to be completed, or
 * returned and nothing follows. */
enum { RETURNED_NOT, RETURNED_OPEN, RETURNED_FOR_GOOD };

/* Lets timers and replies run until the call (if not NULL) is answered and the function (if
 * `returned` is not NULL) has returned, or has returned for good, or `ms` have passed. True if the
 * call was answered. [loop] */
bool probe_wait(struct probe *p, struct probe_call *call, const _Atomic int *returned, unsigned ms);

/* The call is over: later completions of it are judged by `fate`. Frees it. [loop] */
void probe_close(struct probe *p, struct probe_call *call, enum call_fate fate);

/* Marks it as cancelled, as hexmcp.call/1 tells. */
void probe_cancel(struct probe *p, struct probe_call *call);

/* Runs what is due now. [loop] */
void probe_pump(struct probe *p);

/* Answers what waits as a host does that stops a plugin. [loop] */
void probe_stop(struct probe *p);

/* From now on the calling thread counts as a worker, or no more. */
void probe_be_worker(bool on);
bool probe_is_worker(void);
/* The calling thread is in the probe or the validator, not in the plugin. */
bool probe_is_inside(void);
void probe_enter(void);
void probe_leave(void);
bool probe_is_loop(const struct probe *p);

/* Tells a breach if the text holds what only a reader of the environment knows, or is no UTF-8. */
void probe_look(struct probe *p, const char *where, const char *what, hexmcp_str text);

/* Around every function of the plugin on the loop: keeps the longest time. */
double probe_loop_begin(void);
void probe_loop_end(struct probe *p, double begun);

/* probe_services.c */
void probe_make_services(struct probe *p);
const void *probe_service(struct probe *p, const char *id);
void probe_free_services(struct probe *p);
/* probe_world.c */
void probe_make_world(struct probe *p);
const void *probe_world_service(struct probe *p, const char *id);
/* Takes the timers that are due, or all with `status` instead of HEXMCP_OK. [loop] */
unsigned probe_run_timers(struct probe *p, int32_t status);
/* Milliseconds until the next timer; UINT64_MAX if there is none. */
uint64_t probe_next_timer(struct probe *p);
struct probe_call *probe_find(struct probe *p, hexmcp_call id); /* with the lock held */
