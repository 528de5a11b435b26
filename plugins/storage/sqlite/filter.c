/*
 * SPDX-License-Identifier: MIT
 */
#include "documents.h"

/* What compare() says of values that are of different types. */
#define APART 2

static int order_of_texts(hexmcp_str a, hexmcp_str b)
{
    char *x = NULL, *y = NULL;
    size_t m = 0, n = 0;
    int order = APART;
    if (hexmcp_json_string_dup(a, &x, &m) == HEXMCP_OK &&
        hexmcp_json_string_dup(b, &y, &n) == HEXMCP_OK) {
        order = memcmp(x, y, m < n ? m : n);
        order = order != 0 ? (order > 0) - (order < 0) : (m > n) - (m < n);
    }
    free(x);
    free(y);
    return order;
}

/* -1, 0, 1, or APART. */
static int compare(hexmcp_str a, hexmcp_str b)
{
    int type = hexmcp_json_type(a);
    double x, y;
    if (type != hexmcp_json_type(b))
        return APART;
    if (type == HEXMCP_JSON_STRING)
        return order_of_texts(a, b);
    if (type == HEXMCP_JSON_NUMBER && hexmcp_json_double(a, &x) == HEXMCP_OK &&
        hexmcp_json_double(b, &y) == HEXMCP_OK)
        return (x > y) - (x < y);
    return type == HEXMCP_JSON_BOOL && text_same(a, b) ? 0 : APART;
}

static bool value_fits(hexmcp_str value, hexmcp_str wanted)
{
    static const hexmcp_str names[] = {LIT("from"), LIT("to")};
    hexmcp_str v[2], item;
    hexmcp_json_iter it = hexmcp_json_iter_begin(wanted);
    if (hexmcp_json_type(wanted) == HEXMCP_JSON_ARRAY) {
        while (hexmcp_json_next(&it, NULL, &item)) {
            if (compare(value, item) == 0)
                return true;
        }
        return false;
    }
    if (hexmcp_json_type(wanted) != HEXMCP_JSON_OBJECT)
        return compare(value, wanted) == 0;
    if (text_members(wanted, names, v, 2, "a range", NULL) != HEXMCP_OK)
        return false;
    int from = v[0].ptr ? compare(value, v[0]) : 0;
    int to = v[1].ptr ? compare(value, v[1]) : 0;
    return (from == 0 || from == 1) && to <= 0;
}

/* Of a list one value is enough. */
static bool field_fits(hexmcp_str field, hexmcp_str wanted)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(field);
    hexmcp_str item;
    if (hexmcp_json_type(field) != HEXMCP_JSON_ARRAY)
        return value_fits(field, wanted);
    while (hexmcp_json_next(&it, NULL, &item)) {
        if (value_fits(item, wanted))
            return true;
    }
    return false;
}

bool filter_fits(hexmcp_str fields, hexmcp_str filter)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(filter);
    hexmcp_str key, wanted, field;
    if (filter.len == 0)
        return true;
    while (hexmcp_json_next(&it, &key, &wanted)) {
        char name[NAME_BYTES_MAX + 1];
        if (hexmcp_json_string(key, name, sizeof(name), NULL) != HEXMCP_OK || fields.len == 0 ||
            hexmcp_json_get(fields, name, &field) != HEXMCP_OK || !field_fits(field, wanted))
            return false;
    }
    return true;
}

static hexmcp_str argument(sqlite3_value *value)
{
    const void *bytes = sqlite3_value_blob(value);
    return (hexmcp_str){bytes, (size_t)sqlite3_value_bytes(value)};
}

static void fits(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, filter_fits(argument(values[0]), argument(values[1])));
}

int32_t filter_register(struct db *db, hexmcp_error *err)
{
    if (sqlite3_create_function(db->handle, "fits", 2,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, fits, NULL,
                                NULL) != SQLITE_OK)
        return db_fail(db, "use", err);
    return HEXMCP_OK;
}
