/* Inside of the store: a record and all of its text, and an owner, each in one piece of memory. */
#pragma once

#include "ports/driven/task_store.h"

struct kept_owner {
    struct task_owner owner;
    size_t count;            /* of records */
    struct kept_owner *next; /* the same caller in another tenant */
};

struct kept {
    struct task_record record;
    struct kept_owner *owner;
};

/* Copies; NULL without memory. Freed with free(). */
struct kept_owner *kept_owner_new(const struct task_owner *owner);
struct kept *kept_new(const struct task_record *record);
