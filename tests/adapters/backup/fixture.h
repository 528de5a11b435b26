/* Backups of a store in memory, in a folder of their own, with real compression and encryption. */
#pragma once

#include "adapters/driven/backup/backup.h"
#include "adapters/driven/secretstream/secretstream.h"
#include "adapters/driven/zstd/zstd.h"
#include "core/base/buffer.h"

struct job {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct world {
    char folder[64];
    struct zstd_module *zstd;
    struct secretstream_module *secretstream;
    struct backups *backups;
    struct clock_port clock;
    struct random_port random;
    struct executor_port executor;
    struct backup_keys keys;
    struct store_dump dump;
    int64_t now_ms;
    uint32_t chance;
    char key_byte;       /* of the key "main" */
    struct job jobs[16];
    size_t job_count;
    bool no_workers;     /* the executor is full */
    /* The store: records one behind the other, as record_append() writes them. */
    struct buffer store, loading;
    struct buffer snapshot;
    struct str rest;
    struct dump_sink sink;
    bool dumping;
    int fail_load;       /* the load so many records from now fails; -1: none */
    void (*meanwhile)(struct world *w); /* after each record that is dumped */
    /* Of the last question. */
    int told, code;
    char text[500];
    struct backup_facts facts;
    struct restore_result result;
    struct backup_facts all[40];
    bool gone[40];
    size_t count;
    char phases[40];
};

int world_open(void **state);
int world_close(void **state);

/* With the key of that name; empty: no encryption. */
void world_configure(struct world *w, const char *key);

void event(struct world *w, unsigned position, const char *data);
void value(struct world *w, const char *key, unsigned version, const char *data, size_t len);
void forget(struct world *w);

/* Each gives the status; the facts are in w->facts. */
int create(struct world *w, enum backup_kind kind);
int verify(struct world *w, const char *id);
int restore(struct world *w, const char *id, bool dry_run, const char *kinds);
int list(struct world *w);
int prune(struct world *w, bool dry_run);

/* Path of a backup's file. */
void path_of(struct world *w, const char *id, char path[200]);
