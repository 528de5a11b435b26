/*
 * pg.c - see pg.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pg.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 2000
#define PATIENT_MS (3600 * 1000)

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_BYTEA_ARRAY 1001
#define OID_INT8_ARRAY 1016
#define OID_FLOAT8 701

int64_t pg_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- errors ---- */

/* The first line of a message of libpq, which ends with a line feed. */
static void first_line(const char *message, char *out, size_t size)
{
    size_t len = strcspn(message, "\n");
    snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), message);
}

static int32_t too_slow(const struct pg *pg, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TIMEOUT,
                       "the PostgreSQL server has not answered within %d ms; look what keeps it, or "
                       "raise timeoutMs of the store",
                       pg->settings->timeout_ms);
}

static int32_t lost(struct pg *pg, hexmcp_error *err)
{
    char text[200];
    first_line(PQerrorMessage(pg->conn), text, sizeof(text));
    pg_close(pg);
    pg->lost = 1;
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "the connection to the PostgreSQL server was lost (%s); it is made again with "
                       "the next request",
                       text);
}

static int32_t refused(const PGresult *result, hexmcp_error *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    int32_t code = HEXMCP_E_GENERIC;
    if (!state)
        state = "";
    if (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0)
        code = HEXMCP_E_TIMEOUT;
    else if (strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
             strcmp(state, "25006") == 0)
        code = HEXMCP_E_UNAVAILABLE;
    else if (strcmp(state, "42501") == 0)
        code = HEXMCP_E_DENIED;
    return hexmcp_fail(err, code, "PostgreSQL refused a statement of the store: %s (%s)",
                       text ? text : "it gave no reason", state);
}

/* ---- waiting ---- */

static int64_t deadline(const struct pg *pg)
{
    return pg_clock_ms() + (pg->patient ? PATIENT_MS : pg->settings->timeout_ms);
}

/* Waits until the socket can be read (or written). 0 when the time has run out. */
static int wait_socket(const struct pg *pg, int write, int64_t until)
{
    struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN};
    if (write)
        fd.events |= POLLOUT;
    for (;;) {
        int64_t left = until - pg_clock_ms();
        int n = left > 0 ? poll(&fd, 1, (int)left) : 0;
        if (n > 0)
            return 1;
        if (n == 0 || errno != EINTR)
            return 0;
    }
}

/* Sends what waits, and reads until a result is whole. */
static int32_t wait_result(struct pg *pg, int64_t until, hexmcp_error *err)
{
    for (;;) {
        int left = PQflush(pg->conn);
        if (left < 0)
            return lost(pg, err);
        if (left == 0 && !PQisBusy(pg->conn))
            return HEXMCP_OK;
        if (!wait_socket(pg, left > 0, until)) {
            pg_close(pg);
            return too_slow(pg, err);
        }
        if (!PQconsumeInput(pg->conn))
            return lost(pg, err);
    }
}

/* ---- connecting ---- */

void pg_close(struct pg *pg)
{
    if (pg->conn)
        PQfinish(pg->conn);
    pg->conn = NULL;
    pg->prepared_count = 0;
    pg->in_transaction = 0;
}

static int32_t cannot_connect(const struct pg *pg, int timed_out, hexmcp_error *err)
{
    char text[240];
    first_line(PQerrorMessage(pg->conn), text, sizeof(text));
    if (timed_out)
        return too_slow(pg, err);
    if (strstr(text, "authentication failed") || strstr(text, "no password supplied") ||
        PQconnectionNeedsPassword(pg->conn))
        return hexmcp_fail(err, HEXMCP_E_DENIED,
                           "the PostgreSQL server does not let user %s in: the password is wrong or "
                           "missing; put the right one into storage.url by a secret, or into PGPASSFILE",
                           PQuser(pg->conn) ? PQuser(pg->conn) : "?");
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "the PostgreSQL server cannot be reached: %s; it is tried again with the next "
                       "requests",
                       text);
}

static int32_t open_connection(struct pg *pg, hexmcp_error *err)
{
    int64_t until = deadline(pg);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    int32_t status;
    pg->conn = PQconnectStart(pg->settings->url);
    if (!pg->conn)
        return job_no_memory(err);
    if (PQstatus(pg->conn) != CONNECTION_BAD)
        while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
            if (!wait_socket(pg, state == PGRES_POLLING_WRITING, until)) {
                status = cannot_connect(pg, 1, err);
                pg_close(pg);
                return status;
            }
            state = PQconnectPoll(pg->conn);
        }
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        status = cannot_connect(pg, 0, err);
        pg_close(pg);
        return status;
    }
    PQsetnonblocking(pg->conn, 1);
    return HEXMCP_OK;
}

static int32_t set_up(struct pg *pg, hexmcp_error *err)
{
    char sql[400];
    int limit = pg->patient ? 0 : pg->settings->timeout_ms;
    snprintf(sql, sizeof(sql),
             "SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
             "SET client_min_messages = warning; SET search_path TO \"%s\"",
             limit, limit, pg->settings->schema);
    return pg_exec(pg, sql, err);
}

int32_t pg_connect(struct pg *pg, hexmcp_error *err)
{
    int64_t now = pg_clock_ms();
    int32_t status;
    if (pg->conn && PQstatus(pg->conn) == CONNECTION_OK)
        return HEXMCP_OK;
    pg_close(pg);
    if (now < pg->not_before_ms)
        return hexmcp_fail(err, pg->refused.code, "%s", pg->refused.text);
    pg->refused.size = sizeof(pg->refused);
    status = open_connection(pg, &pg->refused);
    if (status == HEXMCP_OK)
        status = set_up(pg, &pg->refused);
    if (status == HEXMCP_OK)
        status = pg_schema(pg, &pg->refused);
    if (status == HEXMCP_OK) {
        pg->pause_ms = 0;
        return HEXMCP_OK;
    }
    pg_close(pg);
    pg->pause_ms = pg->pause_ms ? pg->pause_ms * 2 : PAUSE_MIN_MS;
    if (pg->pause_ms > PAUSE_MAX_MS)
        pg->pause_ms = PAUSE_MAX_MS;
    pg->not_before_ms = pg_clock_ms() + pg->pause_ms;
    return hexmcp_fail(err, pg->refused.code, "%s", pg->refused.text);
}

/* ---- parameters and columns ---- */

static void big_endian(uint64_t number, unsigned char out[8])
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(number >> (56 - 8 * i));
}

static void add_32(struct bytes *to, uint32_t number)
{
    unsigned char bytes[8];
    big_endian(number, bytes);
    bytes_add(to, bytes + 4, 4);
}

static void add(struct pg_args *args, Oid type, const char *value, size_t len)
{
    args->types[args->count] = type;
    args->values[args->count] = value;
    args->lengths[args->count] = (int)len;
    args->formats[args->count++] = 1;
}

void pg_bytes(struct pg_args *args, hexmcp_str bytes)
{
    add(args, OID_BYTEA, bytes.ptr ? bytes.ptr : "", bytes.len);
}

void pg_text(struct pg_args *args, hexmcp_str text)
{
    add(args, OID_TEXT, text.ptr ? text.ptr : "", text.len);
}

void pg_array(struct pg_args *args, const struct pg_array *array)
{
    add(args, array->type == OID_INT8 ? OID_INT8_ARRAY : OID_BYTEA_ARRAY, array->bytes.ptr,
        array->bytes.len);
}

/* Number of dimensions, whether there are NULLs, type, length and first index; then the members. */
void pg_array_begin(struct pg_array *array, int numbers, size_t count)
{
    const uint32_t head[5] = {1, 1, numbers ? OID_INT8 : OID_BYTEA, (uint32_t)count, 1};
    array->type = head[2];
    for (int i = 0; i < 5; i++)
        add_32(&array->bytes, head[i]);
}

void pg_array_bytes(struct pg_array *array, hexmcp_str bytes)
{
    add_32(&array->bytes, bytes.ptr ? (uint32_t)bytes.len : UINT32_MAX);
    bytes_add_str(&array->bytes, bytes);
}

void pg_array_number(struct pg_array *array, uint64_t number)
{
    unsigned char to[8];
    big_endian(number, to);
    add_32(&array->bytes, 8);
    bytes_add(&array->bytes, to, 8);
}

void pg_null(struct pg_args *args)
{
    add(args, OID_BYTEA, NULL, 0);
}

void pg_number(struct pg_args *args, uint64_t number)
{
    unsigned char *to = args->numbers[args->count];
    big_endian(number, to);
    add(args, OID_INT8, (const char *)to, 8);
}

void pg_double(struct pg_args *args, double number)
{
    unsigned char *to = args->numbers[args->count];
    uint64_t bits;
    memcpy(&bits, &number, 8);
    big_endian(bits, to);
    add(args, OID_FLOAT8, (const char *)to, 8);
}

hexmcp_str pg_get_bytes(const PGresult *row, int column)
{
    if (PQgetisnull(row, 0, column))
        return (hexmcp_str){NULL, 0};
    return (hexmcp_str){PQgetvalue(row, 0, column), (size_t)PQgetlength(row, 0, column)};
}

uint64_t pg_get_number(const PGresult *row, int column)
{
    const unsigned char *from = (const unsigned char *)PQgetvalue(row, 0, column);
    int len = PQgetlength(row, 0, column);
    uint64_t number = 0;
    for (int i = 0; i < len; i++)
        number = number << 8 | from[i];
    return number;
}

double pg_get_double(const PGresult *row, int column)
{
    uint64_t bits = pg_get_number(row, column);
    double number;
    memcpy(&number, &bits, 8);
    return number;
}

/* ---- statements ---- */

/* Takes all results of what was sent. The first error, or an error of `row`, is what it returns. */
static int32_t results(struct pg *pg,
                       int32_t (*row)(void *arg, const PGresult *row, hexmcp_error *err), void *arg,
                       uint64_t *affected, hexmcp_error *err)
{
    int64_t until = deadline(pg);
    int32_t status = HEXMCP_OK, waited;
    PGresult *result;
    while ((waited = wait_result(pg, until, err)) == HEXMCP_OK &&
           (result = PQgetResult(pg->conn))) {
        ExecStatusType kind = PQresultStatus(result);
        if (kind == PGRES_SINGLE_TUPLE && status == HEXMCP_OK && row) {
            status = row(arg, result, err);
            until = deadline(pg);
        } else if (kind == PGRES_FATAL_ERROR && PQstatus(pg->conn) == CONNECTION_BAD) {
            PQclear(result);
            return lost(pg, err);
        } else if (kind == PGRES_FATAL_ERROR && status == HEXMCP_OK) {
            status = refused(result, err);
        } else if (kind == PGRES_COMMAND_OK && affected) {
            *affected = strtoull(PQcmdTuples(result), NULL, 10);
        }
        PQclear(result);
    }
    return waited != HEXMCP_OK ? waited : status;
}

static int32_t prepare(struct pg *pg, const char *sql, const struct pg_args *args, char name[24],
                       hexmcp_error *err)
{
    size_t i;
    int32_t status;
    for (i = 0; i < pg->prepared_count && pg->prepared[i] != sql; i++)
        ;
    snprintf(name, 24, "s%zu", i);
    if (i < pg->prepared_count)
        return HEXMCP_OK;
    if (!PQsendPrepare(pg->conn, name, sql, args->count, args->types))
        return lost(pg, err);
    status = results(pg, NULL, NULL, NULL, err);
    if (status == HEXMCP_OK)
        pg->prepared[pg->prepared_count++] = sql;
    return status;
}

int32_t pg_run(struct pg *pg, const char *sql, const struct pg_args *args,
               int32_t (*row)(void *arg, const PGresult *row, hexmcp_error *err), void *arg,
               uint64_t *affected, hexmcp_error *err)
{
    static const struct pg_args none;
    char name[24];
    int32_t status;
    if (!args)
        args = &none;
    pg->lost = 0;
    status = prepare(pg, sql, args, name, err);
    if (status != HEXMCP_OK)
        return status;
    if (!PQsendQueryPrepared(pg->conn, name, args->count, args->values, args->lengths,
                             args->formats, 1))
        return lost(pg, err);
    PQsetSingleRowMode(pg->conn);
    return results(pg, row, arg, affected, err);
}

int32_t pg_exec(struct pg *pg, const char *sql, hexmcp_error *err)
{
    pg->lost = 0;
    if (!PQsendQuery(pg->conn, sql))
        return lost(pg, err);
    return results(pg, NULL, NULL, NULL, err);
}

static int32_t keep(void *arg, const PGresult *row, hexmcp_error *err)
{
    PGresult **out = arg;
    if (*out)
        return HEXMCP_OK;
    *out = PQcopyResult(row, PG_COPYRES_TUPLES | PG_COPYRES_ATTRS);
    return *out ? HEXMCP_OK : job_no_memory(err);
}

int32_t pg_one(struct pg *pg, const char *sql, const struct pg_args *args, PGresult **out,
               hexmcp_error *err)
{
    int32_t status;
    *out = NULL;
    status = pg_run(pg, sql, args, keep, out, NULL, err);
    if (status != HEXMCP_OK && *out) {
        PQclear(*out);
        *out = NULL;
    }
    return status;
}
