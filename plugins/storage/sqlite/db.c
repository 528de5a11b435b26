/*
 * SPDX-License-Identifier: MIT
 */
#include "db.h"

#include <errno.h>
#include <string.h>

struct cause {
    int code;
    int32_t status;
    const char *text; /* what is wrong and what to do */
};

static const struct cause causes[] = {
    {SQLITE_FULL, HEXMCP_E_UNAVAILABLE,
     "the disk, or what the setting maxBytes allows, is full; make room and try again"},
    {SQLITE_BUSY, HEXMCP_E_TIMEOUT,
     "another process holds the file for longer than busyTimeoutMs; try again"},
    {SQLITE_LOCKED, HEXMCP_E_TIMEOUT, "another connection holds the file; try again"},
    {SQLITE_NOMEM, HEXMCP_E_NOMEM, "out of memory; try again"},
    {SQLITE_READONLY, HEXMCP_E_UNAVAILABLE,
     "the file cannot be written; check its owner, its mode and the file system"},
    {SQLITE_PERM, HEXMCP_E_UNAVAILABLE, "permission denied; check the owner and mode of the file"},
    {SQLITE_CANTOPEN, HEXMCP_E_UNAVAILABLE,
     "the file, or one beside it, cannot be opened; check that its folder is there and may be written"},
    {SQLITE_CORRUPT, HEXMCP_E_UNAVAILABLE,
     "the file is damaged; restore a backup, or move the file away to begin anew"},
    {SQLITE_NOTADB, HEXMCP_E_UNAVAILABLE,
     "the file is damaged; restore a backup, or move the file away to begin anew"},
    {SQLITE_TOOBIG, HEXMCP_E_TOO_LARGE, "a value is too large"},
};

static int32_t fail_io(struct db *db, const char *doing, hexmcp_error *err)
{
    int system = sqlite3_system_errno(db->handle);
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "cannot %s %.300s: the disk fails (%s); check the disk and try again", doing,
                       db->path, system ? strerror(system) : "input/output error");
}

int32_t db_fail(struct db *db, const char *doing, hexmcp_error *err)
{
    int code = sqlite3_errcode(db->handle) & 0xFF;
    db->failed = true;
    if (code == SQLITE_IOERR)
        return fail_io(db, doing, err);
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (causes[i].code == code)
            return hexmcp_fail(err, causes[i].status, "cannot %s %.300s: %s", doing, db->path,
                               causes[i].text);
    }
    return hexmcp_fail(err, HEXMCP_E_GENERIC, "cannot %s %.200s: SQLite says \"%.150s\"", doing,
                       db->path, sqlite3_errmsg(db->handle));
}

int32_t db_exec(struct db *db, const char *text, hexmcp_error *err)
{
    if (sqlite3_exec(db->handle, text, NULL, NULL, NULL) != SQLITE_OK)
        return db_fail(db, "use", err);
    return HEXMCP_OK;
}

int32_t db_ask(struct db *db, const char *text, int64_t *ret, hexmcp_error *err)
{
    sqlite3_stmt *s = NULL;
    int32_t status = HEXMCP_OK;
    if (sqlite3_prepare_v2(db->handle, text, -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        status = db_fail(db, "read", err);
    else
        *ret = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return status;
}

int32_t db_set_up(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err)
{
    char text[300];
    snprintf(text, sizeof(text),
             "PRAGMA synchronous=%s; PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY;"
             "PRAGMA secure_delete=OFF; PRAGMA foreign_keys=OFF; PRAGMA query_only=%s",
             config->full ? "FULL" : "NORMAL", kind == DB_READER ? "ON" : "OFF");
    return db_exec(db, text, err);
}

int32_t db_connect(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE |
                (kind == DB_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    memset(db, 0, sizeof(*db));
    db->path = config->path;
    db->busy_ms = config->busy_ms;
    if (sqlite3_open_v2(config->path, &db->handle, flags, NULL) != SQLITE_OK)
        return db->handle ? db_fail(db, "open", err)
                          : hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    sqlite3_busy_timeout(db->handle, config->busy_ms);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    return HEXMCP_OK;
}

int32_t db_open(struct db *db, const struct config *config, enum db_kind kind, hexmcp_error *err)
{
    int32_t status = db_connect(db, config, kind, err);
    return status == HEXMCP_OK ? db_set_up(db, config, kind, err) : status;
}

void db_close(struct db *db)
{
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    memset(db->statements, 0, sizeof(db->statements));
    db->handle = NULL;
}

sqlite3_stmt *db_sql(struct db *db, enum sql which, hexmcp_error *err)
{
    sqlite3_stmt **s = &db->statements[which];
    if (!*s && sqlite3_prepare_v3(db->handle, sql_texts[which], -1, SQLITE_PREPARE_PERSISTENT, s,
                                  NULL) != SQLITE_OK)
        db_fail(db, "use", err);
    return *s;
}

void db_bind_text(sqlite3_stmt *s, int at, hexmcp_str text)
{
    sqlite3_bind_text(s, at, text.ptr ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

void db_bind_bytes(sqlite3_stmt *s, int at, hexmcp_str bytes)
{
    sqlite3_bind_blob(s, at, bytes.ptr ? bytes.ptr : "", (int)bytes.len, SQLITE_STATIC);
}

void db_bind_number(sqlite3_stmt *s, int at, int64_t number)
{
    sqlite3_bind_int64(s, at, number);
}

int32_t db_step(struct db *db, sqlite3_stmt *s, hexmcp_error *err)
{
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        return 1;
    return code == SQLITE_DONE ? 0 : db_fail(db, sqlite3_db_readonly(db->handle, "main") ? "read" : "write", err);
}

void db_end(sqlite3_stmt *s)
{
    sqlite3_reset(s);
}

int32_t db_do(struct db *db, sqlite3_stmt *s, hexmcp_error *err)
{
    int32_t status = db_step(db, s, err);
    db_end(s);
    return status < 0 ? status : HEXMCP_OK;
}

int32_t db_run(struct db *db, enum sql which, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, which, err);
    return s ? db_do(db, s, err) : err->code;
}

hexmcp_str db_text(sqlite3_stmt *s, int column)
{
    const void *bytes = sqlite3_column_blob(s, column);
    return (hexmcp_str){bytes, (size_t)sqlite3_column_bytes(s, column)};
}

int64_t db_number(sqlite3_stmt *s, int column)
{
    return sqlite3_column_int64(s, column);
}
