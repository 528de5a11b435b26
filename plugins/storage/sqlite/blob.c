/*
 * One blob in the file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"
#include "times.h"

int32_t blob_find(struct db *db, hexmcp_str space, hexmcp_str key, struct blob *ret,
                  hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_BLOB_FIND, err);
    *ret = (struct blob){0};
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, key);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        *ret = (struct blob){db_number(s, 0), db_number(s, 1)};
        status = HEXMCP_OK;
    }
    db_end(s);
    return status;
}

int32_t blob_hide(struct db *db, int64_t number, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_BLOB_HIDE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    return db_do(db, s, err);
}

int32_t blob_begin(struct db *db, hexmcp_str space, hexmcp_str key, int64_t *ret_number,
                   hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_BLOB_ADD, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, key);
    db_bind_number(s, 3, time_now_ms());
    if (db_do(db, s, err) != HEXMCP_OK)
        return err->code;
    *ret_number = sqlite3_last_insert_rowid(db->handle);
    return HEXMCP_OK;
}

static int32_t lost(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TIMEOUT,
                       "the blob was given up because no bytes came for an hour; put it again");
}

int32_t blob_show(struct db *db, int64_t number, int64_t bytes, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_BLOB_SHOW, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_number(s, 2, bytes);
    if (db_do(db, s, err) != HEXMCP_OK)
        return err->code;
    return sqlite3_changes(db->handle) == 1 ? HEXMCP_OK : lost(err);
}

static int32_t touch(struct db *db, int64_t number, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_BLOB_TOUCH, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_number(s, 2, time_now_ms());
    if (db_do(db, s, err) != HEXMCP_OK)
        return err->code;
    return sqlite3_changes(db->handle) == 1 ? HEXMCP_OK : lost(err);
}

int32_t blob_add_part(struct db *db, int64_t number, uint32_t part, hexmcp_str bytes,
                      hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PART_ADD, err);
    if (!s || (part > 0 && touch(db, number, err) != HEXMCP_OK))
        return err->code;
    db_bind_number(s, 1, number * PARTS_MAX + part);
    db_bind_bytes(s, 2, bytes);
    return db_do(db, s, err);
}

int32_t blob_part(struct db *db, int64_t number, int64_t part, sqlite3_stmt **ret_row, hexmcp_str *ret,
                  hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PART_GET, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number * PARTS_MAX + part);
    int32_t status = db_step(db, s, err);
    if (status <= 0) {
        db_end(s);
        return status < 0 ? status
                          : hexmcp_fail(err, HEXMCP_E_NOT_FOUND,
                                        "the blob was removed while it was read; put it again");
    }
    *ret_row = s;
    *ret = db_text(s, 0);
    return HEXMCP_OK;
}
