/* The module `kv`: SQLite. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/kv/backend.h"
#include "adapters/driven/module/export.h"
#include "core/base/error.h"
#include "core/base/str.h"

MODULE_DEFINE_BUILD_ID();

#define BUSY_MS 5000
#define APPLICATION_ID "1751480427" /* "hexk" */
#define SWEEP_ROWS "64"

static const char schema[] =
    "PRAGMA application_id = " APPLICATION_ID ";"
    "PRAGMA user_version = 1;"
    "CREATE TABLE entry(id INTEGER PRIMARY KEY, plugin TEXT NOT NULL, key BLOB NOT NULL,"
    " value BLOB NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " UNIQUE(plugin, key));"
    "CREATE INDEX entry_expires ON entry(expires) WHERE expires > 0;"
    "CREATE TABLE plugin(id TEXT PRIMARY KEY, bytes INTEGER NOT NULL, keys INTEGER NOT NULL,"
    " version INTEGER NOT NULL);"
    "CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN UPDATE plugin SET keys = keys + 1,"
    " bytes = bytes + length(new.key) + length(new.value) WHERE id = new.plugin; END;"
    "CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN UPDATE plugin SET keys = keys - 1,"
    " bytes = bytes - length(old.key) - length(old.value) WHERE id = old.plugin; END;"
    "CREATE TRIGGER entry_changed AFTER UPDATE ON entry BEGIN UPDATE plugin SET"
    " bytes = bytes - length(old.value) + length(new.value) WHERE id = new.plugin; END;";

enum statement {
    GET,
    USAGE,
    NEXT_VERSION,
    PUT,
    REMOVE,
    LIST,
    SWEEP,
    SWEEP_PLUGIN,
    BEGIN,
    BEGIN_WRITE,
    COMMIT,
    ROLLBACK,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [GET] = "SELECT value, version, expires FROM entry WHERE plugin = ?1 AND key = ?2",
    [USAGE] = "SELECT bytes, keys FROM plugin WHERE id = ?1",
    [NEXT_VERSION] = "INSERT INTO plugin VALUES(?1, 0, 0, 1) ON CONFLICT DO UPDATE SET"
                     " version = version + 1 RETURNING version",
    [PUT] = "INSERT INTO entry(plugin, key, value, version, expires) VALUES(?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version,"
            " expires = excluded.expires",
    [REMOVE] = "DELETE FROM entry WHERE plugin = ?1 AND key = ?2",
    [LIST] = "SELECT key, length(value), version, expires FROM entry WHERE plugin = ?1 AND key > ?2"
             " AND key >= ?3 AND key < CAST(?3 || x'FF' AS BLOB) AND (expires = 0 OR expires > ?4)"
             " ORDER BY key LIMIT ?5",
    [SWEEP] = "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE expires > 0 AND"
              " expires <= ?1 LIMIT " SWEEP_ROWS ")",
    [SWEEP_PLUGIN] = "DELETE FROM entry WHERE plugin = ?1 AND expires > 0 AND expires <= ?2",
    [BEGIN] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

struct database {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[STATEMENTS];
};

static int fault(const struct database *d, int code, struct error *err)
{
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return error_set(err, ST_NOMEM, "out of memory");
    case SQLITE_FULL:
        return error_set(err, ST_UNAVAILABLE, "%s cannot grow: the disk is full", d->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ST_BUSY, "%s is held by another program; try again", d->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
        return error_set(err, ST_UNAVAILABLE,
                         "%s is damaged; move it away, and plugins begin with an empty store",
                         d->path);
    case SQLITE_READONLY:
        return error_set(err, ST_UNAVAILABLE, "%s cannot be written", d->path);
    default:
        return error_set(err, ST_UNAVAILABLE, "%s cannot be used: %s", d->path,
                         d->db ? sqlite3_errmsg(d->db) : sqlite3_errstr(code));
    }
}

static void bind_text(sqlite3_stmt *s, int at, struct str text)
{
    sqlite3_bind_text(s, at, text.len ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *s, int at, struct str bytes)
{
    sqlite3_bind_blob(s, at, bytes.len ? bytes.ptr : "", (int)bytes.len, SQLITE_STATIC);
}

static struct str column(sqlite3_stmt *s, int at)
{
    return (struct str){sqlite3_column_blob(s, at), (size_t)sqlite3_column_bytes(s, at)};
}

static sqlite3_stmt *statement(struct database *d, enum statement which)
{
    sqlite3_stmt *s = d->statements[which];
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return s;
}

/* Runs a statement to its end. */
static int finish(struct database *d, sqlite3_stmt *s, struct error *err)
{
    int rc = sqlite3_step(s);
    while (rc == SQLITE_ROW)
        rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? ST_OK : fault(d, rc, err);
}

static int run(struct database *d, enum statement which, struct error *err)
{
    return finish(d, statement(d, which), err);
}

static int db_begin(void *ctx, bool writes, struct error *err)
{
    return run(ctx, writes ? BEGIN_WRITE : BEGIN, err);
}

static int db_commit(void *ctx, struct error *err)
{
    return run(ctx, COMMIT, err);
}

static void db_rollback(void *ctx)
{
    struct database *d = ctx;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_reset(d->statements[i]);
    if (!sqlite3_get_autocommit(d->db))
        run(d, ROLLBACK, NULL);
}

/* ST_NOT_FOUND without a text: there is none. */
static int find(struct database *d, struct str plugin, struct str key, int64_t now_ms,
                struct kv_entry *out, bool *expired, struct error *err)
{
    sqlite3_stmt *s = statement(d, GET);
    bind_text(s, 1, plugin);
    bind_blob(s, 2, key);
    int rc = sqlite3_step(s);
    *expired = false;
    if (rc == SQLITE_DONE)
        return ST_NOT_FOUND;
    if (rc != SQLITE_ROW)
        return fault(d, rc, err);
    *out = (struct kv_entry){.key = key,
                             .value = column(s, 0),
                             .bytes = (uint64_t)sqlite3_column_bytes(s, 0),
                             .version = (uint64_t)sqlite3_column_int64(s, 1),
                             .expires_ms = sqlite3_column_int64(s, 2)};
    *expired = out->expires_ms && out->expires_ms <= now_ms;
    return *expired ? ST_NOT_FOUND : ST_OK;
}

static int db_get(void *ctx, struct str plugin, struct str key, int64_t now_ms,
                  struct kv_entry *out, struct error *err)
{
    bool expired;
    int rc = find(ctx, plugin, key, now_ms, out, &expired, err);
    return rc == ST_NOT_FOUND ? error_set(err, ST_NOT_FOUND, "there is no key \"%.*s\"",
                                          STR_ARG(key))
                              : rc;
}

static int usage(struct database *d, struct str plugin, uint64_t *bytes, uint64_t *keys,
                 struct error *err)
{
    sqlite3_stmt *s = statement(d, USAGE);
    bind_text(s, 1, plugin);
    int rc = sqlite3_step(s);
    *bytes = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    *keys = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 1) : 0;
    sqlite3_reset(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : fault(d, rc, err);
}

static int sweep_plugin(struct database *d, const struct kv_change *c, struct error *err)
{
    sqlite3_stmt *s = statement(d, SWEEP_PLUGIN);
    bind_text(s, 1, c->plugin);
    sqlite3_bind_int64(s, 2, c->now_ms);
    return finish(d, s, err);
}

/* Is there room for the change? `before` is what the key takes now. */
static int check_room(struct database *d, const struct kv_change *c, bool exists, uint64_t before,
                      bool swept, struct error *err)
{
    uint64_t bytes, keys, more = c->value.len + (exists ? 0 : c->key.len);
    int rc = usage(d, c->plugin, &bytes, &keys, err);
    if (rc)
        return rc;
    bool too_many = !exists && keys >= c->max_keys;
    bool too_long = bytes - before + more > c->max_bytes;
    if (!too_many && !too_long)
        return ST_OK;
    if (!swept) {
        rc = sweep_plugin(d, c, err);
        return rc ? rc : check_room(d, c, exists, before, true, err);
    }
    if (too_many)
        return error_set(err, ST_TOO_LARGE,
                         "the store of %.*s is full: it has %llu keys; the limit is kv.max_keys",
                         STR_ARG(c->plugin), (unsigned long long)keys);
    return error_set(err, ST_TOO_LARGE,
                     "the store of %.*s is full: it has %llu bytes, and %llu more are above the limit "
                     "kv.max_bytes",
                     STR_ARG(c->plugin), (unsigned long long)bytes, (unsigned long long)more);
}

static int next_version(struct database *d, struct str plugin, uint64_t *out, struct error *err)
{
    sqlite3_stmt *s = statement(d, NEXT_VERSION);
    bind_text(s, 1, plugin);
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW)
        return fault(d, rc, err);
    *out = (uint64_t)sqlite3_column_int64(s, 0);
    return finish(d, s, err);
}

static int put(struct database *d, const struct kv_change *c, uint64_t version, struct error *err)
{
    sqlite3_stmt *s = statement(d, PUT);
    bind_text(s, 1, c->plugin);
    bind_blob(s, 2, c->key);
    bind_blob(s, 3, c->value);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)version);
    sqlite3_bind_int64(s, 5, c->expires_ms);
    return finish(d, s, err);
}

static int db_set(void *ctx, const struct kv_change *c, struct kv_done *out, struct error *err)
{
    struct database *d = ctx;
    struct kv_entry now = {0};
    bool expired;
    uint64_t version = 0;
    int rc = find(d, c->plugin, c->key, c->now_ms, &now, &expired, err);
    if (rc && rc != ST_NOT_FOUND)
        return rc;
    uint64_t current = rc ? 0 : now.version, before = now.bytes;
    bool exists = rc == ST_OK;
    sqlite3_reset(d->statements[GET]);
    if (c->conditional && current != c->version) {
        *out = (struct kv_done){false, current};
        return ST_OK;
    }
    if (expired)
        rc = sweep_plugin(d, c, err);
    else
        rc = ST_OK;
    if (!rc)
        rc = check_room(d, c, exists, exists ? before : 0, false, err);
    if (!rc)
        rc = next_version(d, c->plugin, &version, err);
    if (!rc)
        rc = put(d, c, version, err);
    if (!rc)
        *out = (struct kv_done){true, version};
    return rc;
}

static int db_remove(void *ctx, const struct kv_change *c, struct kv_done *out, struct error *err)
{
    struct database *d = ctx;
    struct kv_entry now;
    bool expired;
    int rc = find(d, c->plugin, c->key, c->now_ms, &now, &expired, err);
    if (rc && rc != ST_NOT_FOUND)
        return rc;
    uint64_t current = rc ? 0 : now.version;
    sqlite3_reset(d->statements[GET]);
    if (rc || (c->conditional && current != c->version)) {
        *out = (struct kv_done){false, current};
        return ST_OK;
    }
    sqlite3_stmt *s = statement(d, REMOVE);
    bind_text(s, 1, c->plugin);
    bind_blob(s, 2, c->key);
    rc = finish(d, s, err);
    if (!rc)
        *out = (struct kv_done){true, 0};
    return rc;
}

static int db_list(void *ctx, const struct kv_listing *what,
                   void (*each)(void *arg, const struct kv_entry *entry), void *arg,
                   struct error *err)
{
    struct database *d = ctx;
    sqlite3_stmt *s = statement(d, LIST);
    bind_text(s, 1, what->plugin);
    bind_blob(s, 2, what->after);
    bind_blob(s, 3, what->prefix);
    sqlite3_bind_int64(s, 4, what->now_ms);
    sqlite3_bind_int64(s, 5, what->limit);
    int rc = sqlite3_step(s);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(s)) {
        const struct kv_entry entry = {.key = column(s, 0),
                                       .bytes = (uint64_t)sqlite3_column_int64(s, 1),
                                       .version = (uint64_t)sqlite3_column_int64(s, 2),
                                       .expires_ms = sqlite3_column_int64(s, 3)};
        each(arg, &entry);
    }
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? ST_OK : fault(d, rc, err);
}

static int db_sweep(void *ctx, int64_t now_ms, struct error *err)
{
    struct database *d = ctx;
    sqlite3_stmt *s = statement(d, SWEEP);
    sqlite3_bind_int64(s, 1, now_ms);
    return finish(d, s, err);
}

static void db_close(void *ctx)
{
    struct database *d = ctx;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(d->statements[i]);
    sqlite3_close(d->db);
    free(d->path);
    free(d);
}

/* SQLite gives its other files the mode of this one. */
static int check_file(const char *path, struct error *err)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be opened: %s", path, strerror(errno));
    int failed = fstat(fd, &st);
    close(fd);
    if (failed || !S_ISREG(st.st_mode))
        return error_set(err, ST_UNAVAILABLE, "%s is not a regular file", path);
    if (st.st_uid != geteuid())
        return error_set(err, ST_UNAVAILABLE, "%s belongs to another user", path);
    if (st.st_mode & 077)
        return error_set(err, ST_UNAVAILABLE,
                         "%s is open to other users; allow only its owner (chmod 600)", path);
    return ST_OK;
}

static int read_version(struct database *d, int64_t *out, struct error *err)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(d->db, "PRAGMA user_version", -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? ST_OK : fault(d, rc, err);
}

static int execute(struct database *d, const char *text, struct error *err)
{
    int rc = sqlite3_exec(d->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ST_OK : fault(d, rc, err);
}

/* Two programs may come at the same time. */
static int make_schema(struct database *d, struct error *err)
{
    int64_t version = 0;
    int rc = read_version(d, &version, err);
    if (!rc && version == 0) {
        rc = execute(d, "BEGIN IMMEDIATE", err);
        if (!rc)
            rc = read_version(d, &version, err);
        if (!rc && version == 0)
            rc = execute(d, schema, err);
        if (!rc)
            rc = execute(d, "COMMIT", err);
        if (!rc)
            rc = read_version(d, &version, err);
    }
    if (!rc && version != 1)
        rc = error_set(err, ST_UNAVAILABLE, "%s was made by a newer hexmcp (version %lld)", d->path,
                       (long long)version);
    return rc;
}

static int prepare(struct database *d, struct error *err)
{
    sqlite3_extended_result_codes(d->db, 1);
    sqlite3_busy_timeout(d->db, BUSY_MS);
    int rc = execute(d, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err);
    if (!rc)
        rc = make_schema(d, err);
    for (int i = 0; !rc && i < STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(d->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &d->statements[i], NULL);
        rc = code == SQLITE_OK ? ST_OK : fault(d, code, err);
    }
    return rc;
}

MODULE_EXPORT kv_backend_open hexmcp_module_entry;

int hexmcp_module_entry(const char *path, struct kv_backend *out, struct error *err)
{
    int rc = check_file(path, err);
    if (rc)
        return rc;
    struct database *d = calloc(1, sizeof(*d));
    if (!d || !(d->path = strdup(path))) {
        free(d);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    int code = sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    rc = code == SQLITE_OK ? prepare(d, err) : fault(d, code, err);
    if (rc) {
        db_close(d);
        return rc;
    }
    *out = (struct kv_backend){d,      db_begin,  db_commit, db_rollback, db_get,
                               db_set, db_remove, db_list,   db_sweep,    db_close};
    return ST_OK;
}
