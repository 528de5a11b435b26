/*
 * Tasks: tool calls that a client starts, and asks for later. All [loop].
 *
 * A task belongs to the caller that started it. For everybody else it is unknown: ST_NOT_FOUND,
 * with the same text as for an id that never was. Each change that a client can see is told as
 * CHANGE_TASK, except those that happen before start() returns.
 *
 * A store that fails makes each of these fail with its error.
 *
 * All but ready() answer from what this process holds. Before a client is told of a task, and before
 * one that may be of another process is asked for, ready() has told its done().
 */
#pragma once

#include "ports/driving/call_service.h"
#include "ports/task.h"

struct buffer;

/* What a client may see of a task. Its text is borrowed until the next call of the service other
 * than detach(), or until control goes back to the loop. */
struct task_view {
    struct str id;
    uint64_t order; /* for next() */
    struct str tool;
    enum task_status status;
    bool tool_error; /* TASK_COMPLETED, by a result that tells of an error */
    struct str message;
    int64_t created_ms; /* UTC, milliseconds since 1970 */
    int64_t updated_ms;
    uint64_t ttl_ms; /* 0: kept for ever */
    uint32_t poll_ms;
    struct str result; /* TASK_COMPLETED: JSON text, see call_service.h */
    int error_code;    /* TASK_FAILED: enum status; never a tool's own error */
    struct str error;
    struct str requests; /* TASK_INPUT_REQUIRED: JSON object of those not answered */
    struct str client;   /* as given to start() */
};

/* Hears what the tool reports while it runs, also before start() returns. Each may be NULL. */
struct task_observer {
    void (*progress)(void *user, struct str id, double progress, double total,
                     struct str message);
    void (*log)(void *user, struct str id, enum log_level level, struct str logger,
                struct str text);
};

struct task_options {
    uint64_t ttl_ms;   /* as asked; 0: the default. The service may give less. */
    struct str client; /* kept with the task; copied */
    /* Asked when the tool wants input, with its requests by its own keys: writes the object of those
     * that this client can be asked. The tool goes on without the others, at once if there are none
     * left. An error means that it cannot, and fails the task. May be NULL: all can be asked. Must
     * be a function that lives as long as the service. */
    int (*admit)(struct str client, struct json requests, struct buffer *admitted,
                 struct error *err);
    const struct task_observer *observer; /* until the task ends or detach(); may be NULL */
    void *user;                           /* given to the observer */
};

struct task_service {
    void *ctx;
    bool durable; /* tasks outlive the process */

    /* Tells done() once, perhaps before return, when what the functions below say of the task, or with
     * an empty id of all tasks of the caller, is what is stored; or why that cannot be. *ticket is for
     * forget(), 0 if done() was told already. */
    void (*ready)(void *ctx, const struct caller *caller, struct str id,
                  void (*done)(void *arg, const struct error *err), void *arg, uint64_t *ticket);

    /* done() is not told any more; unknown tickets are ignored. */
    void (*forget)(void *ctx, uint64_t ticket);

    /* Keeps the task, then calls the tool. `what` must be an ACTION_CALL; all of it is copied, and
     * its observer, `release` and deadline play no part: the tool's own time limit counts for each
     * round. With `resume` the task goes on where a call that asked for input has ended. *out can show a task that has ended already.
     * ST_NOT_FOUND: there is no such tool; ST_BUSY: the caller has too many tasks. Then there is no
     * task. */
    int (*start)(void *ctx, const struct call_request *what, const struct task_options *options,
                 struct task_view *out, struct error *err);

    int (*get)(void *ctx, const struct call_context *context, struct str id,
               struct task_view *out, struct error *err);

    /* The caller's tasks in the order of their start: the first one behind the place `after` (0:
     * the first of all). ST_NOT_FOUND if there is none. Places stay valid when tasks go. */
    int (*next)(void *ctx, const struct call_context *context, uint64_t after,
                struct task_view *out, struct error *err);

    /* The task is cancelled at once, whatever the tool does. ST_INVALID if it has ended. */
    int (*cancel)(void *ctx, const struct call_context *context, struct str id,
                  struct task_view *out, struct error *err);

    /* Answers to some or all of view.requests: an object of objects, copied. Keys that are not in
     * view.requests are ignored, so every answer to a task that does not ask is ST_OK. With the
     * last answer the tool is called again. ST_INVALID: not an object of objects; then no answer is
     * taken. */
    int (*answer)(void *ctx, const struct call_context *context, struct str id,
                  struct json answers, struct error *err);

    /* `user` is not called any more for this task, or for any task if `id` is empty. */
    void (*detach)(void *ctx, struct str id, const void *user);
};
