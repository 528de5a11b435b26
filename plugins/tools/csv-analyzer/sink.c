/*
 * SPDX-License-Identifier: MIT
 */
#include "sink.h"

#define FLUSH ((size_t)256 * 1024)

const char *const sink_format_names[] = {"json", "jsonl", "tsv", "csv", "xlsx", NULL};

static bool put(struct sink *s, const char *text, size_t len)
{
    return bytes_add(&s->out, text, len);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static bool put_string(struct sink *s, hexmcp_str text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, text);
    hexmcp_str json = hexmcp_json_writer_text(&w);
    bool ok = json.len > 0 && put(s, json.ptr, json.len);
    hexmcp_json_writer_free(&w);
    return ok;
}

/* Numbers keep their digits; JSON has no plus before them. */
static bool put_value(struct sink *s, hexmcp_str text, enum value_type column)
{
    enum value_type type = value_type_of(text);
    bool numeric = column == VALUE_INTEGER || column == VALUE_NUMBER;
    if (!s->typed)
        return put_string(s, text);
    if (type == VALUE_EMPTY)
        return put(s, "null", 4);
    if (type == VALUE_BOOLEAN && column == VALUE_BOOLEAN)
        return text.len == 4 ? put(s, "true", 4) : put(s, "false", 5);
    if (numeric && (type == VALUE_INTEGER || type == VALUE_NUMBER) && text.ptr[0] != '+')
        return put(s, text.ptr, text.len);
    return put_string(s, text);
}

static bool put_object(struct sink *s, const hexmcp_str *fields)
{
    bool ok = put(s, "{", 1);
    for (size_t i = 0; ok && i < s->columns; i++)
        ok = (i == 0 || put(s, ",", 1)) && put_string(s, s->names[i]) && put(s, ":", 1) &&
             put_value(s, fields[i], s->types[i]);
    return ok && put(s, "}", 1);
}

/* ---- CSV ------------------------------------------------------------------------------------ */

static bool needs_quotes(hexmcp_str text, char delimiter)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == delimiter || strchr("\"\r\n", text.ptr[i]))
            return true;
    return false;
}

/* Spreadsheets take these for formulas, wherever the text came from. */
static bool is_formula(hexmcp_str text)
{
    enum value_type type = value_type_of(text);
    return text.len > 0 && memchr("=+-@\t\r", text.ptr[0], 6) && type != VALUE_INTEGER &&
           type != VALUE_NUMBER;
}

static bool put_field(struct sink *s, hexmcp_str text, char delimiter)
{
    const char *mark = s->escape_formulas && is_formula(text) ? "'" : "";
    if (!needs_quotes(text, delimiter))
        return put(s, mark, strlen(mark)) && put(s, text.ptr, text.len);
    bool ok = put(s, "\"", 1) && put(s, mark, strlen(mark));
    for (size_t i = 0; ok && i < text.len; i++)
        ok = put(s, text.ptr + i, 1) && (text.ptr[i] != '"' || put(s, "\"", 1));
    return ok && put(s, "\"", 1);
}

static bool put_line(struct sink *s, const hexmcp_str *fields)
{
    char delimiter = s->format == SINK_TSV ? '\t' : ',';
    bool ok = true;
    for (size_t i = 0; ok && i < s->columns; i++)
        ok = (i == 0 || put(s, &delimiter, 1)) && put_field(s, fields[i], delimiter);
    /* One empty field would be a line without anything, which is no row. */
    if (ok && s->columns == 1 && fields[0].len == 0)
        ok = put(s, "\"\"", 2);
    return ok && put(s, "\n", 1);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int32_t flush(struct sink *s, size_t above, hexmcp_error *err)
{
    if (!s->target || s->out.len <= above)
        return HEXMCP_OK;
    int32_t status = target_write(s->target, s->out.ptr, s->out.len);
    s->written += s->out.len;
    s->out.len = 0;
    return status == HEXMCP_OK ? status : hexmcp_fail(err, status, "%s", s->target->r->err->text);
}

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the rows; try again");
}

int32_t sink_begin(struct sink *s, hexmcp_error *err)
{
    if (s->format == SINK_XLSX)
        return sheet_begin(s->target, s->names, s->columns, &s->sheet, err);
    bool ok = s->format == SINK_JSON ? put(s, "[", 1) : s->format == SINK_JSONL || put_line(s, s->names);
    return ok ? HEXMCP_OK : no_memory(err);
}

static bool put_row(struct sink *s, const hexmcp_str *fields)
{
    if (s->format == SINK_TSV || s->format == SINK_CSV)
        return put_line(s, fields);
    if (s->format == SINK_JSONL)
        return put_object(s, fields) && put(s, "\n", 1);
    return (s->taken == 1 || put(s, ",", 1)) && (!s->target || put(s, "\n", 1)) && put_object(s, fields);
}

int32_t sink_row(struct sink *s, const hexmcp_str *fields, bool *more, hexmcp_error *err)
{
    s->seen++;
    if (!s->target && s->seen <= s->offset)
        return HEXMCP_OK;
    if (!s->target && (s->taken == s->limit || (s->taken > 0 && s->out.len > SINK_PAGE_MOST / 2))) {
        s->more = true;
        *more = false;
        return HEXMCP_OK;
    }
    s->taken++;
    if (s->format == SINK_XLSX)
        return sheet_row(s->sheet, fields, s->typed ? s->types : NULL, err);
    return put_row(s, fields) ? flush(s, FLUSH, err) : no_memory(err);
}

int32_t sink_end(struct sink *s, hexmcp_error *err)
{
    if (s->format == SINK_XLSX)
        return sheet_end(s->sheet, &s->written, err);
    const char *end = s->target ? "\n]\n" : "]";
    if (s->format == SINK_JSON && !put(s, end, strlen(end)))
        return no_memory(err);
    return flush(s, 0, err);
}

void sink_free(struct sink *s)
{
    sheet_free(s->sheet);
    bytes_free(&s->out);
}
