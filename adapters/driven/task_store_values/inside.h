/* Inside of the store: what is held of each task beside its record, and who waits. */
#pragma once

#include "adapters/driven/task_store_values/task_store_values.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str_index.h"

#define TASKS_SPACE STR("tasks")
#define RECORD_PREFIX "task/"
#define ALIVE_PREFIX "alive/"
#define KEY_MAX 128

/* A process that has not said for so long that it is alive is not. */
#define ALIVE_TTL_MS 30000
#define ALIVE_EVERY_MS 10000

/* After a failed write, until the next. */
#define RETRY_MS 1000

/* Records of one write, and about how many bytes. */
#define WRITE_RECORDS_MAX 100
#define WRITE_BYTES_MAX ((size_t)8 << 20)

/* A task of this process, or one that is to be removed. */
struct held {
    char *id;
    bool dirty;      /* what is stored is older               */
    bool writing;    /* a write of it is on its way           */
    bool removed;
    bool unfinished; /* the process has to say that it lives  */
};

struct waiting {
    struct task_store_values *store;
    struct waiting *next, **at;
    uint64_t ticket;
    char *id; /* NULL: all */
    struct task_owner owner;
    bool forgotten; /* nobody is told; it is freed when the values have answered */
    bool reading;   /* the values were asked, and have not answered */
    void (*done)(void *arg, const struct error *err);
    void *arg;
    /* while it reads */
    struct buffer alive; /* "/PROCESS/PROCESS/" of those that live */
    struct buffer at_key;
};

struct task_store_values {
    struct task_store port;
    struct task_store_values_config config;
    struct task_store_memory *memory;
    const struct task_store *records; /* of `memory` */
    struct str_index held;
    struct waiting *waiting;
    uint64_t last_ticket;
    char process[33];
    size_t dirty, unfinished;
    bool writing;
    struct timer *timer; /* for the next word that we live, or the next try */
    bool alive_due;
    struct str_index batch; /* of the write on its way: `held` by id */
};

static inline struct str waiting_id(const struct waiting *w)
{
    return str_from(w->id);
}

/* write.c */
/* Marks the task as changed; true if there is memory for it. */
struct held *hold(struct task_store_values *store, struct str id, struct error *err);
void mark_dirty(struct task_store_values *store, struct held *held);
void write_dirty(struct task_store_values *store);
void write_timer(void *arg);

/* wait.c */
struct waiting *wait_new(struct task_store_values *store, struct str id,
                         const struct task_owner *owner);
/* Takes it out and tells it. */
void wait_end(struct waiting *w, const struct error *err);
/* A write has ended: tells who waited for it; with an error all that need one of its records. */
void wait_look(struct task_store_values *store, const struct error *err);

/* read.c */
/* Reads what is of other processes, then ends `w`. */
void read_for(struct waiting *w);
