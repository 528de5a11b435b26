/* Inside of adapters/driven/backup. Functions are [worker] unless they say [loop]. */
#pragma once

#include "adapters/driven/backup/backup.h"
#include "core/backup/container.h"
#include "core/base/buffer.h"
#include "core/base/error.h"

#define PRINT_BYTES 16
#define BATCH_BYTES ((size_t)1 << 20)
#define SUFFIX ".hexmcpb"

struct backups {
    struct backup_ports ports;
    struct backup_options options;
    char *folder, *store, *key;
    bool busy, closed;
    unsigned jobs; /* under way */
};

/* [loop] A job keeps `b` until it ends. */
void backups_hold(struct backups *b);
void backups_release(struct backups *b);

/* ---- files (folder.c) ---- */

struct backup_list {
    struct backup_facts *all;
    size_t count;
};

int folder_make(const char *folder, struct error *err);

/* Header and summary of each; the oldest first. */
int folder_list(const char *folder, struct backup_list *out, struct error *err);

/* What is wrong with a backup that is in no list. */
int folder_why_not(const char *folder, const char *id, struct error *err);

/* The name of a file of the folder; `part`: while it is written. Free it. */
char *folder_path(const char *folder, const char *id, bool part);
int folder_sync(const char *folder, struct error *err);

/* What a process that died left behind a day ago. */
void folder_sweep(const char *folder);

struct backup_file {
    int fd;
    struct container_reader reader;
    struct backup_facts facts;
};

/* Opens a file, reads its header, and unlocks it. */
int file_open(const struct backups *b, const char *path, struct backup_file *out, struct error *err);
void file_close(struct backup_file *file);

/* ---- chains (chain.c) ---- */

void print_of(struct str record, uint8_t print[PRINT_BYTES]);

/* Where a record that is no event is. */
struct place {
    uint8_t print[PRINT_BYTES]; /* first: places are sorted by it */
    uint32_t file, frame, offset;
};

/* A backup and all that it adds to, the full one first; all of it has been read. */
struct chain {
    char **paths;
    struct backup_facts *facts;
    size_t count;
    struct buffer places; /* struct place, sorted                                                 */
    struct buffer prints; /* of the last one: what was there, in order                            */
    uint64_t events;
};

int chain_load(const struct backups *b, const struct backup_list *list, const char *id,
               struct chain *out, struct error *err);
void chain_clear(struct chain *chain);
const struct place *chain_find(const struct chain *chain, const uint8_t print[PRINT_BYTES]);

/* The kind of a record ("event"); for events the position too. */
int record_kind(struct str json, char kind[16], uint64_t *position, struct error *err);

/* ---- records out of a chain (source.c) ---- */

struct source;

/* `kinds`: JSON array, or NULL for all; `others`: all but these. */
int source_new(const struct backups *b, const struct chain *chain, const char *kinds, bool others,
               struct source **out, struct error *err);
/* Appends records (record_append) of about BATCH_BYTES; none: the end. */
int source_next(struct source *s, struct buffer *out, struct error *err);
void source_free(struct source *s);
