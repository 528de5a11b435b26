/*
 * job.h - one call on one database.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/pace.h"
#include "kit/reach.h"
#include "request.h"
#include "rows.h"
#include "settings.h"

struct job {
    const hexmcp_round *r;
    const struct request *q;
    const struct database *db; /* NULL: the SQLite file of the request */
    struct pace pace;
    struct rows rows;          /* of a query; of explain and schema what they tell */
    int64_t affected;          /* rows that were changed; -1: none was to be */
    bool committed;
};

/* Once in a while: HEXMCP_E_CANCELLED or HEXMCP_E_TIMEOUT with a text, if the call is to end. */
int32_t job_step(struct job *job);

/* Milliseconds that are left, at least 1. */
int job_left_ms(const struct job *job);

/* What a database said, cut, as the error of the call. */
int32_t job_refused(const struct job *job, int32_t code, const char *what, const char *said);

/* The statement is none of what the call is for. */
int32_t job_wrong_kind(const struct job *job);

/* A statement of ours around the query: `head` and then the query; to be freed, NULL without memory. */
char *job_around_query(const struct job *job, const char *head);

/* The engines: each runs the operation of the request and fills rows, affected and committed. A schema is
 * rows of (table, kind, column, type, nullable, in the primary key), ordered by table; a plan is rows of any
 * columns. */
int32_t sqlite_run(struct job *job);
int32_t postgresql_run(struct job *job);
int32_t mariadb_run(struct job *job);

/* Connects to job->db by hexmcp.net/1, which checks the host and its address. *fd is the caller's; address
 * is that of the other end in numbers, so that a library can be told where to connect without asking
 * a resolver again. */
#define ADDRESS_ROOM REACHED_ADDRESS
int32_t job_reach(const struct job *job, int *fd, char address[ADDRESS_ROOM]);

/* The password of job->db; job_forget() is due, also after an error. */
#define PASSWORD_ROOM 1025
int32_t job_password(const struct job *job, char password[PASSWORD_ROOM]);
void job_forget(char password[PASSWORD_ROOM]);
