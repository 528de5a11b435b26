/*
 * mariadb.h - inside of the engine for MariaDB and MySQL.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <mysql.h>

#include "job.h"

struct maria {
    struct job *job;
    MYSQL *conn;
    char address[ADDRESS_ROOM];
    int checked; /* the descriptor that hexmcp.net/1 gave, until the connection has it; else -1 */
    int32_t stopped; /* what job_step() said; the connection is of no use then */
};

/* Waits until what libmariadb waits for has come; what it is to be told. When the call is to end the query
 * is stopped on the server and the connection shut, so that libmariadb comes to an end. */
int maria_wait(struct maria *m, int waiting);

/* Runs a function of libmariadb that has a _start and a _cont, to its end. */
#define MARIA_RUN(m, result, name, object, ...)                    \
    do {                                                           \
        int waiting_ = name##_start(&(result), __VA_ARGS__);       \
        while (waiting_)                                           \
            waiting_ = name##_cont(&(result), (object), maria_wait((m), waiting_)); \
    } while (0)

int32_t maria_connect(struct maria *m);
void maria_close(struct maria *m);

/* A statement of ours. */
int32_t maria_execute(struct maria *m, const char *sql);

/* The error of the call from what the server said; job_step()'s if it was stopped. */
int32_t maria_refused(const struct maria *m, unsigned number, const char *said);

/* Puts the row that `statement` has fetched, with its columns as `fields` say. */
void maria_put_row(struct maria *m, MYSQL_STMT *statement, const MYSQL_FIELD *fields, unsigned count);

/* The name of a column's type. */
const char *maria_type(const MYSQL_FIELD *field);
