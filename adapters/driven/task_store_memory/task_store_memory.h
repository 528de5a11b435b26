/* Tasks in memory: they end with the process. */
#pragma once

#include "ports/driven/task_store.h"

struct task_store_memory;

/* NULL without memory. */
struct task_store_memory *task_store_memory_new(void);

/* NULL is allowed. */
void task_store_memory_free(struct task_store_memory *store);

/* The port; lives as long as the store. */
const struct task_store *task_store_memory_port(struct task_store_memory *store);
