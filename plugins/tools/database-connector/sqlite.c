/*
 * sqlite.c - SQLite: the query runs in the library itself, so what it may do is told to the library.
 *
 * SPDX-License-Identifier: MIT
 */
#include "job.h"
#include "kit/source.h"
#include "sqlite_vfs.h"

struct lite {
    struct job *job;
    sqlite3 *db;
    int32_t stopped;  /* what job_step() said */
    bool changes; /* the statement does what query_type says */
    bool denied;  /* it would do something else */
};

/* ---- what a statement may do ---- */

static int deny(struct lite *l)
{
    l->denied = true;
    return SQLITE_DENY;
}

/* The first change is the statement's own; others are what follows from it: an upsert, triggers, foreign
 * keys. That of a schema comes as a change of a table, and then as what it is. */
static int may_change(struct lite *l, enum kind kind)
{
    if (!l->changes && kind != l->job->q->kind)
        return deny(l);
    l->changes = true;
    return SQLITE_OK;
}

static int authorize(void *arg, int action, const char *one, const char *two, const char *base,
                     const char *trigger)
{
    struct lite *l = arg;
    (void)one;
    (void)base;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION: /* these load code */
        return sqlite3_stricmp(two, "load_extension") == 0 ||
                       sqlite3_stricmp(two, "fts3_tokenizer") == 0
                   ? SQLITE_DENY
                   : SQLITE_OK;
    case SQLITE_INSERT:
        return may_change(l, KIND_INSERT);
    case SQLITE_UPDATE:
        return may_change(l, KIND_UPDATE);
    case SQLITE_DELETE:
        return may_change(l, KIND_DELETE);
    default:
        return deny(l);
    }
}

static int on_progress(void *arg)
{
    struct lite *l = arg;
    l->stopped = job_step(l->job);
    return l->stopped != HEXMCP_OK;
}

static int on_busy(void *arg, int times)
{
    struct lite *l = arg;
    if (on_progress(l) || times > 500)
        return 0;
    sqlite3_sleep(10);
    return 1;
}

/* ---- errors ---- */

static int32_t fail(struct lite *l)
{
    const struct job *job = l->job;
    int rc = sqlite3_errcode(l->db);
    if (l->stopped != HEXMCP_OK)
        return l->stopped;
    if (l->denied)
        return job_wrong_kind(job);
    if (rc == SQLITE_BUSY)
        return hexmcp_fail(job->r->err, HEXMCP_E_BUSY,
                           "another program holds %.*s; try again, or have it closed there",
                           SHOWN(job->q->path));
    if (rc == SQLITE_FULL || rc == SQLITE_NOMEM)
        return hexmcp_fail(job->r->err, HEXMCP_E_TOO_LARGE,
                           "the query needs more memory or disk than it may have (256 MiB for sorting); "
                           "select less");
    if (rc == SQLITE_READONLY)
        return hexmcp_fail(job->r->err, HEXMCP_E_DENIED,
                           "%.*s was left in the middle of a change and must be repaired by a program "
                           "that may write it", SHOWN(job->q->path));
    if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
        return hexmcp_fail(job->r->err, HEXMCP_E_INVALID, "%.*s is damaged, or no SQLite database",
                           SHOWN(job->q->path));
    return job_refused(job, HEXMCP_E_INVALID, "SQLite refuses the query; correct it",
                       sqlite3_errmsg(l->db));
}

/* ---- opening ---- */

static void set_limits(sqlite3 *db)
{
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024}, {SQLITE_LIMIT_SQL_LENGTH, QUERY_MOST + 100},
        {SQLITE_LIMIT_COLUMN, 500},              {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50},      {SQLITE_LIMIT_VDBE_OP, 250000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500}, {SQLITE_LIMIT_VARIABLE_NUMBER, PARAMS_MOST},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 20},        {SQLITE_LIMIT_WORKER_THREADS, 0}};
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        sqlite3_limit(db, limits[i][0], limits[i][1]);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
}

static int32_t execute(struct lite *l, const char *sql)
{
    return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK ? HEXMCP_OK : fail(l);
}

static int32_t open_database(struct lite *l, const struct sqlite_place *place)
{
    int flags = place->writable || place->copied ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int rc = sqlite3_open_v2(SQLITE_PLACE_NAME, &l->db, flags | SQLITE_OPEN_PRIVATECACHE, place->name);
    if (rc != SQLITE_OK)
        return hexmcp_fail(l->job->r->err, HEXMCP_E_GENERIC, "SQLite cannot open %.*s: %s",
                           SHOWN(place->path), sqlite3_errstr(rc));
    set_limits(l->db);
    sqlite3_busy_handler(l->db, on_busy, l);
    sqlite3_progress_handler(l->db, 2000, on_progress, l);
    /* A write-ahead log without shared memory: nobody else may have it open meanwhile. */
    return execute(l, "PRAGMA locking_mode=EXCLUSIVE;PRAGMA foreign_keys=ON;PRAGMA mmap_size=0;PRAGMA cell_size_check=ON;"
                      "PRAGMA cache_size=-16000");
}

/* ---- statements ---- */

static int bind(sqlite3_stmt *statement, int at, const struct param *p)
{
    int64_t whole;
    double number = 0;
    hexmcp_str text = {p->text, p->len};
    switch (p->type) {
    case PARAM_BOOL:
        return sqlite3_bind_int(statement, at, p->text[0] == '1');
    case PARAM_NUMBER:
        if (hexmcp_json_int64(text, &whole) == HEXMCP_OK)
            return sqlite3_bind_int64(statement, at, whole);
        hexmcp_json_double(text, &number);
        return sqlite3_bind_double(statement, at, number);
    case PARAM_TEXT:
        return sqlite3_bind_text64(statement, at, p->text, p->len, SQLITE_STATIC, SQLITE_UTF8);
    case PARAM_BYTES:
        return sqlite3_bind_blob64(statement, at, p->text, p->len, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static int32_t bind_all(struct lite *l, sqlite3_stmt *statement)
{
    const struct request *q = l->job->q;
    int wanted = sqlite3_bind_parameter_count(statement);
    if ((size_t)wanted != q->param_count)
        return hexmcp_fail(l->job->r->err, HEXMCP_E_INVALID,
                           "the query has %d parameters (?), but params has %zu values", wanted,
                           q->param_count);
    for (int i = 0; i < wanted; i++)
        if (bind(statement, i + 1, &q->params[i]) != SQLITE_OK)
            return fail(l);
    return HEXMCP_OK;
}

static void put_cell(struct rows *rows, sqlite3_stmt *statement, int i)
{
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        rows_int64(rows, sqlite3_column_int64(statement, i));
        break;
    case SQLITE_FLOAT:
        rows_double(rows, sqlite3_column_double(statement, i));
        break;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        rows_text(rows, text ? text : "", text ? (size_t)sqlite3_column_bytes(statement, i) : 0);
        break;
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(statement, i);
        rows_bytes(rows, bytes ? bytes : "", bytes ? (size_t)sqlite3_column_bytes(statement, i) : 0);
        break;
    }
    default:
        rows_null(rows);
    }
}

static void put_row(struct rows *rows, sqlite3_stmt *statement)
{
    if (!rows_row(rows))
        return;
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        put_cell(rows, statement, i);
    rows_end_row(rows);
}

static int32_t read_rows(struct lite *l, sqlite3_stmt *statement)
{
    struct rows *rows = &l->job->rows;
    int rc = SQLITE_ROW;
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *type = sqlite3_column_decltype(statement, i);
        rows_column(rows, sqlite3_column_name(statement, i), type ? type : "");
    }
    /* A change with RETURNING goes to its end, a SELECT only so far as the page needs. */
    while ((!rows->more || !sqlite3_stmt_readonly(statement)) &&
           (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        put_row(rows, statement);
        l->stopped = job_step(l->job);
        if (l->stopped != HEXMCP_OK)
            return l->stopped;
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? HEXMCP_OK : fail(l);
}

/* Only white space and comments may follow the statement: SQLite itself says what they are. */
static int32_t check_tail(struct lite *l, const char *tail)
{
    sqlite3_stmt *next = NULL;
    while (tail && *tail) {
        if (sqlite3_prepare_v2(l->db, tail, -1, &next, &tail) != SQLITE_OK || next) {
            sqlite3_finalize(next);
            return hexmcp_fail(l->job->r->err, HEXMCP_E_INVALID,
                               "the query has more than one statement; give one for each call");
        }
    }
    return HEXMCP_OK;
}

static int32_t prepare(struct lite *l, const char *sql, sqlite3_stmt **out)
{
    const char *tail = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(l->db, sql, -1, &statement, &tail) != SQLITE_OK)
        return fail(l);
    int32_t status = statement ? check_tail(l, tail)
                               : hexmcp_fail(l->job->r->err, HEXMCP_E_INVALID,
                                             "the query has no statement; give one");
    if (status == HEXMCP_OK && sqlite3_stmt_isexplain(statement))
        status = hexmcp_fail(l->job->r->err, HEXMCP_E_INVALID,
                             "the query is an EXPLAIN; give operation \"explain\" and the statement");
    if (status == HEXMCP_OK &&
        (l->job->q->kind == KIND_SELECT ? !sqlite3_stmt_readonly(statement) : !l->changes))
        status = job_wrong_kind(l->job);
    if (status == HEXMCP_OK)
        *out = statement;
    else
        sqlite3_finalize(statement);
    return status;
}

static int32_t run_statement(struct lite *l)
{
    sqlite3_stmt *statement;
    int32_t status = prepare(l, l->job->q->query, &statement);
    if (status != HEXMCP_OK)
        return status;
    status = bind_all(l, statement);
    if (status == HEXMCP_OK)
        status = read_rows(l, statement);
    sqlite3_finalize(statement);
    if (l->job->q->kind != KIND_SELECT)
        l->job->affected = sqlite3_changes(l->db);
    return status;
}

/* ---- operations ---- */

static int32_t query(struct lite *l)
{
    bool reads = l->job->q->kind == KIND_SELECT;
    int32_t status = execute(l, reads ? "BEGIN" : "BEGIN IMMEDIATE");
    if (status != HEXMCP_OK)
        return status;
    sqlite3_set_authorizer(l->db, authorize, l);
    status = run_statement(l);
    sqlite3_set_authorizer(l->db, NULL, NULL);
    if (status == HEXMCP_OK && !reads && !l->job->q->dry_run) {
        status = execute(l, "COMMIT");
        l->job->committed = status == HEXMCP_OK;
    }
    if (!l->job->committed) {
        sqlite3_progress_handler(l->db, 0, NULL, NULL); /* what is undone is undone to the end */
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

static int32_t read_plan(struct lite *l, sqlite3_stmt *statement)
{
    int32_t status = HEXMCP_OK;
    int rc;
    rows_column(&l->job->rows, "id", "integer");
    rows_column(&l->job->rows, "parent", "integer");
    rows_column(&l->job->rows, "detail", "text");
    while (status == HEXMCP_OK && (rc = sqlite3_step(statement)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW)
            return fail(l);
        if (rows_row(&l->job->rows)) {
            put_cell(&l->job->rows, statement, 0);
            put_cell(&l->job->rows, statement, 1);
            put_cell(&l->job->rows, statement, 3);
            rows_end_row(&l->job->rows);
        }
        status = job_step(l->job);
    }
    return status;
}

static int32_t explain(struct lite *l)
{
    sqlite3_stmt *statement;
    char *sql;
    sqlite3_set_authorizer(l->db, authorize, l);
    int32_t status = prepare(l, l->job->q->query, &statement); /* it alone must be what it says it is */
    if (status != HEXMCP_OK)
        return status;
    status = bind_all(l, statement);
    sqlite3_finalize(statement);
    if (status != HEXMCP_OK)
        return status;
    sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", l->job->q->query);
    if (!sql || sqlite3_prepare_v2(l->db, sql, -1, &statement, NULL) != SQLITE_OK)
        status = fail(l);
    sqlite3_free(sql);
    if (status != HEXMCP_OK)
        return status;
    status = bind_all(l, statement);
    if (status == HEXMCP_OK)
        status = read_plan(l, statement);
    sqlite3_finalize(statement);
    return status;
}

static int32_t schema(struct lite *l)
{
    static const char sql[] =
        "SELECT m.name, m.type, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0, c.pk > 0 "
        "FROM sqlite_master m, pragma_table_xinfo(m.name) c "
        "WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND c.hidden IN (0, 2, 3) AND (?1 IS NULL OR m.name = ?1) ORDER BY m.name, c.cid";
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(l->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(l);
    if (l->job->q->table)
        sqlite3_bind_text(statement, 1, l->job->q->table, -1, SQLITE_STATIC);
    int32_t status = read_rows(l, statement);
    sqlite3_finalize(statement);
    return status;
}

int32_t sqlite_run(struct job *job)
{
    const struct request *q = job->q;
    struct lite l = {.job = job};
    struct sqlite_place place;
    bool writes = q->operation == OPERATION_QUERY && q->kind != KIND_SELECT;
    int32_t status = sqlite_place_begin(&place, job->r, q->path, writes);
    if (status != HEXMCP_OK)
        return status;
    status = open_database(&l, &place);
    if (status == HEXMCP_OK)
        status = q->operation == OPERATION_QUERY     ? query(&l)
                 : q->operation == OPERATION_EXPLAIN ? explain(&l)
                                                     : schema(&l);
    sqlite3_close(l.db);
    sqlite_place_end(&place);
    return status;
}
