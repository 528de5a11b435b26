/*
 * SPDX-License-Identifier: MIT
 */
#include "work.h"

#include "filter.h"
#include "text.h"

static int32_t compile(struct guard *guard, const struct request *q, struct filter *filter,
                       hexmcp_error *err)
{
    jv variables = jv_object();
    if (q->variables.len > 0) {
        jv_free(variables);
        int32_t status = text_parse(guard, q->variables, &variables, err);
        if (status != HEXMCP_OK)
            return status;
    }
    return filter_new(guard, q->query, variables, filter, err);
}

static int32_t add_result(void *arg, hexmcp_str json, bool *more, hexmcp_error *err)
{
    return results_add(arg, json, more, err);
}

int32_t work_query(struct guard *guard, void *arg, hexmcp_error *err)
{
    struct work *work = arg;
    struct filter filter;
    jv value;
    bool ended;
    int32_t status = compile(guard, work->request, &filter, err);
    if (status != HEXMCP_OK)
        return status;
    status = text_parse(guard, work->request->source.data, &value, err);
    if (status == HEXMCP_OK)
        status = filter_run(&filter, value, add_result, work->results, &ended, err);
    filter_free(&filter);
    return status;
}

/* ---- stream --------------------------------------------------------------------------------- */

struct line {
    struct bytes results; /* with commas between */
    size_t count;
};

static int32_t add_to_line(void *arg, hexmcp_str json, bool *more, hexmcp_error *err)
{
    struct line *line = arg;
    (void)more;
    if (line->results.len + json.len > RESULTS_PAGE_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "the line gives more than %zu bytes; use limit(n; ...)",
                           RESULTS_PAGE_MOST);
    if ((line->count++ > 0 && !bytes_add(&line->results, ",", 1)) ||
        !bytes_add(&line->results, json.ptr, json.len))
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the results; try again");
    return HEXMCP_OK;
}

/* {"line": 3, "result": value, or an array unless there was exactly one} or {"line": 3, "error": why} */
static int32_t write_line(struct work *work, uint64_t number, const struct line *line,
                          const char *failure, bool *more, hexmcp_error *err)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "line", (int64_t)number);
    if (failure) {
        hexmcp_json_put_text(&w, "error", failure);
    } else if (line->count == 1) {
        hexmcp_json_put_raw(&w, "result", bytes_str(&line->results));
    } else {
        hexmcp_json_key(&w, "result");
        hexmcp_json_begin_array(&w);
        if (line->count > 0)
            hexmcp_json_write_raw(&w, bytes_str(&line->results));
        hexmcp_json_end_array(&w);
    }
    hexmcp_json_end_object(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = results_add(work->results, hexmcp_json_writer_text(&w), more, err);
    else
        hexmcp_fail(err, status, "out of memory for the results; try again");
    hexmcp_json_writer_free(&w);
    return status;
}

/* What is wrong with one line is told of it, and the next one follows. */
static int32_t do_line(struct guard *guard, struct work *work, struct filter *filter, hexmcp_str text,
                       uint64_t number, bool *more, hexmcp_error *err)
{
    struct line line = {0};
    hexmcp_error why = {.size = sizeof(why)};
    jv value;
    bool ended;
    int32_t status = text_parse(guard, text, &value, &why);
    if (status == HEXMCP_OK)
        status = filter_run(filter, value, add_to_line, &line, &ended, &why);
    if (!guard_stops(guard)) {
        work->failed += status != HEXMCP_OK;
        status = write_line(work, number, &line, status == HEXMCP_OK ? NULL : why.text, more, err);
    }
    bytes_free(&line.results);
    return guard_stops(guard) ? HEXMCP_OK : status;
}

static hexmcp_str next_line(hexmcp_str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    hexmcp_str line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
    size_t used = line.len + (end != NULL);
    rest->ptr += used;
    rest->len -= used;
    return line;
}

static bool is_blank(hexmcp_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t\r", line.ptr[i]))
            return false;
    return true;
}

int32_t work_stream(struct guard *guard, void *arg, hexmcp_error *err)
{
    struct work *work = arg;
    struct filter filter;
    hexmcp_str rest = work->request->source.data;
    bool more = true;
    int32_t status = compile(guard, work->request, &filter, err);
    if (status != HEXMCP_OK)
        return status;
    for (uint64_t number = 1;
         status == HEXMCP_OK && more && rest.len > 0 && !guard_stops(guard); number++) {
        hexmcp_str line = next_line(&rest);
        if (!is_blank(line))
            status = do_line(guard, work, &filter, line, number, &more, err);
    }
    filter_free(&filter);
    return status;
}
