/*
 * SPDX-License-Identifier: MIT
 */
#include "reap.h"

#include "blobs.h"
#include "times.h"
#include "values.h"

#define EVERY_MS 1000
#define LATE_MS 10000
#define KEY_LIFE_MS ((int64_t)24 * 3600 * 1000)

bool reap_due(struct reaper *reaper)
{
    int64_t now = time_now_ms();
    if (now >= reaper->next_ms && !reaper->due) {
        reaper->due = true;
        reaper->late_ms = now + LATE_MS;
    }
    return reaper->due && now > reaper->late_ms;
}

/* Each of these returns how much it has removed, or an error. */

static int32_t reap_keys(struct db *db, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_KEY_REAP, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, time_now_ms() - KEY_LIFE_MS);
    int32_t status = db_do(db, s, err);
    return status == HEXMCP_OK ? sqlite3_changes(db->handle) : status;
}

struct expired {
    int64_t number;
    int64_t version;
    size_t space_len;
    char space[NAME_BYTES_MAX];
};

static int32_t find_expired(struct db *db, struct expired *ret, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_VALUES_EXPIRED, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, time_now_ms());
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        hexmcp_str space = db_text(s, 1);
        *ret = (struct expired){.number = db_number(s, 0),
                                .version = db_number(s, 2),
                                .space_len = space.len < NAME_BYTES_MAX ? space.len : NAME_BYTES_MAX};
        memcpy(ret->space, space.ptr, ret->space_len);
    }
    db_end(s);
    return status;
}

static int32_t reap_values(struct db *db, hexmcp_error *err)
{
    struct expired e;
    int32_t status = 0, count = 0;
    while (count < 100 && (status = find_expired(db, &e, err)) > 0) {
        status = value_drop(db, (hexmcp_str){e.space, e.space_len}, e.number, e.version + 1, err);
        if (status != HEXMCP_OK)
            return status;
        count++;
    }
    return status < 0 ? status : count;
}

/* The first number that `which` finds, 0 if there is none. */
static int32_t find_dead(struct db *db, enum sql which, int64_t limit, int64_t *ret, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, which, err);
    *ret = 0;
    if (!s)
        return err->code;
    if (sqlite3_bind_parameter_count(s) > 0)
        db_bind_number(s, 1, limit);
    int32_t status = db_step(db, s, err);
    if (status > 0)
        *ret = db_number(s, 0);
    db_end(s);
    return status < 0 ? status : HEXMCP_OK;
}

/* Removes some of what belongs to `number` by `rows`, and when nothing is left itself by `self`. */
static int32_t reap_owned(struct db *db, enum sql rows, enum sql self, int64_t number, int64_t from,
                          int64_t to, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, rows, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, from);
    if (sqlite3_bind_parameter_count(s) > 1)
        db_bind_number(s, 2, to);
    int32_t status = db_do(db, s, err);
    int removed = sqlite3_changes(db->handle);
    if (status != HEXMCP_OK || removed > 0)
        return status == HEXMCP_OK ? removed : status;
    s = db_sql(db, self, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    status = db_do(db, s, err);
    return status == HEXMCP_OK ? 1 : status;
}

static int32_t reap_blobs(struct db *db, hexmcp_error *err)
{
    int64_t n;
    int32_t status = find_dead(db, SQL_BLOB_DEAD, time_now_ms() - LEASE_MS, &n, err);
    if (status != HEXMCP_OK || !n)
        return status;
    return reap_owned(db, SQL_PARTS_REAP, SQL_BLOB_REAP, n, n * PARTS_MAX, (n + 1) * PARTS_MAX, err);
}

static int32_t reap_projections(struct db *db, hexmcp_error *err)
{
    int64_t n;
    int32_t status = find_dead(db, SQL_PROJECTION_DEAD, 0, &n, err);
    if (status != HEXMCP_OK || !n)
        return status;
    return reap_owned(db, SQL_ROWS_REAP, SQL_PROJECTION_REAP, n, n, 0, err);
}

bool reap_step(struct reaper *reaper, struct db *db)
{
    static int32_t (*const kinds[])(struct db *, hexmcp_error *) = {reap_keys, reap_values, reap_blobs,
                                                                    reap_projections};
    hexmcp_error err = {.size = sizeof(err)};
    int32_t removed = 0, status = HEXMCP_OK;
    if (!reaper->due)
        return false;
    status = db_run(db, SQL_BEGIN_WRITE, &err);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status >= 0; i++) {
        status = kinds[i](db, &err);
        removed += status > 0 ? status : 0;
    }
    if (status >= 0)
        status = db_run(db, SQL_COMMIT, &err);
    /* What fails here is tried again later; those who write meanwhile hear of it. */
    if (status < 0 && !sqlite3_get_autocommit(db->handle))
        db_run(db, SQL_ROLLBACK, &err);
    db->failed = false;
    reaper->due = status >= 0 && removed > 0;
    reaper->next_ms = time_now_ms() + EVERY_MS;
    reaper->late_ms = reaper->next_ms + LATE_MS;
    return reaper->due;
}
