/*
 * One connection to the file, with its statements. A connection belongs to one thread at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "config.h"
#include "text.h"

#include <sqlite3.h>

/* "hxst" */
#define STORE_APPLICATION 0x68787374
#define STORE_VERSION 1

/* The statements; their texts are in sql.c. */
enum sql {
    SQL_BEGIN_WRITE,
    SQL_BEGIN_READ,
    SQL_COMMIT,
    SQL_ROLLBACK,

    SQL_STREAM_FIND,
    SQL_STREAM_ADD,
    SQL_STREAM_MOVE,
    SQL_EVENT_ADD,
    SQL_EVENT_RESTORE,
    SQL_EVENTS_FORWARD,
    SQL_EVENTS_BACKWARD,
    SQL_EVENTS_ALL,
    SQL_EVENTS_LAST,
    SQL_KEY_FIND,
    SQL_KEY_ADD,
    SQL_KEY_REAP,

    SQL_PROJECTION_FIND,
    SQL_PROJECTION_ADD,
    SQL_PROJECTION_MOVE,
    SQL_PROJECTION_NAME,
    SQL_PROJECTION_REAP,
    SQL_PROJECTION_DEAD,
    SQL_ROW_SET,
    SQL_ROW_REMOVE,
    SQL_ROWS_FORWARD,
    SQL_ROWS_BACKWARD,
    SQL_ROWS_REAP,

    SQL_VALUE_FIND,
    SQL_VALUE_GET,
    SQL_VALUE_ADD,
    SQL_VALUE_CHANGE,
    SQL_VALUE_REMOVE,
    SQL_VALUES_LIST,
    SQL_VALUES_EXPIRED,
    SQL_FLOOR_FIND,
    SQL_FLOOR_RAISE,

    SQL_BLOB_FIND,
    SQL_BLOB_ADD,
    SQL_BLOB_TOUCH,
    SQL_BLOB_SHOW,
    SQL_BLOB_HIDE,
    SQL_BLOBS_LIST,
    SQL_BLOB_DEAD,
    SQL_BLOB_REAP,
    SQL_PART_ADD,
    SQL_PART_GET,
    SQL_PARTS_REAP,

    SQL_DOCUMENT_FIND,
    SQL_DOCUMENT_ADD,
    SQL_DOCUMENT_CHANGE,
    SQL_DOCUMENT_REMOVE,
    SQL_DOCUMENTS_IDS,
    SQL_DOCUMENTS_SCAN,
    SQL_DOCUMENTS_SCAN_COUNT,
    SQL_WORDS_ADD,
    SQL_WORDS_REMOVE,
    SQL_WORDS_FIND,
    SQL_WORDS_COUNT,

    SQL_DUMP_EVENTS,
    SQL_DUMP_PROJECTIONS,
    SQL_DUMP_ROWS,
    SQL_DUMP_VALUES,
    SQL_DUMP_BLOBS,
    SQL_DUMP_DOCUMENTS,

    SQL_COUNT
};

extern const char *const sql_texts[SQL_COUNT];

struct db {
    sqlite3 *handle;
    const char *path; /* borrowed */
    int busy_ms;
    bool failed; /* a statement failed: what the transaction has done so far is not to be trusted */
    sqlite3_stmt *statements[SQL_COUNT];
};

enum db_kind { DB_WRITER, DB_READER };

/* Opens a connection to a file that is there. db_close() also after an error. */
int32_t db_open(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err);

/* The same in two steps: the first reads nothing of the file. */
int32_t db_connect(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err);
int32_t db_set_up(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err);
void db_close(struct db *db);

/* The statement, ready for db_bind_*(); NULL with *err filled. */
sqlite3_stmt *db_sql(struct db *db, enum sql which, hexmcp_error *err);

/* `bytes` is borrowed until the statement is stepped for the last time. */
void db_bind_text(sqlite3_stmt *s, int at, hexmcp_str text);
void db_bind_bytes(sqlite3_stmt *s, int at, hexmcp_str bytes);
void db_bind_number(sqlite3_stmt *s, int at, int64_t number);

/* 1: a row is there; 0: no more; else an error and *err. After 0 or an error, or when no more rows are
 * wanted, db_end(). */
int32_t db_step(struct db *db, sqlite3_stmt *s, hexmcp_error *err);
void db_end(sqlite3_stmt *s);

/* Runs it to its end, without rows. */
int32_t db_do(struct db *db, sqlite3_stmt *s, hexmcp_error *err);
int32_t db_run(struct db *db, enum sql which, hexmcp_error *err);
int32_t db_exec(struct db *db, const char *text, hexmcp_error *err);

/* Columns of a row, borrowed until the next step. */
hexmcp_str db_text(sqlite3_stmt *s, int column);
int64_t db_number(sqlite3_stmt *s, int column);

/* Fills *err with what SQLite says of the last failure and marks the connection as failed. */
int32_t db_fail(struct db *db, const char *doing, hexmcp_error *err);

/* The first number of the first row of a text that needs no parameters. */
int32_t db_ask(struct db *db, const char *text, int64_t *ret, hexmcp_error *err);
