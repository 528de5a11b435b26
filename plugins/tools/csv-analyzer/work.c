/*
 * SPDX-License-Identifier: MIT
 */
#include "work.h"

#include "column.h"
#include "problems.h"
#include "rules.h"

/* Values that are analysed hold at most so many bytes. */
#define ANALYSED_MOST ((uint64_t)64 << 20)

struct seen {
    struct table *table;
    const struct request *request;
    struct column *columns; /* of analyze */
    struct rules *rules;    /* of validate */
    struct problems problems;
    uint64_t rows;
    uint64_t analysed;
    uint64_t bytes;
};

static const hexmcp_str no_column = {"", 0};

static void check_shape(struct seen *seen, const struct row *row)
{
    if (row->count != seen->table->columns)
        problems_add(&seen->problems, row->line, no_column, "columns", "the row has %zu fields, not %zu",
                     row->count, seen->table->columns);
}

/* What the reader found wrong on its way. */
static void check_reader(struct seen *seen, uint64_t last_line)
{
    const struct reader *reader = &seen->table->reader;
    if (reader->open_quote)
        problems_add(&seen->problems, last_line, no_column, "quote",
                     "the last row has a quote that does not end");
    if (reader->broken > 0)
        problems_add(&seen->problems, reader->broken_line, no_column, "encoding",
                     "%llu bytes are not %s, the first on this line; they became U+FFFD",
                     (unsigned long long)reader->broken, seen->table->encoding);
}

static void put_problems(const struct seen *seen, hexmcp_json_writer *w, const char *key)
{
    problems_put(&seen->problems, w, key);
    hexmcp_json_put_int64(w, "error_count", (int64_t)seen->problems.total);
    if (seen->problems.total > seen->problems.count)
        hexmcp_json_put_bool(w, "truncated", true);
}

/* ---- analyze -------------------------------------------------------------------------------- */

static int32_t note_row(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct seen *seen = arg;
    (void)more;
    seen->rows++;
    check_shape(seen, row);
    if (seen->analysed == seen->request->rows || seen->bytes > ANALYSED_MOST)
        return HEXMCP_OK;
    seen->analysed++;
    for (size_t i = 0; i < seen->table->columns; i++) {
        hexmcp_str text = i < row->count ? row->fields[i] : (hexmcp_str){"", 0};
        seen->bytes += text.len + 40;
        if (!column_add(&seen->columns[i], text))
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the columns; give options.rows");
    }
    return HEXMCP_OK;
}

static void put_columns(const struct seen *seen, hexmcp_json_writer *w)
{
    hexmcp_json_key(w, "columns");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < seen->table->columns; i++) {
        hexmcp_json_begin_object(w);
        hexmcp_json_put_string(w, "name", seen->table->names[i]);
        column_put(&seen->columns[i], w);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
}

static void put_analysis(struct seen *seen, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    check_reader(seen, seen->table->reader.broken_line);
    hexmcp_json_put_int64(w, "row_count", (int64_t)seen->rows);
    hexmcp_json_put_int64(w, "column_count", (int64_t)seen->table->columns);
    table_put(seen->table, w);
    hexmcp_json_put_int64(w, "analyzed_rows", (int64_t)seen->analysed);
    put_columns(seen, w);
    put_problems(seen, w, "parse_errors");
    answer_text(a, "%llu rows, %zu columns, %llu errors.", (unsigned long long)seen->rows,
                seen->table->columns, (unsigned long long)seen->problems.total);
}

int32_t work_analyze(struct table *table, const struct request *request, struct answer *a)
{
    struct seen *seen = calloc(1, sizeof(*seen));
    struct column *columns = calloc(table->columns, sizeof(*columns));
    int32_t status = HEXMCP_E_NOMEM;
    if (seen && columns) {
        seen->table = table;
        seen->request = request;
        seen->columns = columns;
        status = table_rows(table, note_row, seen);
    } else {
        hexmcp_fail(a->r->err, status, "out of memory for the columns; try again");
    }
    if (status == HEXMCP_OK)
        put_analysis(seen, a);
    for (size_t i = 0; columns && i < table->columns; i++)
        column_free(&columns[i]);
    free(columns);
    free(seen);
    return status;
}

/* ---- validate ------------------------------------------------------------------------------- */

static int32_t check_row(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct seen *seen = arg;
    (void)more;
    seen->rows++;
    check_shape(seen, row);
    return rules_check(seen->rules, seen->table, row, &seen->problems, err);
}

static int32_t validate(struct seen *seen, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    int32_t status = table_rows(seen->table, check_row, seen);
    if (status != HEXMCP_OK)
        return status;
    check_reader(seen, seen->table->reader.broken_line);
    hexmcp_json_put_bool(w, "valid", seen->problems.total == 0);
    hexmcp_json_put_int64(w, "row_count", (int64_t)seen->rows);
    hexmcp_json_put_int64(w, "column_count", (int64_t)seen->table->columns);
    table_put(seen->table, w);
    put_problems(seen, w, "errors");
    answer_text(a, "%llu rows, %llu errors.", (unsigned long long)seen->rows,
                (unsigned long long)seen->problems.total);
    return HEXMCP_OK;
}

int32_t work_validate(struct table *table, const struct request *request, struct answer *a)
{
    struct rules rules;
    struct seen *seen = calloc(1, sizeof(*seen));
    if (!seen)
        return hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    seen->table = table;
    seen->request = request;
    seen->rules = &rules;
    int32_t status = rules_read(table, request->rules, &rules, a->r->err);
    if (status == HEXMCP_OK)
        status = validate(seen, a);
    rules_free(&rules);
    free(seen);
    return status;
}
