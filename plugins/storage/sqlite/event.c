/*
 * One event, from JSON into the file and back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "events.h"
#include "times.h"

enum member {
    ID, TYPE, SCHEMA, AT, CORRELATION, CAUSATION, CALLER, TENANT, DATA, STREAM, VERSION, POSITION,
    MEMBERS
};

static const hexmcp_str names[MEMBERS] = {
    LIT("id"),        LIT("type"),   LIT("schema"), LIT("at"),   LIT("correlation"), LIT("causation"),
    LIT("caller"),    LIT("tenant"), LIT("data"),   LIT("stream"), LIT("version"),   LIT("position"),
};

struct text_rule {
    enum member member;
    size_t min;
    const char *what;
};

static const struct text_rule rules[] = {
    {ID, 1, "\"id\" of an event"},
    {TYPE, 1, "\"type\" of an event"},
    {AT, 1, "\"at\" of an event"},
    {CORRELATION, 0, "\"correlation\" of an event"},
    {CALLER, 0, "\"caller\" of an event"},
    {TENANT, 0, "\"tenant\" of an event"},
    {CAUSATION, 0, "\"causation\" of an event"},
};

static int32_t parse_texts(hexmcp_str *values, hexmcp_error *err)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct text_rule *rule = &rules[i];
        hexmcp_str *value = &values[rule->member];
        if (rule->member == CAUSATION && !value->ptr)
            continue;
        if (text_take(*value, rule->min, NAME_BYTES_MAX, rule->what, value, err) != HEXMCP_OK)
            return err->code;
    }
    return time_check(values[AT], "\"at\" of an event", err);
}

int32_t event_parse(hexmcp_str json, struct event *ret, struct event_place *ret_place,
                    hexmcp_error *err)
{
    hexmcp_str v[MEMBERS];
    int64_t schema = 1;
    if (json.len > EVENT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "an event of %zu bytes is too large; at most %zu are allowed, put larger "
                           "data into a blob",
                           json.len, EVENT_BYTES_MAX);
    if (text_members(json, names, v, MEMBERS, "an event", err) != HEXMCP_OK ||
        parse_texts(v, err) != HEXMCP_OK ||
        text_number(v[SCHEMA], 1, INT32_MAX, "\"schema\" of an event", &schema, err) != HEXMCP_OK)
        return err->code;
    *ret = (struct event){v[ID],        v[TYPE],   v[AT],     v[CORRELATION],
                          v[CAUSATION], v[CALLER], v[TENANT], v[DATA].ptr ? v[DATA] : STR("null"),
                          schema};
    if (ret_place)
        *ret_place = (struct event_place){v[STREAM], v[VERSION], v[POSITION]};
    return HEXMCP_OK;
}

int32_t event_add(struct db *db, int64_t stream, int64_t version, int64_t position,
                  const struct event *event, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, position ? SQL_EVENT_RESTORE : SQL_EVENT_ADD, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, stream);
    db_bind_number(s, 2, version);
    db_bind_text(s, 3, event->id);
    db_bind_text(s, 4, event->type);
    db_bind_number(s, 5, event->schema);
    db_bind_text(s, 6, event->at);
    db_bind_text(s, 7, event->correlation);
    if (event->causation.ptr)
        db_bind_text(s, 8, event->causation);
    else
        sqlite3_bind_null(s, 8);
    db_bind_text(s, 9, event->caller);
    db_bind_text(s, 10, event->tenant);
    db_bind_text(s, 11, event->data);
    if (position)
        db_bind_number(s, 12, position);
    return db_do(db, s, err);
}

void event_write(struct out *o, sqlite3_stmt *row, hexmcp_str stream)
{
    OUT(o, "{\"id\":");
    out_string(o, db_text(row, 2));
    OUT(o, ",\"stream\":");
    out_string(o, stream);
    OUT(o, ",\"version\":");
    out_number(o, db_number(row, 0));
    OUT(o, ",\"position\":");
    out_number(o, db_number(row, 1));
    OUT(o, ",\"type\":");
    out_string(o, db_text(row, 3));
    OUT(o, ",\"schema\":");
    out_number(o, db_number(row, 4));
    OUT(o, ",\"at\":");
    out_string(o, db_text(row, 5));
    OUT(o, ",\"correlation\":");
    out_string(o, db_text(row, 6));
    if (sqlite3_column_type(row, 7) != SQLITE_NULL) {
        OUT(o, ",\"causation\":");
        out_string(o, db_text(row, 7));
    }
    OUT(o, ",\"caller\":");
    out_string(o, db_text(row, 8));
    OUT(o, ",\"tenant\":");
    out_string(o, db_text(row, 9));
    OUT(o, ",\"data\":");
    out_raw(o, db_text(row, 10));
    OUT(o, "}");
}

int32_t stream_find(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *ret_number,
                    int64_t *ret_version, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_STREAM_FIND, err);
    *ret_number = *ret_version = 0;
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, name);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        *ret_number = db_number(s, 0);
        *ret_version = db_number(s, 1);
        status = HEXMCP_OK;
    }
    db_end(s);
    return status;
}

int32_t stream_move(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *number, int64_t version,
                    hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, *number ? SQL_STREAM_MOVE : SQL_STREAM_ADD, err);
    if (!s)
        return err->code;
    if (*number) {
        db_bind_number(s, 1, *number);
        db_bind_number(s, 2, version);
        return db_do(db, s, err);
    }
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, name);
    db_bind_number(s, 3, version);
    int32_t status = db_do(db, s, err);
    if (status == HEXMCP_OK)
        *number = sqlite3_last_insert_rowid(db->handle);
    return status;
}
