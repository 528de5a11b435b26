/*
 * mariadb.c - MariaDB and MySQL: one prepared statement in a transaction.
 *
 * SPDX-License-Identifier: MIT
 *
 * The server prepares EXPLAIN of the statement first: it takes SELECT, INSERT, UPDATE, DELETE and REPLACE
 * alone. Reading runs in a read-only transaction.
 */
#include "mariadb.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "first_word.h"

static int32_t out_of_memory(const struct maria *m)
{
    return hexmcp_fail(m->job->r->err, HEXMCP_E_NOMEM, "out of memory for the query; try again");
}

static int32_t begin(struct maria *m, bool writes)
{
    char sql[200];
    int left = job_left_ms(m->job);
    snprintf(sql, sizeof(sql), /* MySQL has no such variable, but another one for SELECT */
             "SET SESSION time_zone = '+00:00' /*M!100101 , max_statement_time = %.3f */"
             "/*!50708 , max_execution_time = %d */", left / 1000.0, left);
    int32_t status = maria_execute(m, sql);
    return status != HEXMCP_OK
               ? status
               : maria_execute(m, writes ? "START TRANSACTION" : "START TRANSACTION READ ONLY");
}

/* ---- statements ---- */

static void drop(struct maria *m, MYSQL_STMT *statement)
{
    my_bool result = 0;
    if (statement)
        MARIA_RUN(m, result, mysql_stmt_close, statement, statement);
    (void)result;
}

static int32_t refused(struct maria *m, MYSQL_STMT *statement)
{
    if (mysql_stmt_errno(statement) == 0) /* it is the connection's */
        return maria_refused(m, mysql_errno(m->conn), mysql_error(m->conn));
    return maria_refused(m, mysql_stmt_errno(statement), mysql_stmt_error(statement));
}

static int32_t prepare(struct maria *m, const char *sql, MYSQL_STMT **out)
{
    int result = 0;
    MYSQL_STMT *statement = mysql_stmt_init(m->conn);
    if (!statement)
        return out_of_memory(m);
    MARIA_RUN(m, result, mysql_stmt_prepare, statement, statement, sql, (unsigned long)strlen(sql));
    if (result == 0) {
        *out = statement;
        return HEXMCP_OK;
    }
    int32_t status = refused(m, statement);
    drop(m, statement);
    return status;
}

static int32_t prepare_explain(struct maria *m, MYSQL_STMT **out)
{
    char *sql = job_around_query(m->job, "EXPLAIN FORMAT=JSON ");
    if (!sql)
        return out_of_memory(m);
    int32_t status = prepare(m, sql, out);
    free(sql);
    return status;
}

static bool is_kind(const struct request *q, const char *word)
{
    const char *name = kind_name(q->kind);
    if (q->kind == KIND_SELECT)
        return true; /* the transaction is read-only: the server refuses others */
    return strncasecmp(word, name, strlen(name)) == 0 ||
           (q->kind == KIND_INSERT && strncasecmp(word, "REPLACE", 7) == 0);
}

static bool has_statement(const struct maria *m, MYSQL_STMT *statement)
{
    /* SELECT ... INTO has no columns: it writes a file or a variable. */
    return m->job->q->kind != KIND_SELECT || mysql_stmt_field_count(statement) > 0;
}

/* The statement of the request, which is of its kind. */
static int32_t prepare_query(struct maria *m, MYSQL_STMT **out)
{
    const struct request *q = m->job->q;
    const char *word = first_word(q->query);
    MYSQL_STMT *statement = NULL;
    if (!word)
        return hexmcp_fail(m->job->r->err, HEXMCP_E_INVALID,
                           "the query begins with a comment that is code or has no end; leave it out");
    if (!is_kind(q, word))
        return job_wrong_kind(m->job);
    int32_t status = prepare(m, q->query, &statement); /* its own errors are the better ones */
    if (status != HEXMCP_OK)
        return status;
    MYSQL_STMT *explained = NULL;
    if (prepare_explain(m, &explained) != HEXMCP_OK)
        status = m->stopped != HEXMCP_OK ? m->stopped : job_wrong_kind(m->job);
    drop(m, explained);
    if (status == HEXMCP_OK && !has_statement(m, statement))
        status = job_wrong_kind(m->job);
    if (status == HEXMCP_OK)
        *out = statement;
    else
        drop(m, statement);
    return status;
}

static int32_t bind_all(struct maria *m, MYSQL_STMT *statement)
{
    const struct request *q = m->job->q;
    unsigned long wanted = mysql_stmt_param_count(statement);
    if (wanted != q->param_count)
        return hexmcp_fail(m->job->r->err, HEXMCP_E_INVALID,
                           "the query has %lu parameters (?), but params has %zu values", wanted,
                           q->param_count);
    MYSQL_BIND *binds = calloc(wanted + 1, sizeof(*binds));
    if (!binds)
        return out_of_memory(m);
    for (unsigned long i = 0; i < wanted; i++) {
        const struct param *p = &q->params[i];
        binds[i].buffer_type = p->type == PARAM_NULL    ? MYSQL_TYPE_NULL
                               : p->type == PARAM_BYTES ? MYSQL_TYPE_BLOB
                                                        : MYSQL_TYPE_STRING;
        binds[i].buffer = (char *)p->text;
        binds[i].buffer_length = p->len;
    }
    int failed = wanted > 0 && mysql_stmt_bind_param(statement, binds);
    free(binds);
    return failed ? refused(m, statement) : HEXMCP_OK;
}

/* ---- rows ---- */

static int32_t fetch_all(struct maria *m, MYSQL_STMT *statement, const MYSQL_RES *about, bool reads)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields((MYSQL_RES *)about);
    unsigned count = mysql_num_fields((MYSQL_RES *)about);
    int result = 0;
    while (!(reads && m->job->rows.more)) {
        MARIA_RUN(m, result, mysql_stmt_fetch, statement, statement);
        if (m->stopped != HEXMCP_OK)
            return m->stopped;
        if (result == MYSQL_NO_DATA)
            return HEXMCP_OK;
        if (result != 0 && result != MYSQL_DATA_TRUNCATED)
            return refused(m, statement);
        maria_put_row(m, statement, fields, count);
        m->stopped = job_step(m->job);
        if (m->stopped != HEXMCP_OK)
            return m->stopped;
    }
    return HEXMCP_OK;
}

static int32_t read_rows(struct maria *m, MYSQL_STMT *statement, bool named)
{
    MYSQL_RES *about = mysql_stmt_result_metadata(statement);
    if (!about)
        return HEXMCP_OK;
    unsigned count = mysql_num_fields(about);
    const MYSQL_FIELD *fields = mysql_fetch_fields(about);
    for (unsigned i = 0; named && i < count; i++)
        rows_column(&m->job->rows, fields[i].name, maria_type(&fields[i]));
    int32_t status = fetch_all(m, statement, about, m->job->q->kind == KIND_SELECT);
    mysql_free_result(about);
    return status;
}

static int32_t run(struct maria *m, MYSQL_STMT *statement)
{
    int result = 0;
    int32_t status = bind_all(m, statement);
    if (status != HEXMCP_OK)
        return status;
    MARIA_RUN(m, result, mysql_stmt_execute, statement, statement);
    if (result != 0 || m->stopped != HEXMCP_OK)
        return refused(m, statement);
    return read_rows(m, statement, true);
}

/* ---- operations ---- */

static int32_t undo(struct maria *m, int32_t status)
{
    if (m->stopped != HEXMCP_OK)
        return status; /* closing undoes it */
    if (maria_execute(m, "ROLLBACK") == HEXMCP_OK && mysql_warning_count(m->conn) > 0 &&
        m->job->q->kind != KIND_SELECT)
        return hexmcp_fail(m->job->r->err, HEXMCP_E_UNSUPPORTED,
                           "the change could not be undone: the engine of the table knows no transactions "
                           "(as MyISAM), so the rows are changed");
    return status;
}

/* Runs a statement of ours with parameters into rows of its own. */
static int32_t ask(struct maria *m, const char *sql, struct param *params, size_t count, struct rows *rows)
{
    struct request own = {.params = params, .param_count = count, .kind = KIND_SELECT};
    const struct request *asked = m->job->q;
    struct rows given = m->job->rows;
    MYSQL_STMT *statement = NULL;
    own.timeout_ms = asked->timeout_ms;
    int32_t status = prepare(m, sql, &statement);
    rows_begin(&m->job->rows, 0, 1);
    m->job->q = &own;
    if (status == HEXMCP_OK)
        status = run(m, statement);
    m->job->q = asked;
    *rows = m->job->rows;
    m->job->rows = given;
    drop(m, statement);
    return status;
}

/* Some engines undo nothing: a dry run that names a table of theirs is not begun. */
static int32_t check_undo(struct maria *m)
{
    static const char sql[] =
        "SELECT CONCAT(t.table_name, ' has the engine ', t.engine) FROM information_schema.tables t "
        "JOIN information_schema.engines e ON e.engine = t.engine "
        "WHERE e.transactions = 'NO' AND t.table_type = 'BASE TABLE' AND t.table_schema NOT IN "
        "('information_schema', 'performance_schema', 'mysql', 'sys') AND ? REGEXP "
        "CONCAT('(?i)(^|[^0-9a-z_$])\\\\Q', t.table_name, '\\\\E($|[^0-9a-z_$])') LIMIT 1";
    const char *query = m->job->q->query;
    struct param text = {PARAM_TEXT, query, strlen(query)};
    struct rows rows;
    char said[200] = "";
    int32_t status = ask(m, sql, &text, 1, &rows);
    if (status == HEXMCP_OK && rows_end(&rows, m->job->r->err) == HEXMCP_OK && rows.kept > 0) {
        hexmcp_json_iter row = hexmcp_json_iter_begin(hexmcp_json_writer_text(&rows.list));
        hexmcp_str value = {NULL, 0};
        hexmcp_json_next(&row, NULL, &value);
        hexmcp_json_iter cell = hexmcp_json_iter_begin(value);
        if (hexmcp_json_next(&cell, NULL, &value))
            hexmcp_json_string(value, said, sizeof(said), NULL);
        status = hexmcp_fail(m->job->r->err, HEXMCP_E_UNSUPPORTED,
                             "the change cannot be tried: the table %s, which can undo nothing; nothing was "
                             "changed. Without dry_run it is made", said);
    }
    rows_free(&rows);
    return status;
}

static int32_t query(struct maria *m)
{
    bool reads = m->job->q->kind == KIND_SELECT;
    MYSQL_STMT *statement = NULL;
    int32_t status = begin(m, !reads);
    if (status == HEXMCP_OK && m->job->q->dry_run && !reads)
        status = check_undo(m);
    if (status == HEXMCP_OK)
        status = prepare_query(m, &statement);
    if (status == HEXMCP_OK)
        status = run(m, statement);
    if (status == HEXMCP_OK && !reads)
        m->job->affected = (int64_t)mysql_stmt_affected_rows(statement);
    if (reads && m->job->rows.more)
        return status; /* the rest is not read: the connection ends with it */
    drop(m, statement);
    if (status != HEXMCP_OK || reads || m->job->q->dry_run)
        return undo(m, status);
    status = maria_execute(m, "COMMIT");
    m->job->committed = status == HEXMCP_OK;
    return status;
}

static int32_t explain(struct maria *m)
{
    MYSQL_STMT *statement = NULL, *explained = NULL;
    int32_t status = begin(m, m->job->q->kind != KIND_SELECT);
    if (status == HEXMCP_OK)
        status = prepare_query(m, &statement);
    if (status == HEXMCP_OK)
        status = prepare_explain(m, &explained);
    if (status == HEXMCP_OK)
        status = run(m, explained);
    drop(m, explained);
    drop(m, statement);
    return status;
}

static int32_t schema(struct maria *m)
{
    static const char sql[] =
        "SELECT t.table_name, IF(t.table_type LIKE '%VIEW', 'view', 'table'), c.column_name, "
        "c.column_type, c.is_nullable = 'YES', c.column_key = 'PRI' "
        "FROM information_schema.tables t JOIN information_schema.columns c "
        "ON c.table_schema = t.table_schema AND c.table_name = t.table_name "
        "WHERE t.table_schema = DATABASE() AND (? IS NULL OR t.table_name = ?) "
        "ORDER BY t.table_name, c.ordinal_position";
    const char *table = m->job->q->table;
    struct param one = {table ? PARAM_TEXT : PARAM_NULL, table ? table : "", table ? strlen(table) : 0};
    struct param both[] = {one, one};
    struct request own = *m->job->q;
    const struct request *asked = m->job->q;
    MYSQL_STMT *statement = NULL;
    own.params = both;
    own.param_count = 2;
    own.kind = KIND_SELECT;
    int32_t status = begin(m, false);
    if (status == HEXMCP_OK)
        status = prepare(m, sql, &statement);
    m->job->q = &own;
    if (status == HEXMCP_OK)
        status = run(m, statement);
    m->job->q = asked;
    drop(m, statement);
    return status;
}

int32_t mariadb_run(struct job *job)
{
    struct maria m = {.job = job};
    int32_t status = maria_connect(&m);
    if (status == HEXMCP_OK)
        status = job->q->operation == OPERATION_QUERY     ? query(&m)
                 : job->q->operation == OPERATION_EXPLAIN ? explain(&m)
                                                          : schema(&m);
    maria_close(&m);
    return status;
}
