/*
 * One value in the file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "values.h"

int32_t value_find(struct db *db, hexmcp_str space, hexmcp_str key, struct value *ret,
                   hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_VALUE_FIND, err);
    *ret = (struct value){0};
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, key);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        *ret = (struct value){db_number(s, 0), db_number(s, 1), db_number(s, 2)};
        status = HEXMCP_OK;
    }
    db_end(s);
    return status;
}

int32_t value_add(struct db *db, hexmcp_str space, hexmcp_str key, const struct value *value,
                  hexmcp_str bytes, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_VALUE_ADD, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, key);
    db_bind_number(s, 3, value->version);
    db_bind_number(s, 4, value->expires);
    db_bind_bytes(s, 5, bytes);
    return db_do(db, s, err);
}

int32_t value_drop(struct db *db, hexmcp_str space, int64_t number, int64_t version,
                   hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_FLOOR_RAISE, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_number(s, 2, version);
    if (db_do(db, s, err) != HEXMCP_OK)
        return err->code;
    s = db_sql(db, SQL_VALUE_REMOVE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    return db_do(db, s, err);
}
