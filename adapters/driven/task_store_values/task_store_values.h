/*
 * Tasks in the store of values (ports/driven/key_value_store.h): they survive the process, and other
 * processes that share the store see them.
 *
 * A record is the value "task/ID" of the space "tasks". While a process has tasks that have not ended it
 * keeps "alive/PROCESS" there, which runs out by itself: a task of a process that is not alive has
 * failed. What this process runs it also holds in memory.
 */
#pragma once

#include "ports/driven/clock.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/random.h"
#include "ports/driven/task_store.h"
#include "ports/driven/timer.h"

/* The longest text of one record, in bytes: what a value may have. */
#define TASK_VALUE_MAX VALUE_MAX

/* All of it outlives the store. */
struct task_store_values_config {
    const struct key_value_store *values;
    const struct clock_port *clock;
    const struct timer_port *timers;
    const struct random_port *random;
};

struct task_store_values;

/* Asks the values for nothing. */
int task_store_values_new(const struct task_store_values_config *config,
                          struct task_store_values **out, struct error *err);

/* True if nothing waits to be written. */
bool task_store_values_idle(const struct task_store_values *store);

/* What waits is told ST_CANCELLED. The values must not tell anything any more. NULL is allowed. */
void task_store_values_free(struct task_store_values *store);

/* The port; lives as long as the store. */
const struct task_store *task_store_values_port(struct task_store_values *store);
