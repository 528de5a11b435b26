/*
 * SPDX-License-Identifier: MIT
 */
#include "filter.h"

#include <stdio.h>

/* On one line, so that messages count the lines of the program. halt would end what only the guard may
 * end. */
static const char prelude[] =
    "def halt: error(\"halt is not available here; use empty or error\");"
    "def halt_error: error;"
    "def halt_error($code): error;";

static void take_error(void *arg, jv message)
{
    struct bytes *errors = arg;
    jv text = jq_format_error(message);
    if (errors->len == 0)
        bytes_add(errors, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
    jv_free(text);
}

/* The first message of the compiler without what is ours, on one line. */
static int32_t fail_compile(const struct bytes *errors, hexmcp_error *err)
{
    char text[300] = "no reason given";
    const char *from = errors->ptr ? errors->ptr : text;
    const char *ours = errors->ptr ? strstr(from, prelude) : NULL;
    size_t len = 0;
    if (strncmp(from, "jq: error: ", 11) == 0)
        from += 11;
    for (; *from && from != ours && len < sizeof(text) - 1; from++)
        text[len++] = *from == '\n' ? ' ' : *from;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == ':'))
        len--;
    if (errors->ptr)
        text[len] = '\0';
    return hexmcp_fail(err, HEXMCP_E_INVALID, "query is no jq program: %s; correct it (jq 1.6)", text);
}

static void silent(void *arg, jv message)
{
    (void)arg;
    jv_free(message);
}

static void set_up(struct filter *f, struct bytes *errors)
{
    f->input = jq_util_input_init(NULL, NULL);
    jq_util_input_set_parser(f->input, jv_parser_new(0), 0);
    jq_set_input_cb(f->jq, jq_util_input_next_input_cb, f->input);
    jq_set_debug_cb(f->jq, silent, NULL);
    jq_set_error_cb(f->jq, take_error, errors);
    jq_set_attr(f->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
    jq_set_attr(f->jq, jv_string("JQ_ORIGIN"), jv_string("/"));
    jq_set_attr(f->jq, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
}

static int compile(struct filter *f, const char *program, jv variables)
{
    struct bytes text = {0};
    int compiled = 0;
    if (bytes_add(&text, prelude, strlen(prelude)) && bytes_add(&text, program, strlen(program)))
        compiled = jq_compile_args(f->jq, text.ptr, variables);
    else
        jv_free(variables);
    bytes_free(&text);
    return compiled;
}

int32_t filter_new(struct guard *guard, const char *program, jv variables, struct filter *filter,
                   hexmcp_error *err)
{
    struct filter f = {guard, jq_init(), NULL};
    struct bytes errors = {0};
    int32_t status = HEXMCP_OK;
    if (!f.jq) {
        jv_free(variables);
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the filter; try again");
    }
    set_up(&f, &errors);
    if (!compile(&f, program, variables))
        status = fail_compile(&errors, err);
    jq_set_error_cb(f.jq, silent, NULL);
    bytes_free(&errors);
    if (status != HEXMCP_OK)
        filter_free(&f);
    else
        *filter = f;
    return status;
}

void filter_free(struct filter *filter)
{
    jq_teardown(&filter->jq);
    jq_util_input_free(&filter->input);
}

/* ---- results -------------------------------------------------------------------------------- */

static bool fits(jv value, int depth);

static bool array_fits(jv value, int depth)
{
    bool yes = true;
    for (int i = 0, n = jv_array_length(jv_copy(value)); yes && i < n; i++)
        yes = fits(jv_array_get(jv_copy(value), i), depth - 1);
    return yes;
}

static bool object_fits(jv value, int depth)
{
    bool yes = true;
    for (int i = jv_object_iter(value); yes && jv_object_iter_valid(value, i);
         i = jv_object_iter_next(value, i))
        yes = fits(jv_object_iter_value(value, i), depth - 1);
    return yes;
}

/* Consumes; whether it is nested at most `depth` levels. */
static bool fits(jv value, int depth)
{
    jv_kind kind = jv_get_kind(value);
    bool nested = kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT;
    bool yes = !nested || (depth > 0 && (kind == JV_KIND_ARRAY ? array_fits(value, depth)
                                                              : object_fits(value, depth)));
    jv_free(value);
    return yes;
}

static int32_t give(jv value, filter_result_fn take, void *arg, bool *more, hexmcp_error *err)
{
    if (!fits(jv_copy(value), FILTER_DEPTH_MOST)) {
        jv_free(value);
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "a result is nested deeper than %d levels; take parts of it",
                           FILTER_DEPTH_MOST);
    }
    jv text = jv_dump_string(value, 0);
    hexmcp_str json = {jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text))};
    int32_t status = take(arg, json, more, err);
    jv_free(text);
    return status;
}

/* What the program says with error(...), consumed. */
static int32_t fail_run(jv message, hexmcp_error *err)
{
    jv text = jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
    int32_t status = hexmcp_fail(err, HEXMCP_E_INVALID,
                                 "the filter failed: %.300s; look at the input with a simpler query, "
                                 "or put ? or // after what may be missing",
                                 jv_string_value(text));
    jv_free(text);
    return status;
}

int32_t filter_run(struct filter *filter, jv value, filter_result_fn take, void *arg, bool *ended,
                   hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    bool more = true;
    jv result = jv_invalid();
    jq_start(filter->jq, value, 0);
    guard_jq(filter->guard, filter->jq);
    while (status == HEXMCP_OK && more && !guard_stops(filter->guard) &&
           jv_is_valid(result = jq_next(filter->jq)))
        status = give(result, take, arg, &more, err);
    guard_jq(filter->guard, NULL);
    if (!more || status != HEXMCP_OK || jv_is_valid(result))
        *ended = false;
    else if (jv_invalid_has_msg(jv_copy(result)))
        return fail_run(jv_invalid_get_msg(result), err);
    else
        *ended = true;
    return status;
}
