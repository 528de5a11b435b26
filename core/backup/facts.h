/* What is known of a backup without its records: the header and the summary of its file. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/digest/blake3.h"
#include "ports/driven/stream_cipher.h"

/* "20261121T120000Z-1a2b3c4d", NUL */
#define BACKUP_ID_SIZE 26
#define BACKUP_NAME_SIZE 65

enum backup_importance { BACKUP_LOW = 1, BACKUP_STANDARD, BACKUP_IMPORTANT, BACKUP_CRITICAL };

struct backup_facts {
    /* Header. */
    char id[BACKUP_ID_SIZE];
    char parent[BACKUP_ID_SIZE];  /* empty: a full one                                            */
    int64_t created_ms;
    enum backup_importance importance;
    char store[BACKUP_NAME_SIZE]; /* kind of the store: "sqlite"                                  */
    char key[BACKUP_NAME_SIZE];   /* name of the key; empty: not encrypted                        */
    uint8_t start[STREAM_START_BYTES];
    /* Summary. */
    uint64_t position;            /* of the newest event; this and all before are in the chain    */
    uint64_t records;             /* of the store at that moment                                  */
    uint64_t written;             /* records in this file                                         */
    uint8_t newest[BLAKE3_BYTES]; /* digest of the newest event's record                          */
    /* Of the file. */
    uint64_t bytes;
};

/* True for what this module would have made. */
bool backup_id_valid(struct str id);

void backup_make_id(int64_t wall_ms, uint32_t chance, char out[BACKUP_ID_SIZE]);

/* "low", "standard", "important", "critical" */
const char *backup_importance_name(enum backup_importance importance);
bool backup_importance_parse(struct str name, enum backup_importance *out);

void backup_write_header(const struct backup_facts *facts, struct buffer *out);
void backup_write_summary(const struct backup_facts *facts, struct buffer *out);

/* ST_INVALID. Each fills its part. */
int backup_parse_header(struct str json, struct backup_facts *facts, struct error *err);
int backup_parse_summary(struct str json, struct backup_facts *facts, struct error *err);

/* All of it, as an object for people. */
void backup_describe(const struct backup_facts *facts, struct buffer *out);
