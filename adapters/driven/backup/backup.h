/*
 * Backups of the store: files in a folder, made from its dump while it is used, and put back into it
 * (docs/backup.md). core/backup has the format and the rules; here are the files, and the order of what
 * is done.
 *
 * All [loop]; files are read and written on workers. One backup or restore at a time: a second one is
 * ST_BUSY.
 */
#pragma once

#include "core/backup/plan.h"
#include "ports/driven/clock.h"
#include "ports/driven/codec.h"
#include "ports/driven/executor.h"
#include "ports/driven/random.h"
#include "ports/driven/store_dump.h"
#include "ports/driven/stream_cipher.h"

/* Keys by name. [worker] The bytes are wiped after use. ST_NOT_FOUND, ST_UNAVAILABLE. */
struct backup_keys {
    void *ctx;
    int (*find)(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err);
};

/* All of it outlives the backups. */
struct backup_ports {
    const struct store_dump *dump;
    const struct executor_port *executor;
    const struct codec_port *codec;
    const struct stream_cipher_port *cipher;
    const struct clock_port *clock;
    const struct random_port *random;
    const struct backup_keys *keys;
};

struct backup_options {
    const char *folder; /* made when it is needed, 0700                                          */
    const char *store;  /* kind of the store, for the header                                     */
    const char *key;    /* new backups are encrypted with the key of that name; empty: not       */
    struct backup_rules rules;
};

struct backups;

int backups_new(const struct backup_ports *ports, const struct backup_options *options,
                struct backups **out, struct error *err);

/* Gives up what is under way, as soon as it can, and tells nobody. The loop has to be turned as long as
 * backups_working() and before backups_free(). */
void backups_stop(struct backups *b);
bool backups_working(const struct backups *b);

/* Nothing is under way. NULL is allowed. */
void backups_free(struct backups *b);

enum backup_kind { BACKUP_AUTO, BACKUP_FULL, BACKUP_INCREMENTAL };

typedef void backup_done(void *arg, const struct error *err, const struct backup_facts *facts);

/* Writes one, reads it back whole, and gives it its name then. ST_UNSUPPORTED: BACKUP_INCREMENTAL, and
 * there is none to add to. */
void backups_create(struct backups *b, enum backup_kind kind, enum backup_importance importance,
                    backup_done *done, void *arg);

/* All, the oldest first. What is no backup is left out. */
void backups_list(struct backups *b,
                  void (*done)(void *arg, const struct error *err, const struct backup_facts *all,
                               size_t count),
                  void *arg);

/* Reads one and all that it adds to, whole. */
void backups_verify(struct backups *b, const char *id, backup_done *done, void *arg);

enum restore_phase { RESTORE_CHECKING, RESTORE_SAVING, RESTORE_LOADING, RESTORE_DONE };

struct restore_progress {
    enum restore_phase phase;
    uint64_t records; /* loaded so far */
    uint64_t of;
};

struct restore_result {
    struct backup_facts facts;  /* of what was restored                                          */
    struct backup_facts before; /* of the backup that was made first; no id in a dry run          */
    uint64_t records;
};

struct restore_options {
    const char *id;
    bool dry_run;        /* only check                                                           */
    const char *kinds;   /* JSON array of kinds of records, or NULL: all. What the store has of other
                          * kinds is kept: it comes from the backup that was made first           */
    void (*progress)(void *arg, const struct restore_progress *progress); /* may be NULL         */
};

/* Checks the backup and all that it adds to, makes a backup of what is there, and puts the records in
 * its place at once. After an error nothing has changed. */
void backups_restore(struct backups *b, const struct restore_options *options,
                     void (*done)(void *arg, const struct error *err,
                                  const struct restore_result *result),
                     void *arg);

/* Removes what the rules say, or only tells; `gone` fits to `all`. */
void backups_prune(struct backups *b, bool dry_run,
                   void (*done)(void *arg, const struct error *err, const struct backup_facts *all,
                                const bool *gone, size_t count),
                   void *arg);
