/*
 * pg.h - a connection to PostgreSQL, of one thread.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is made when it is needed and made anew when it was lost; between two tries that failed some time
 * passes, in which all fails at once. No statement waits longer than the limit of time.
 */
#pragma once

#include "kit/job.h"

#include <libpq-fe.h>

struct settings {
    char *url;        /* postgresql://...; may hold a password: never shown                       */
    char *schema;
    int timeout_ms;   /* of a statement, and of connecting                                       */
};

struct pg {
    const struct settings *settings;
    PGconn *conn;
    int patient;      /* statements may take as long as they like (dump and restore)              */
    int lost;         /* the last statement found the connection gone                             */
    int in_transaction;
    int64_t not_before_ms; /* of the next try to connect                                          */
    int64_t pause_ms;
    hexmcp_error refused;  /* why the last try failed                                             */
    const char *prepared[64];
    size_t prepared_count;
};

/* HEXMCP_OK when there is a connection, with the schema in its place. */
int32_t pg_connect(struct pg *pg, hexmcp_error *err);
void pg_close(struct pg *pg);

/* schema.c: makes the tables, or those that are missing to the newest version. */
int32_t pg_schema(struct pg *pg, hexmcp_error *err);

/* Parameters of a statement, in binary form. At most PG_ARGS. */
#define PG_ARGS 8
struct pg_args {
    int count;
    Oid types[PG_ARGS];
    const char *values[PG_ARGS];
    int lengths[PG_ARGS];
    int formats[PG_ARGS];
    unsigned char numbers[PG_ARGS][8];
};

void pg_bytes(struct pg_args *args, hexmcp_str bytes);
void pg_number(struct pg_args *args, uint64_t number);
void pg_double(struct pg_args *args, double number);
void pg_text(struct pg_args *args, hexmcp_str text);
void pg_null(struct pg_args *args); /* bytes that are not there */

/* An array of bytes or of numbers; free `bytes`. bytes without ptr are NULL. */
struct pg_array {
    uint32_t type;
    struct bytes bytes;
};
void pg_array_begin(struct pg_array *array, int numbers, size_t count);
void pg_array_bytes(struct pg_array *array, hexmcp_str bytes);
void pg_array_number(struct pg_array *array, uint64_t number);
void pg_array(struct pg_args *args, const struct pg_array *array);

/* Runs one statement, `sql` a literal: it is prepared once. `row` is called for each row of the result,
 * in binary form; it may be NULL. *affected (may be NULL) is the number of rows that were changed. */
int32_t pg_run(struct pg *pg, const char *sql, const struct pg_args *args,
               int32_t (*row)(void *arg, const PGresult *row, hexmcp_error *err), void *arg,
               uint64_t *affected, hexmcp_error *err);

/* Statements without parameters and rows, not prepared. */
int32_t pg_exec(struct pg *pg, const char *sql, hexmcp_error *err);

/* The one row of a statement, or none: the caller clears *out, which is NULL without a row. */
int32_t pg_one(struct pg *pg, const char *sql, const struct pg_args *args, PGresult **out,
               hexmcp_error *err);

/* Columns of a row. */
hexmcp_str pg_get_bytes(const PGresult *row, int column);
uint64_t pg_get_number(const PGresult *row, int column);
double pg_get_double(const PGresult *row, int column);

int64_t pg_clock_ms(void);
