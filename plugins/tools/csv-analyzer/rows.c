/*
 * Rows that are written: convert, filter, transform and sample.
 *
 * SPDX-License-Identifier: MIT
 */
#include "filter.h"
#include "kit/keep.h"
#include "plan.h"
#include "sink.h"
#include "work.h"

#define OTHERWISE "give target_path for a file, or a smaller limit"

struct writing {
    struct table *table;
    const struct request *request;
    struct filter filter;
    struct plan plan;
    struct sink sink;
    uint64_t rows;  /* of the table */
    uint64_t taken; /* by the filter */
    /* of a random sample: which rows, by their places among those taken */
    uint64_t *chosen;
    size_t chosen_count;
    size_t next;
    uint64_t random;
};

static bool passes(const struct writing *w, const struct row *row)
{
    return !w->request->filter || filter_takes(&w->filter, row->fields, row->count);
}

static int32_t write_row(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct writing *w = arg;
    w->rows++;
    if (!passes(w, row))
        return HEXMCP_OK;
    int32_t status = plan_row(&w->plan, w->table, row, err);
    return status == HEXMCP_OK ? sink_row(&w->sink, w->plan.fields, more, err) : status;
}

/* ---- a random sample ------------------------------------------------------------------------ */

/* splitmix64: the same rows for the same seed, everywhere. */
static uint64_t draw(struct writing *w)
{
    uint64_t x = w->random += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* Each row has the same chance to be one of `size`: the reservoir of Vitter's algorithm R. */
static int32_t choose_row(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct writing *w = arg;
    (void)more;
    (void)err;
    w->rows++;
    if (!passes(w, row))
        return HEXMCP_OK;
    uint64_t place = w->taken++;
    if (place < w->request->size) {
        w->chosen[w->chosen_count++] = place;
    } else {
        uint64_t at = draw(w) % w->taken;
        if (at < w->request->size)
            w->chosen[at] = place;
    }
    return HEXMCP_OK;
}

static int32_t write_chosen(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct writing *w = arg;
    if (!passes(w, row) || w->taken++ != w->chosen[w->next])
        return HEXMCP_OK;
    int32_t status = plan_row(&w->plan, w->table, row, err);
    if (status == HEXMCP_OK)
        status = sink_row(&w->sink, w->plan.fields, more, err);
    if (++w->next == w->chosen_count)
        *more = false;
    return status;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Two passes: the rows need not be held. */
static int32_t write_random(struct writing *w)
{
    w->random = w->request->seed;
    w->chosen = calloc(w->request->size, sizeof(*w->chosen));
    if (!w->chosen)
        return hexmcp_fail(w->table->reader.r->err, HEXMCP_E_NOMEM, "out of memory for the sample; try again");
    int32_t status = table_rows(w->table, choose_row, w);
    if (status == HEXMCP_OK && w->chosen_count > 0) {
        qsort(w->chosen, w->chosen_count, sizeof(*w->chosen), compare);
        w->taken = 0;
        status = table_rows(w->table, write_chosen, w);
    }
    free(w->chosen);
    return status;
}

/* ---- the answer ----------------------------------------------------------------------------- */

static int32_t put_page(struct writing *w, struct answer *a)
{
    static const char *const mimes[] = {"application/json", "application/jsonl",
                                        "text/tab-separated-values", "text/csv"};
    static const char *const files[] = {"rows.json", "rows.jsonl", "rows.tsv", "rows.csv"};
    enum sink_format format = w->sink.format;
    hexmcp_str text = w->sink.out.ptr ? bytes_str(&w->sink.out) : (hexmcp_str){"", 0};
    if (format != SINK_JSON)
        return keep_text(a, "output", text, files[format], mimes[format], OTHERWISE);
    if (text.len > KEEP_ABOVE)
        return keep_large(a, text, files[format], mimes[format], OTHERWISE);
    hexmcp_json_put_raw(&a->json, "rows", text);
    return HEXMCP_OK;
}

static int32_t put(struct writing *w, struct answer *a)
{
    const struct sink *sink = &w->sink;
    hexmcp_json_writer *json = &a->json;
    int32_t status = HEXMCP_OK;
    hexmcp_json_put_text(json, "format", sink_format_names[sink->format]);
    table_put(w->table, json);
    if (sink->target) {
        hexmcp_json_put_text(json, "target_path", sink->target->path);
        hexmcp_json_put_bool(json, "dry_run", sink->target->rehearsed);
        /* How small a workbook is packed is known when it is. */
        if (sink->format != SINK_XLSX || !sink->target->rehearsed)
            hexmcp_json_put_int64(json, "bytes", (int64_t)sink->written);
    } else {
        status = put_page(w, a);
    }
    hexmcp_json_put_int64(json, "count", (int64_t)sink->taken);
    if (w->request->operation == SAMPLE)
        ;
    else if (sink->more)
        hexmcp_json_put_int64(json, "next_offset", (int64_t)(sink->offset + sink->taken));
    else
        hexmcp_json_put_int64(json, "total", (int64_t)sink->seen);
    if (sink->target)
        answer_text(a, "%s %llu rows to %s.", sink->target->rehearsed ? "Would write" : "Wrote",
                    (unsigned long long)sink->taken, sink->target->path);
    else
        answer_text(a, "%llu rows%s.", (unsigned long long)sink->taken,
                    sink->more ? "; there are more" : "");
    return status;
}

static int32_t write_all(struct writing *w, struct answer *a)
{
    const struct request *q = w->request;
    struct sink *sink = &w->sink;
    sink->format = q->format;
    sink->typed = q->typed;
    sink->escape_formulas = q->escape_formulas;
    sink->names = w->plan.names;
    sink->types = w->plan.types;
    sink->columns = w->plan.count;
    sink->offset = q->offset;
    sink->limit = q->operation == SAMPLE ? q->size : q->limit;
    int32_t status = sink_begin(sink, a->r->err);
    if (status == HEXMCP_OK)
        status = q->operation == SAMPLE && q->method == RANDOM ? write_random(w)
                                                               : table_rows(w->table, write_row, w);
    return status == HEXMCP_OK ? sink_end(sink, a->r->err) : status;
}

static int32_t write_to(struct writing *w, struct answer *a)
{
    struct target target;
    const char *path = w->request->target_path;
    int32_t status;
    if (!path) {
        status = write_all(w, a);
        return status == HEXMCP_OK ? put(w, a) : status;
    }
    status = w->request->dry_run ? target_rehearse(a->r, path, w->request->overwrite, &target)
                                 : target_begin(a->r, path, w->request->overwrite, &target);
    if (status != HEXMCP_OK)
        return status;
    w->sink.target = &target;
    status = write_all(w, a);
    if (status == HEXMCP_OK)
        status = put(w, a);
    if (status == HEXMCP_OK)
        return target_commit(&target);
    target_drop(&target);
    return status;
}

int32_t work_rows(struct table *table, const struct request *q, struct answer *a)
{
    struct writing *w = calloc(1, sizeof(*w));
    if (!w)
        return hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the rows; try again");
    w->table = table;
    w->request = q;
    int32_t status = HEXMCP_OK;
    if (q->filter)
        status = filter_parse(q->filter, table->names, table->columns, &w->filter, a->r->err);
    if (status == HEXMCP_OK)
        status = plan_make(table, q, &w->plan, a->r->err);
    if (status == HEXMCP_OK)
        status = write_to(w, a);
    plan_free(&w->plan);
    sink_free(&w->sink);
    free(w);
    return status;
}
