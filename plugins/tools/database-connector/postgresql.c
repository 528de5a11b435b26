/*
 * postgresql.c - PostgreSQL: the server itself says whether a statement may run.
 *
 * SPDX-License-Identifier: MIT
 *
 * PREPARE takes one SELECT, INSERT, UPDATE, DELETE, MERGE or VALUES and nothing else, and the extended
 * protocol takes one statement: so the server's own grammar refuses the rest. Reading runs in a
 * read-only transaction.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "job.h"
#include "postgresql_values.h"

#define STATEMENT "hexmcp_statement"

struct pg {
    struct job *job;
    PGconn *conn;
    bool broken; /* given up in the middle of something */
};

/* ---- connecting ---- */

static int32_t wait_socket(struct pg *pg, short events)
{
    struct pollfd p = {.fd = PQsocket(pg->conn), .events = events};
    int32_t status;
    do
        status = job_step(pg->job);
    while (status == HEXMCP_OK && poll(&p, 1, 50) == 0);
    return status;
}

static int32_t unreachable(const struct pg *pg)
{
    char what[200];
    snprintf(what, sizeof(what), "the database %.100s does not take the connection",
             pg->job->db->name);
    return job_refused(pg->job, HEXMCP_E_UNAVAILABLE, what, PQerrorMessage(pg->conn));
}

static int32_t finish_connecting(struct pg *pg)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && state != PGRES_POLLING_OK) {
        status = wait_socket(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT);
        if (status == HEXMCP_OK && (state = PQconnectPoll(pg->conn)) == PGRES_POLLING_FAILED)
            status = unreachable(pg);
    }
    return status;
}

/* Told in numbers where to connect libpq asks no resolver; the name is for the certificate. What stands
 * in variables and files of the user (PGSERVICE, .pgpass, certificates) is put out of use. */
static int32_t start_connecting(struct pg *pg, const char *address, const char *password)
{
    static const char *const modes[] = {"verify-full", "require", "disable"};
    const struct database *db = pg->job->db;
    char port[16];
    snprintf(port, sizeof(port), "%u", db->port);
    const char *const words[][2] = {
        {"host", db->host},          {"hostaddr", address},       {"port", port},
        {"user", db->user},          {"dbname", db->base},        {"password", password},
        {"sslmode", modes[db->tls]}, {"sslrootcert", db->tls == TLS_VERIFY ? db->ca_file : "/dev/null/none"},
        {"sslcert", "/dev/null/none"}, {"sslkey", "/dev/null/none"}, {"sslcrl", "/dev/null/none"},
        {"passfile", "/dev/null"},   {"gssencmode", "disable"},   {"client_encoding", "UTF8"},
        {"application_name", "hexmcp"}, {"options", "-c default_transaction_read_only=on"},
        {"tcp_user_timeout", "10000"}};
    const char *keys[sizeof(words) / sizeof(*words) + 1] = {NULL};
    const char *values[sizeof(words) / sizeof(*words) + 1] = {NULL};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        keys[i] = words[i][0];
        values[i] = words[i][1];
    }
    pg->conn = PQconnectStartParams(keys, values, 0);
    if (!pg->conn)
        return hexmcp_fail(pg->job->r->err, HEXMCP_E_NOMEM, "out of memory for a connection; try again");
    if (PQstatus(pg->conn) == CONNECTION_BAD)
        return unreachable(pg);
    return finish_connecting(pg);
}

static int32_t connect_to(struct pg *pg)
{
    char address[ADDRESS_ROOM], password[PASSWORD_ROOM];
    int fd;
    int32_t status = job_password(pg->job, password);
    if (status == HEXMCP_OK && (status = job_reach(pg->job, &fd, address)) == HEXMCP_OK) {
        close(fd);
        status = start_connecting(pg, address, password);
    }
    job_forget(password);
    return status;
}

/* The server stops what runs. */
static void cancel(struct pg *pg)
{
    char ignored[256];
    PGcancel *c = PQgetCancel(pg->conn);
    if (c)
        PQcancel(c, ignored, sizeof(ignored));
    PQfreeCancel(c);
    pg->broken = true;
}

/* ---- statements ---- */

static int32_t refused(const struct pg *pg, const PGresult *result)
{
    const struct job *job = pg->job;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    state = state ? state : "";
    if (strcmp(state, "25006") == 0)
        return job_wrong_kind(job);
    if (strcmp(state, "57014") == 0)
        return hexmcp_fail(job->r->err, HEXMCP_E_TIMEOUT,
                           "the database stopped the query after %u ms; make it cheaper, or give a larger "
                           "timeout_ms (at most %d)",
                           job->q->timeout_ms, TIMEOUT_MOST_MS);
    if (strcmp(state, "42501") == 0)
        return job_refused(job, HEXMCP_E_DENIED, "PostgreSQL refuses the query", said ? said : "");
    if (!said)
        return job_refused(job, HEXMCP_E_UNAVAILABLE, "the connection to PostgreSQL is lost",
                           PQerrorMessage(pg->conn));
    return job_refused(job, HEXMCP_E_INVALID, "PostgreSQL refuses the query; correct it", said);
}

/* Waits for the next result; *out is NULL when there is no more. */
static int32_t next_result(struct pg *pg, PGresult **out)
{
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && (PQflush(pg->conn) == 1 || PQisBusy(pg->conn))) {
        status = wait_socket(pg, PQflush(pg->conn) == 1 ? POLLIN | POLLOUT : POLLIN);
        if (status == HEXMCP_OK && !PQconsumeInput(pg->conn))
            return refused(pg, NULL);
    }
    if (status != HEXMCP_OK)
        cancel(pg);
    else
        *out = PQgetResult(pg->conn);
    return status;
}

/* The result of what was sent, the last one that is no error; `sent` is what PQsend...() returned. */
static int32_t whole_result(struct pg *pg, int sent, PGresult **out)
{
    PGresult *result = NULL, *last = NULL;
    int32_t status = sent ? HEXMCP_OK : refused(pg, NULL);
    while (status == HEXMCP_OK && (status = next_result(pg, &result)) == HEXMCP_OK && result) {
        ExecStatusType kind = PQresultStatus(result);
        PQclear(last);
        last = result;
        if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
            status = refused(pg, result);
    }
    if (status == HEXMCP_OK && out)
        *out = last;
    else
        PQclear(last);
    return status;
}

static int32_t begin(struct pg *pg, bool writes)
{
    char sql[500];
    snprintf(sql, sizeof(sql),
             "BEGIN %s; SET LOCAL statement_timeout = %d; SET LOCAL datestyle = 'ISO, YMD'; "
             "SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'iso_8601'; "
             "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; "
             "SET LOCAL standard_conforming_strings = on",
             writes ? "READ WRITE" : "READ ONLY", job_left_ms(pg->job));
    return whole_result(pg, PQsendQuery(pg->conn, sql), NULL);
}

static int32_t check_count(const struct pg *pg, const PGresult *described)
{
    int wanted = PQnparams(described);
    if ((size_t)wanted == pg->job->q->param_count)
        return HEXMCP_OK;
    return hexmcp_fail(pg->job->r->err, HEXMCP_E_INVALID,
                       "the query has %d parameters ($1, $2 ...), but params has %zu values", wanted,
                       pg->job->q->param_count);
}

/* PREPARE by SQL, since its grammar is narrower than that of the protocol. */
static int32_t prepare(struct pg *pg, PGresult **described)
{
    static const char head[] = "PREPARE " STATEMENT " AS ";
    const char *query = pg->job->q->query;
    char *sql = malloc(sizeof(head) + strlen(query));
    if (!sql)
        return hexmcp_fail(pg->job->r->err, HEXMCP_E_NOMEM, "out of memory for the query; try again");
    strcat(strcpy(sql, head), query);
    int32_t status = whole_result(
        pg, PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0), NULL);
    free(sql);
    if (status == HEXMCP_OK)
        status = whole_result(pg, PQsendDescribePrepared(pg->conn, STATEMENT), described);
    if (status == HEXMCP_OK && (status = check_count(pg, *described)) != HEXMCP_OK)
        PQclear(*described);
    return status;
}

/* ---- parameters ---- */

/* `held` are the hexadecimal texts of bytes, to be freed. */
struct values {
    const char *texts[PARAMS_MOST];
    char *held[PARAMS_MOST];
};

static char *hex_of(const struct param *p)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(p->len * 2 + 3), *at = text;
    if (!text)
        return NULL;
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < p->len; i++) {
        *at++ = digits[(unsigned char)p->text[i] >> 4];
        *at++ = digits[p->text[i] & 15];
    }
    *at = '\0';
    return text;
}

static struct values *values_new(const struct request *q)
{
    struct values *v = calloc(1, sizeof(*v));
    for (size_t i = 0; v && i < q->param_count; i++) {
        const struct param *p = &q->params[i];
        if (p->type == PARAM_BYTES)
            v->texts[i] = v->held[i] = hex_of(p);
        else if (p->type == PARAM_BOOL)
            v->texts[i] = p->text[0] == '1' ? "true" : "false";
        else if (p->type != PARAM_NULL)
            v->texts[i] = p->text;
    }
    return v;
}

static void values_free(struct values *v, size_t count)
{
    for (size_t i = 0; v && i < count; i++)
        free(v->held[i]);
    free(v);
}

/* ---- rows ---- */

/* The names of the columns' types, as the server writes them. */
static int32_t put_columns(struct pg *pg, const PGresult *described)
{
    char oids[16 * 1700 + 2] = "{", modifiers[16 * 1700 + 2] = "{";
    size_t a = 1, b = 1;
    int count = PQnfields(described) < 1700 ? PQnfields(described) : 1700;
    PGresult *types = NULL;
    for (int i = 0; i < count; i++) {
        a += (size_t)sprintf(oids + a, "%s%u", i ? "," : "", PQftype(described, i));
        b += (size_t)sprintf(modifiers + b, "%s%d", i ? "," : "", PQfmod(described, i));
    }
    strcpy(oids + a, "}");
    strcpy(modifiers + b, "}");
    const char *const arrays[] = {oids, modifiers};
    int32_t status = whole_result(
        pg,
        PQsendQueryParams(pg->conn,
                          "SELECT format_type(t, m) FROM unnest($1::oid[], $2::int[]) "
                          "WITH ORDINALITY AS x(t, m, n) ORDER BY n",
                          2, NULL, arrays, NULL, NULL, 0),
        &types);
    for (int i = 0; status == HEXMCP_OK && i < count; i++)
        rows_column(&pg->job->rows, PQfname(described, i), PQgetvalue(types, i, 0));
    PQclear(types);
    return status;
}

static void put_row(struct rows *rows, const PGresult *result, int row)
{
    if (!rows_row(rows))
        return;
    for (int i = 0; i < PQnfields(result); i++) {
        if (PQgetisnull(result, row, i))
            rows_null(rows);
        else
            postgresql_put(rows, PQftype(result, i), PQgetvalue(result, row, i),
                           (size_t)PQgetlength(result, row, i));
    }
    rows_end_row(rows);
}

/* The kind stands at the beginning of what the server says it did. */
static int32_t check_tag(struct pg *pg, PGresult *result)
{
    const char *tag = PQcmdStatus(result), *name = kind_name(pg->job->q->kind);
    if (strncmp(tag, name, strlen(name)) != 0)
        return job_wrong_kind(pg->job);
    if (pg->job->q->kind != KIND_SELECT)
        pg->job->affected = strtoll(PQcmdTuples(result), NULL, 10);
    return HEXMCP_OK;
}

static int32_t read_result(struct pg *pg, PGresult *result)
{
    ExecStatusType kind = PQresultStatus(result);
    for (int i = 0; (kind == PGRES_SINGLE_TUPLE || kind == PGRES_TUPLES_OK) && i < PQntuples(result); i++)
        put_row(&pg->job->rows, result, i);
    if (kind == PGRES_SINGLE_TUPLE)
        return HEXMCP_OK;
    return kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK ? check_tag(pg, result)
                                                               : refused(pg, result);
}

static int32_t read_rows(struct pg *pg)
{
    PGresult *result = NULL;
    int32_t status = HEXMCP_OK, failed = HEXMCP_OK;
    bool reads = pg->job->q->kind == KIND_SELECT;
    PQsetSingleRowMode(pg->conn);
    while (status == HEXMCP_OK && (status = next_result(pg, &result)) == HEXMCP_OK && result) {
        if (failed == HEXMCP_OK)
            failed = read_result(pg, result);
        PQclear(result);
        if (reads && pg->job->rows.more) { /* the rest is not needed */
            cancel(pg);
            break;
        }
    }
    return status != HEXMCP_OK ? status : failed;
}

static int32_t send_prepared(struct pg *pg)
{
    const struct request *q = pg->job->q;
    struct values *v = values_new(q);
    if (!v)
        return hexmcp_fail(pg->job->r->err, HEXMCP_E_NOMEM, "out of memory for the query; try again");
    int sent = PQsendQueryPrepared(pg->conn, STATEMENT, (int)q->param_count, v->texts, NULL, NULL, 0);
    values_free(v, q->param_count);
    return sent ? HEXMCP_OK : refused(pg, NULL);
}

/* ---- operations ---- */

static int32_t end(struct pg *pg, int32_t status)
{
    bool keeps = status == HEXMCP_OK && pg->job->q->kind != KIND_SELECT && !pg->job->q->dry_run;
    if (pg->broken)
        return status; /* closing undoes it */
    if (!keeps)
        return status;
    status = whole_result(pg, PQsendQuery(pg->conn, "COMMIT"), NULL);
    pg->job->committed = status == HEXMCP_OK;
    return status;
}

static int32_t query(struct pg *pg)
{
    PGresult *described = NULL;
    int32_t status = begin(pg, pg->job->q->kind != KIND_SELECT);
    if (status == HEXMCP_OK)
        status = prepare(pg, &described);
    if (status != HEXMCP_OK)
        return status;
    status = put_columns(pg, described);
    PQclear(described);
    if (status == HEXMCP_OK)
        status = send_prepared(pg);
    if (status == HEXMCP_OK)
        status = read_rows(pg);
    return end(pg, status);
}

/* The statement is prepared alone before: so what follows EXPLAIN here cannot be an option of it. */
static int32_t explain(struct pg *pg)
{
    static const char head[] = "EXPLAIN (FORMAT JSON) ";
    const struct request *q = pg->job->q;
    PGresult *result = NULL;
    int32_t status = begin(pg, q->kind != KIND_SELECT);
    if (status == HEXMCP_OK)
        status = prepare(pg, &result);
    if (status != HEXMCP_OK)
        return status;
    PQclear(result);
    result = NULL;
    struct values *v = values_new(q);
    char *sql = malloc(sizeof(head) + strlen(q->query));
    if (!sql || !v)
        status = hexmcp_fail(pg->job->r->err, HEXMCP_E_NOMEM, "out of memory for the query; try again");
    else
        status = whole_result(pg, PQsendQueryParams(pg->conn, strcat(strcpy(sql, head), q->query),
                                                    (int)q->param_count, NULL, v->texts, NULL, NULL, 0),
                              &result);
    free(sql);
    values_free(v, q->param_count);
    if (status == HEXMCP_OK) {
        rows_column(&pg->job->rows, "plan", "json");
        for (int i = 0; i < PQntuples(result); i++)
            put_row(&pg->job->rows, result, i);
    }
    PQclear(result);
    return status;
}

static int32_t schema(struct pg *pg)
{
    static const char sql[] =
        "SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, "
        "CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, a.attname, "
        "format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, "
        "COALESCE(a.attnum = ANY (i.indkey), false) "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' "
        "AND n.nspname !~ '^pg_' AND has_table_privilege(c.oid, 'SELECT') "
        "AND ($1::text IS NULL OR c.relname = $1 OR n.nspname || '.' || c.relname = $1) "
        "ORDER BY 1, a.attnum";
    const char *const table[] = {pg->job->q->table};
    PGresult *result = NULL;
    int32_t status = begin(pg, false);
    if (status == HEXMCP_OK)
        status = whole_result(pg, PQsendQueryParams(pg->conn, sql, 1, NULL, table, NULL, NULL, 0), &result);
    for (int i = 0; status == HEXMCP_OK && i < PQntuples(result); i++)
        put_row(&pg->job->rows, result, i);
    PQclear(result);
    return status;
}

int32_t postgresql_run(struct job *job)
{
    struct pg pg = {.job = job};
    int32_t status = connect_to(&pg);
    if (status == HEXMCP_OK)
        status = PQsetnonblocking(pg.conn, 1) == 0 ? HEXMCP_OK : refused(&pg, NULL);
    if (status == HEXMCP_OK)
        status = job->q->operation == OPERATION_QUERY     ? query(&pg)
                 : job->q->operation == OPERATION_EXPLAIN ? explain(&pg)
                                                          : schema(&pg);
    PQfinish(pg.conn);
    return status;
}
