/* Inside of core/task: what the service keeps of a task beside its record. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/str_index.h"
#include "core/json/json.h"
#include "core/task/task.h"

#define TASK_ID_LENGTH 32

/* Times that the tool of one task may ask for input. */
#define TASK_ROUNDS_MAX 32u

/* What the calls of one task share. A plugin that hangs can use it for longer than
 * the task is there. */
struct task_work {
    uint32_t users;
    struct json_doc *arguments; /* NULL: none were given */
    char *text;                 /* that of the three below */
    struct str tool;
    struct caller caller;
    struct call_context context; /* its times are those of the latest call */
};

/* One call of the tool. It stays until the call service has reported and given back everything. */
struct task_run {
    struct task *task; /* NULL: what it reports is of no interest any more */
    struct task_work *work;
    struct tasks *tasks;
    uint64_t call; /* 0: not known yet */
    uint32_t users;
    struct task_run *next, *before;
};

struct task {
    struct tasks *tasks;
    char id[TASK_ID_LENGTH];
    bool starting; /* start() has not returned: no change is told */
    bool lost;     /* it has ended, and that could not be stored */
    bool elsewhere; /* another process runs it */
    uint64_t expires_ns; /* 0: never */
    struct task *sooner, *later;
    /* until it has ended */
    struct task_work *work; /* NULL: it has ended */
    struct task_run *run;   /* NULL: no call runs */
    int (*admit)(struct str client, struct json requests, struct buffer *admitted,
                 struct error *err);
    const struct task_observer *observer;
    void *user;
};

/* Somebody waits until the store holds what the service says. */
struct task_ready {
    struct tasks *tasks;
    struct task_ready *next, **at;
    uint64_t id;
    uint64_t ticket; /* of the store */
    struct task_owner owner;
    char task[TASK_ID_LENGTH];
    size_t task_len; /* 0: all of the owner */
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

struct tasks {
    struct task_parts parts;
    struct task_service service;
    struct str_index by_id;
    struct task_run *runs;
    struct task *soonest, *latest; /* those that expire, in this order */
    struct timer *timer;
    uint64_t last_order;
    struct task_ready *waiting;
    uint64_t last_ready;
};

static inline struct str task_id(const struct task *task)
{
    return (struct str){task->id, TASK_ID_LENGTH};
}

/* entry.c */
/* A task with the id that does not expire and has ended. NULL without memory. */
struct task *task_add(struct tasks *tasks, struct str id);
/* Frees the entry of a task that has ended; its record stays. */
void task_forget(struct task *task);

/* record.c */
/* A copy of the stored record; its text is borrowed until the next call of the store. */
int task_load(const struct task *task, struct task_record *out, struct error *err);
/* Stores the record, updated now. */
int task_save(const struct task *task, struct task_record *record, struct error *err);
void task_tell(const struct task *task);
bool task_status_is_final(enum task_status status);
const char *task_status_name(enum task_status status);

/* ready.c */
void task_service_ready(void *ctx, const struct caller *caller, struct str id,
                        void (*done)(void *arg, const struct error *err), void *arg,
                        uint64_t *ticket);
void task_service_forget(void *ctx, uint64_t ticket);
/* Nobody is told any more. */
void task_ready_free(struct tasks *tasks);

/* tasks.c */
/* Takes a stored record of another process, or of an earlier one, over: what nobody runs any more has
 * failed. */
int task_take_over(struct tasks *tasks, const struct task_record *stored, struct error *err);

/* work.c */
int task_work_new(const struct call_request *what, struct task_work **out, struct error *err);
void task_work_unuse(struct task_work *work);

/* run.c */
/* Calls the tool: for the first time if `resume` is NULL, else with its state and answers. */
int task_run(struct task *task, const struct task_record *resume, struct error *err);
/* What the call reports from now on is of no interest; it is cancelled too. */
void task_stop_run(struct task *task);
void task_runs_free(struct tasks *tasks);

/* answer.c */
/* Calls the tool again with record->state and the answers; a client sees that the task works. */
int task_resume(struct task *task, struct task_record *record, struct str answers,
                struct error *err);

/* outcome.c */
void task_take_outcome(struct task *task, const struct call_outcome *outcome);
void task_fail(struct task *task, const struct error *why);
void task_cancel(struct task *task, struct str message);

/* requests.c: the keys of requests, as the plugin gave them and as clients see them */
/* Writes the object with clients' keys. They differ from those of all other rounds. */
void task_requests_write(struct json requests, uint32_t round, struct buffer *out);
/* The plugin's key of a client's key. */
struct str task_key_of_plugin(struct str key, uint32_t round);

/* expiry.c */
int task_expiry_init(struct tasks *tasks, struct error *err);
/* Lets it expire `ms` from now. */
void task_expire_in(struct task *task, uint64_t ms);
void task_expire_never(struct task *task);

/* view.c */
/* The caller's task, and a copy of its record (see task_load). ST_NOT_FOUND. */
int task_find(struct tasks *tasks, const struct call_context *context, struct str id,
              struct task **task, struct task_record *record, struct error *err);

/* start.c, cancel.c, answer.c, and view.c again: the service */
int task_view_of(const struct task *task, struct task_view *out, struct error *err);
int task_service_get(void *ctx, const struct call_context *context, struct str id,
                     struct task_view *out, struct error *err);
int task_service_next(void *ctx, const struct call_context *context, uint64_t after,
                      struct task_view *out, struct error *err);
int task_service_start(void *ctx, const struct call_request *what,
                       const struct task_options *options, struct task_view *out,
                       struct error *err);
int task_service_cancel(void *ctx, const struct call_context *context, struct str id,
                        struct task_view *out, struct error *err);
int task_service_answer(void *ctx, const struct call_context *context, struct str id,
                        struct json answers, struct error *err);
void task_service_detach(void *ctx, struct str id, const void *user);
