/*
 * SPDX-License-Identifier: MIT
 */
#include "rows.h"

#include <math.h>

#include "kit/encode.h"
#include "kit/response.h"

#define EXACT ((int64_t)1 << 53)

void rows_begin(struct rows *rows, int64_t offset, int64_t limit)
{
    *rows = (struct rows){.offset = offset, .limit = limit, .most_bytes = ROWS_BYTES};
    hexmcp_json_writer_init(&rows->columns);
    hexmcp_json_writer_init(&rows->list);
    hexmcp_json_begin_array(&rows->columns);
    hexmcp_json_begin_array(&rows->list);
}

void rows_free(struct rows *rows)
{
    hexmcp_json_writer_free(&rows->columns);
    hexmcp_json_writer_free(&rows->list);
}

void rows_column(struct rows *rows, const char *name, const char *type)
{
    hexmcp_json_begin_object(&rows->columns);
    hexmcp_json_put_text(&rows->columns, "name", name);
    hexmcp_json_put_text(&rows->columns, "type", type);
    hexmcp_json_end_object(&rows->columns);
}

bool rows_row(struct rows *rows)
{
    if (rows->seen++ < rows->offset)
        return false;
    if (rows->kept == rows->limit ||
        (rows->kept > 0 && rows->bytes >= rows->most_bytes))
        rows->more = true;
    if (rows->more)
        return false;
    rows->kept++;
    hexmcp_json_begin_array(&rows->list);
    return true;
}

void rows_end_row(struct rows *rows)
{
    hexmcp_json_end_array(&rows->list);
}

void rows_null(struct rows *rows)
{
    hexmcp_json_write_null(&rows->list);
}

void rows_bool(struct rows *rows, bool value)
{
    hexmcp_json_write_bool(&rows->list, value);
}

void rows_int64(struct rows *rows, int64_t value)
{
    char text[24];
    if (value <= EXACT && value >= -EXACT) {
        hexmcp_json_write_int64(&rows->list, value);
        return;
    }
    snprintf(text, sizeof(text), "%lld", (long long)value);
    hexmcp_json_write_text(&rows->list, text);
}

void rows_double(struct rows *rows, double value)
{
    if (isfinite(value))
        hexmcp_json_write_double(&rows->list, value);
    else
        hexmcp_json_write_text(&rows->list, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

/* Counts a value; true if it is too large, and null stands in its place. */
static bool too_large(struct rows *rows, size_t len)
{
    rows->bytes += len;
    if (len <= CELL_BYTES)
        return false;
    if (rows->too_large == 0)
        rows->too_large = len;
    rows_null(rows);
    return true;
}

void rows_text(struct rows *rows, const char *text, size_t len)
{
    if (!is_utf8((hexmcp_str){text, len}))
        rows_bytes(rows, text, len);
    else if (!too_large(rows, len))
        hexmcp_json_write_string(&rows->list, (hexmcp_str){text, len});
}

/* Inside of the result, where it is deeper by a few levels. */
static bool is_json(struct rows *rows, const char *json, size_t len)
{
    static const char before[] = "[[[[[[", after[] = "]]]]]]";
    struct bytes whole = {0};
    bool good = bytes_add(&whole, before, sizeof(before) - 1) && bytes_add(&whole, json, len) &&
                bytes_add(&whole, after, sizeof(after) - 1);
    rows->out_of_memory |= !good;
    good = good && response_is_json(rows->r, bytes_str(&whole));
    bytes_free(&whole);
    return good;
}

void rows_json(struct rows *rows, const char *json, size_t len)
{
    if (rows->r && len <= CELL_BYTES && !is_json(rows, json, len))
        rows_text(rows, json, len);
    else
        rows_number(rows, json, len);
}

void rows_number(struct rows *rows, const char *json, size_t len)
{
    if (!too_large(rows, len))
        hexmcp_json_write_raw(&rows->list, (hexmcp_str){json, len});
}

void rows_bytes(struct rows *rows, const void *bytes, size_t len)
{
    if (too_large(rows, len))
        return;
    struct bytes text = {0};
    if (!encode_base64(&text, bytes, len)) {
        rows->out_of_memory = true;
        return;
    }
    hexmcp_json_begin_object(&rows->list);
    hexmcp_json_put_string(&rows->list, "base64", bytes_str(&text));
    hexmcp_json_end_object(&rows->list);
    bytes_free(&text);
}

int32_t rows_end(struct rows *rows, hexmcp_error *err)
{
    hexmcp_json_end_array(&rows->columns);
    hexmcp_json_end_array(&rows->list);
    if (rows->too_large > 0)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "a value of the result has %zu bytes, but at most %zu are shown; select a "
                           "part of it, as with substr()",
                           rows->too_large, CELL_BYTES);
    if (rows->out_of_memory || hexmcp_json_writer_status(&rows->list) != HEXMCP_OK ||
        hexmcp_json_writer_status(&rows->columns) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the rows; give a smaller limit");
    return HEXMCP_OK;
}
