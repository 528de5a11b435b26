/*
 * SPDX-License-Identifier: MIT
 */
#include "answers.h"

#include "kit/answer.h"

static void put_database(hexmcp_json_writer *w, const struct job *job)
{
    hexmcp_json_put_text(w, "operation", operation_name(job->q->operation));
    hexmcp_json_put_text(w, "database", job->db ? job->db->name : job->q->path);
    hexmcp_json_put_text(w, "engine", engine_name(job->db ? job->db->engine : ENGINE_SQLITE));
}

static void put_time(hexmcp_json_writer *w, const struct job *job)
{
    hexmcp_json_key(w, "execution_time_ms");
    hexmcp_json_write_double(w, (double)(int64_t)(pace_ms(&job->pace) * 10) / 10);
}

static void tell_query(struct answer *a, hexmcp_json_writer *w, const struct job *job)
{
    const struct rows *rows = &job->rows;
    bool reads = job->q->kind == KIND_SELECT;
    hexmcp_json_put_text(w, "query_type", kind_name(job->q->kind));
    hexmcp_json_put_raw(w, "columns", hexmcp_json_writer_text(&rows->columns));
    hexmcp_json_put_raw(w, "rows", hexmcp_json_writer_text(&rows->list));
    hexmcp_json_put_int64(w, "row_count", rows->kept);
    hexmcp_json_put_int64(w, "offset", rows->offset);
    hexmcp_json_put_bool(w, "truncated", rows->more);
    if (rows->more && reads)
        hexmcp_json_put_int64(w, "next_offset", rows->offset + rows->kept);
    if (!reads) {
        hexmcp_json_put_int64(w, "rows_affected", job->affected);
        hexmcp_json_put_bool(w, "committed", job->committed);
    }
    hexmcp_json_put_bool(w, "dry_run", job->q->dry_run);
    if (reads)
        answer_text(a, "%lld row%s of %.200s%s.", (long long)rows->kept, rows->kept == 1 ? "" : "s",
                    job->db ? job->db->name : job->q->path, rows->more ? "; there are more" : "");
    else
        answer_text(a, "%s: %lld row(s) of %.200s %s.", kind_name(job->q->kind),
                    (long long)job->affected, job->db ? job->db->name : job->q->path,
                    job->committed ? "were changed" : "would be changed; nothing was kept");
}

static void tell_plan(struct answer *a, hexmcp_json_writer *w, const struct job *job)
{
    hexmcp_json_put_text(w, "query_type", kind_name(job->q->kind));
    hexmcp_json_put_raw(w, "columns", hexmcp_json_writer_text(&job->rows.columns));
    hexmcp_json_put_raw(w, "rows", hexmcp_json_writer_text(&job->rows.list));
    answer_text(a, "The plan of the %s; it was not run.", kind_name(job->q->kind));
}

/* ---- schema ---- */

static hexmcp_str cell(hexmcp_str row, int at)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(row);
    hexmcp_str value = {NULL, 0};
    for (int i = 0; i <= at && hexmcp_json_next(&it, NULL, &value); i++)
        ;
    return value;
}

static bool same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* true, t, 1 of three databases. */
static bool is_true(hexmcp_str value)
{
    return hexmcp_str_equals(value, "true") || hexmcp_str_equals(value, "1");
}

static void put_column(hexmcp_json_writer *w, hexmcp_str row)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_raw(w, "name", cell(row, 2));
    hexmcp_json_put_raw(w, "type", cell(row, 3));
    hexmcp_json_put_bool(w, "nullable", is_true(cell(row, 4)));
    hexmcp_json_put_bool(w, "primary_key", is_true(cell(row, 5)));
    hexmcp_json_end_object(w);
}

static void begin_table(hexmcp_json_writer *w, hexmcp_str row)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_raw(w, "name", cell(row, 0));
    hexmcp_json_put_raw(w, "kind", cell(row, 1));
    hexmcp_json_key(w, "columns");
    hexmcp_json_begin_array(w);
}

static void end_table(hexmcp_json_writer *w)
{
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
}

/* Writes the page of tables, which ends early when it is long; *next is the table after it. How many tables
 * there are in all. */
static int64_t put_tables(hexmcp_json_writer *w, const struct job *job, int64_t *next)
{
    size_t begun = w->len;
    hexmcp_json_iter it = hexmcp_json_iter_begin(hexmcp_json_writer_text(&job->rows.list));
    hexmcp_str row, last = {NULL, 0};
    int64_t at = -1, begin = job->q->offset, end = job->q->offset + job->q->limit;
    bool open = false;
    hexmcp_json_key(w, "tables");
    hexmcp_json_begin_array(w);
    while (hexmcp_json_next(&it, NULL, &row)) {
        if (at < 0 || !same(cell(row, 0), last)) {
            if (open)
                end_table(w);
            at++;
            if (at > begin && at < end && w->len - begun > ROWS_BYTES)
                end = at;
            open = at >= begin && at < end;
            if (open)
                begin_table(w, row);
        }
        last = cell(row, 0);
        if (open)
            put_column(w, row);
    }
    if (open)
        end_table(w);
    hexmcp_json_end_array(w);
    *next = end;
    return at + 1;
}

static void tell_schema(struct answer *a, hexmcp_json_writer *w, const struct job *job)
{
    int64_t end, total = put_tables(w, job, &end);
    hexmcp_json_put_int64(w, "total", total);
    hexmcp_json_put_int64(w, "offset", job->q->offset);
    hexmcp_json_put_bool(w, "truncated", total > end || job->rows.more);
    if (total > end)
        hexmcp_json_put_int64(w, "next_offset", end);
    if (job->q->table && total == 0)
        answer_text(a, "%.200s has no table or view %.100s.", job->db ? job->db->name : job->q->path,
                    job->q->table);
    else
        answer_text(a, "%.200s has %lld table%s and view%s%s.", job->db ? job->db->name : job->q->path,
                    (long long)total, total == 1 ? "" : "s", total == 1 ? "" : "s",
                    job->rows.more ? " and more" : "");
}

int32_t answers_tell(struct job *job)
{
    struct answer a;
    int32_t status = rows_end(&job->rows, job->r->err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer *w = answer_begin(&a, job->r);
    put_database(w, job);
    if (job->q->operation == OPERATION_QUERY)
        tell_query(&a, w, job);
    else if (job->q->operation == OPERATION_EXPLAIN)
        tell_plan(&a, w, job);
    else
        tell_schema(&a, w, job);
    put_time(w, job);
    return answer_end(&a);
}
