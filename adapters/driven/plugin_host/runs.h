/*
 * The running calls, and the inbox through which other threads reach the loop.
 *
 * A run is made by the loop, and freed by the loop only; other threads find it by its id while they
 * hold host->lock. The core never reuses an id, so a late call of a plugin meets none.
 */
#pragma once

#include "adapters/driven/plugin_host/host.h"

#define RUN_BUCKETS 1024u

/* Longest result of a call, and longest text of a log line or progress message, in bytes. */
#define RUN_RESULT_MAX ((size_t)64 << 20)
#define RUN_TEXT_MAX ((size_t)8 << 10)

/* Log lines of calls that wait for the loop; more are dropped. */
#define INBOX_LOGS_MAX 1024u

struct run {
    struct run *next; /* in its bucket */
    uint64_t id;
    struct plugin *plugin;
    struct run_request request;
    /* A call of the host's own: told here instead of to the core; `err` is NULL if all is well. */
    void (*own_end)(void *arg, const struct error *err);
    void *own_arg;
    struct timer *grace; /* [loop] after abandon(), while the function has not returned */

    /* Guarded by host->lock. */
    bool entered;   /* the plugin's function was called                     */
    bool returned;  /* it has returned, or will not be called               */
    bool answered;  /* complete() came                                      */
    bool cancelled;
    bool abandoned;
    enum run_outcome outcome;
    char *json; /* from malloc, unless it is borrowed */
    bool borrowed;
    size_t json_len;
    struct error failure;        /* code 0: none */
    struct inbox_item *progress; /* the newest, while it waits in the inbox */
};

enum inbox_kind {
    INBOX_FINISH,
    INBOX_PROGRESS,
    INBOX_LOG,
    INBOX_DELAY,
    INBOX_OFFER,
    INBOX_REQUEST,
    INBOX_WORK,
};

struct request_word;

struct inbox_item {
    struct inbox_item *next;
    uint64_t order;
    enum inbox_kind kind;
    uint64_t call;
    struct plugin *plugin;
    double progress, total;
    enum log_level level;
    struct delay *delay;
    struct offer *offer;
    struct work *work;
    struct request_word *request; /* from malloc */
    char *text; /* from malloc */
    size_t text_len;
};

int runs_init(struct plugin_host *host, struct error *err);
void runs_free(struct plugin_host *host);

/* With host->lock held. */
struct run *run_find(const struct plugin_host *host, uint64_t id);
/* The call `id` of the plugin that may still be completed, or NULL. */
struct run *run_find_open(const struct plugin *p, uint64_t id);
void run_insert(struct plugin_host *host, struct run *run);
void run_remove(struct plugin_host *host, struct run *run);

/* Frees a run that is in no table. */
void run_free(struct run *run);

/* Appends the item, with host->lock held. True if the caller must call inbox_wake afterwards,
 * without the lock. */
bool inbox_add(struct plugin_host *host, struct inbox_item *item);
/* The same for what lies elsewhere: true if inbox_wake has to be called. With host->lock held. */
bool inbox_post(struct plugin_host *host);
void inbox_wake(struct plugin_host *host);

/* A new item with a copy of `text`, cut to RUN_TEXT_MAX at a character. NULL without memory. */
struct inbox_item *inbox_item_new(enum inbox_kind kind, struct plugin *p, uint64_t call,
                                  struct str text);
void inbox_item_free(struct inbox_item *item);

/* [loop] Takes the oldest offer of the plugin out of the inbox; NULL if there is none. */
struct inbox_item *inbox_take_offer(struct plugin *p);

/* [loop] Handles what is in the inbox now, in order. */
void inbox_drain(struct plugin_host *host);

/* [loop] Reports a run that has ended, and frees it; nothing if it has not. */
void run_finish(struct plugin_host *host, struct run *run);

/* Fills host->runtime. */
void runtime_init(struct plugin_host *host);

/* [loop] Starts a call of the plugin: the core's, or the host's own with `own_end`. */
int run_begin(struct plugin *p, const struct run_request *request,
              void (*own_end)(void *arg, const struct error *err), void *own_arg,
              struct error *err);

/* [loop] Gives up one call. */
void run_abandon(struct plugin_host *host, uint64_t id);

/* [loop] Gives up every call of the plugin. */
void runs_abandon(struct plugin *p);

/* [loop] Writes what a service is told of the call that a request is for. */
void run_facts(const struct run *run, struct service_request *out);

/* What the run is of, for a person: tool "x". */
#define RUN_SUBJECT_SIZE 160
const char *run_subject(const struct run *run, char text[RUN_SUBJECT_SIZE]);

/* [loop] Asks the plugin to stop it. */
void run_cancel(const struct run *run);

/* Calls the plugin's function for the run and takes over what it returned. [loop] or [worker] */
void run_invoke(struct run *run);

/* ST_PROTOCOL: "plugin ID broke its contract: ..." */
int breach(const struct plugin *p, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a plugin function that failed left in `theirs`, as an error of ours: code, text. */
int plugin_error(const struct plugin *p, int32_t status, const hexmcp_error *theirs,
                 struct error *err);

/* True on a pool thread that runs a call. [any] */
bool run_on_worker(void);
void run_mark_worker(bool on);

/* Timers of plugins. */
int32_t delay_add(struct plugin *p, uint64_t ms, hexmcp_reply_fn reply, void *arg);
void delay_start(struct delay *delay); /* [loop] */
/* [loop] Takes no more timers from the plugin, and answers the outstanding ones with
 * HEXMCP_E_CANCELLED. No call enters the plugin from here on. */
void delays_close(struct plugin *p);
