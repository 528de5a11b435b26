/*
 * Tasks: tool calls that outlive the request that started them.
 *
 *   start -> working -> (input required -> working)* -> completed | failed | cancelled -> expired
 *
 * The record of a task is in the store. Beside it the service keeps for each task when it expires,
 * and until it has ended what the next call of the tool needs. Everything runs on the loop thread.
 */
#pragma once

#include "core/changes/changes.h"
#include "ports/driven/clock.h"
#include "ports/driven/random.h"
#include "ports/driven/task_store.h"
#include "ports/driven/timer.h"
#include "ports/driving/task_service.h"

struct task_limits {
    size_t per_owner;        /* tasks of one owner, ended ones included                       */
    uint64_t default_ttl_ms; /* for who asks for none; 0: for ever                            */
    uint64_t max_ttl_ms;     /* 0: no limit                                                   */
    uint32_t poll_ms;        /* what clients are told                                         */
    size_t result_bytes;     /* the most that a tool's result, or what it asks, may have      */
};

/* 1,000 tasks; an hour, at most a day; a second; 16 MiB. */
struct task_limits task_limits_default(void);

/* What the service needs. All of it but `calls` must outlive the service. */
struct task_parts {
    const struct call_service *calls;
    const struct task_store *store;
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct random_port *random;
    struct changes *changes;
    struct task_limits limits;
};

struct tasks;

/* Tasks that the store holds from an earlier process are there again; those that had not ended have
 * failed. */
int tasks_new(const struct task_parts *parts, struct tasks **out, struct error *err);

/* Cancels every task that has not ended. */
void tasks_shutdown(struct tasks *tasks);

/* Call it when the call service is gone, or has no call of a task any more. What is stored stays.
 * NULL is allowed. */
void tasks_free(struct tasks *tasks);

/* The driving port. Lives as long as the service. */
const struct task_service *tasks_service(struct tasks *tasks);
