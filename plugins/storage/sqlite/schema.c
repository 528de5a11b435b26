/*
 * SPDX-License-Identifier: MIT
 */
#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_BYTES 100

/* What leads from the version before to each version, the first from an empty file. */
static const char *const steps[STORE_VERSION] = {
    "CREATE TABLE streams(number INTEGER PRIMARY KEY, space TEXT NOT NULL, name TEXT NOT NULL,"
    " version INTEGER NOT NULL, UNIQUE(space, name));"
    "CREATE TABLE events(position INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
    " version INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, schema INTEGER NOT NULL,"
    " at TEXT NOT NULL, correlation TEXT NOT NULL, causation TEXT, caller TEXT NOT NULL,"
    " tenant TEXT NOT NULL, data TEXT NOT NULL);"
    "CREATE UNIQUE INDEX events_of_stream ON events(stream, version);"
    "CREATE TABLE keys(space TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,"
    " answer TEXT NOT NULL, UNIQUE(space, key));"
    "CREATE INDEX keys_by_age ON keys(at);"
    /* A projection without a name is one whose rows are removed in passing. */
    "CREATE TABLE projections(number INTEGER PRIMARY KEY, space TEXT NOT NULL, name TEXT,"
    " position INTEGER NOT NULL, UNIQUE(space, name));"
    "CREATE INDEX projections_dead ON projections(number) WHERE name IS NULL;"
    "CREATE TABLE rows(projection INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(projection, key)) WITHOUT ROWID;"
    "CREATE TABLE entries(number INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL,"
    " version INTEGER NOT NULL, expires INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE(space, key));"
    "CREATE INDEX entries_by_expiry ON entries(expires) WHERE expires > 0;"
    /* The highest version that a key of the space had when it was removed. */
    "CREATE TABLE floors(space TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;"
    /* Without `bytes` a blob is not seen: it is being put while its lease lasts, or is removed in
     * passing. Its parts are number * 2^20 + 0, 1, 2... */
    "CREATE TABLE blobs(number INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL,"
    " bytes INTEGER, lease INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX blobs_by_key ON blobs(space, key) WHERE bytes IS NOT NULL;"
    "CREATE INDEX blobs_dead ON blobs(lease) WHERE bytes IS NULL;"
    "CREATE TABLE parts(number INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE documents(number INTEGER PRIMARY KEY, space TEXT NOT NULL, id TEXT NOT NULL,"
    " text TEXT NOT NULL, fields TEXT, UNIQUE(space, id));"
    "CREATE VIRTUAL TABLE words USING fts5(text, content='documents', content_rowid='number',"
    " tokenize='unicode61 remove_diacritics 2');",
};

#define TABLES                                                                                   \
    "'streams','events','keys','projections','rows','entries','floors','blobs','parts',"         \
    "'documents','words','events_of_stream','blobs_by_key'"
#define TABLE_COUNT 13

static int32_t make_file(const struct config *config, hexmcp_error *err)
{
    struct stat st;
    if (config->folder && mkdir(config->folder, 0700) != 0 && errno != EEXIST)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "cannot make the folder %.300s: %s; make it, or choose another", config->folder,
                           strerror(errno));
    if (stat(config->path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return hexmcp_fail(err, HEXMCP_E_CONFIG,
                               "%.300s is not a file; choose another path for the store", config->path);
        return HEXMCP_OK;
    }
    /* Only a file that was not there: to close another would drop the locks of this process on it. */
    int fd = open(config->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "cannot make the store %.300s: %s; check its folder and the disk",
                           config->path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return HEXMCP_OK;
}

static uint32_t number_at(const unsigned char *header, size_t at)
{
    return (uint32_t)header[at] << 24 | (uint32_t)header[at + 1] << 16 |
           (uint32_t)header[at + 2] << 8 | header[at + 3];
}

static int32_t refuse_newer(const struct db *db, int64_t version, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "the store %.300s has version %lld, and this hexmcp knows up to %d; use a newer "
                       "hexmcp, or another file",
                       db->path, (long long)version, STORE_VERSION);
}

static int32_t refuse_other(const struct db *db, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "%.300s is a file of another program; choose another path for the store",
                       db->path);
}

/* Looks at the first bytes before SQLite does, which might recover what is not ours. */
static int32_t check_header(struct db *db, bool *ret_empty, hexmcp_error *err)
{
    unsigned char header[HEADER_BYTES];
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        !file->pMethods || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return db_fail(db, "open", err);
    *ret_empty = size == 0;
    if (*ret_empty)
        return HEXMCP_OK;
    if (size < HEADER_BYTES ||
        file->pMethods->xRead(file, header, HEADER_BYTES, 0) != SQLITE_OK ||
        memcmp(header, "SQLite format 3", 16) != 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "%.300s is no store: it is not a file of SQLite; choose another path, or "
                           "restore a backup",
                           db->path);
    if (number_at(header, 68) != STORE_APPLICATION)
        return refuse_other(db, err);
    if (number_at(header, 60) > STORE_VERSION)
        return refuse_newer(db, number_at(header, 60), err);
    return HEXMCP_OK;
}

int32_t schema_make(struct db *db, hexmcp_error *err)
{
    char text[100];
    int64_t version = 0;
    int32_t status = db_ask(db, "PRAGMA user_version", &version, err);
    if (status == HEXMCP_OK && version > STORE_VERSION)
        return refuse_newer(db, version, err);
    for (; status == HEXMCP_OK && version < STORE_VERSION; version++)
        status = db_exec(db, steps[version], err);
    snprintf(text, sizeof(text), "PRAGMA application_id=%d; PRAGMA user_version=%d",
             STORE_APPLICATION, STORE_VERSION);
    return status == HEXMCP_OK ? db_exec(db, text, err) : status;
}

/* All steps at once, and before the file is in WAL mode: so that its header always tells whose it is. */
static int32_t bring_up(struct db *db, bool empty, hexmcp_error *err)
{
    int64_t version = 0;
    int32_t status = empty ? HEXMCP_OK : db_ask(db, "PRAGMA user_version", &version, err);
    if (status != HEXMCP_OK || version == STORE_VERSION)
        return status;
    status = db_exec(db, "BEGIN IMMEDIATE", err);
    if (status != HEXMCP_OK)
        return status;
    status = schema_make(db, err);
    if (status == HEXMCP_OK)
        status = db_exec(db, "COMMIT", err);
    if (status != HEXMCP_OK)
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static bool is_wal(struct db *db)
{
    sqlite3_stmt *s = NULL;
    bool wal = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode=WAL", -1, &s, NULL) == SQLITE_OK &&
               sqlite3_step(s) == SQLITE_ROW && hexmcp_str_equals(db_text(s, 0), "wal");
    sqlite3_finalize(s);
    return wal;
}

/* Two processes that make the file at once keep each other from changing its mode for a moment. */
static int32_t use_wal(struct db *db, hexmcp_error *err)
{
    const struct timespec pause = {0, 5 * 1000000};
    int tries = db->busy_ms / 5 + 1;
    while (!is_wal(db)) {
        int code = sqlite3_errcode(db->handle) & 0xFF;
        if (code != SQLITE_BUSY && code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
            return db_fail(db, "open", err);
        if (--tries == 0)
            return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                               "the store %.300s cannot have a write-ahead log: its file system has no "
                               "shared memory, or another process holds it; use a local disk",
                               db->path);
        nanosleep(&pause, NULL);
    }
    return HEXMCP_OK;
}

static int32_t check_tables(struct db *db, hexmcp_error *err)
{
    int64_t count = 0;
    int32_t status =
        db_ask(db, "SELECT count(*) FROM sqlite_schema WHERE name IN (" TABLES ")", &count, err);
    if (status == HEXMCP_OK && count != TABLE_COUNT)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the store %.300s is damaged: tables are missing; restore a backup, or move "
                           "the file away to begin anew",
                           db->path);
    return status;
}

static int32_t limit_size(struct db *db, const struct config *config, hexmcp_error *err)
{
    char text[200];
    /* Checkpoints are the writer's to choose, see writer.c. */
    snprintf(text, sizeof(text),
             "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
             "PRAGMA max_page_count=%lld",
             config->max_bytes ? (long long)(config->max_bytes / 4096) : 1073741823LL);
    return db_exec(db, text, err);
}

int32_t schema_open(struct db *db, const struct config *config, hexmcp_error *err)
{
    bool empty = false;
    memset(db, 0, sizeof(*db));
    int32_t status = make_file(config, err);
    if (status == HEXMCP_OK)
        status = db_connect(db, config, DB_WRITER, err);
    if (status != HEXMCP_OK)
        return status;
    /* A file that is refused stays as it is, also its log. */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    status = check_header(db, &empty, err);
    if (status == HEXMCP_OK)
        status = db_set_up(db, config, DB_WRITER, err);
    if (status == HEXMCP_OK)
        status = bring_up(db, empty, err);
    if (status == HEXMCP_OK)
        status = check_tables(db, err);
    if (status == HEXMCP_OK)
        status = use_wal(db, err);
    if (status == HEXMCP_OK)
        status = limit_size(db, config, err);
    if (status == HEXMCP_OK)
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
    return status;
}
