/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "filter.h"
#include "kit/results.h"

#define INPUT_MOST ((size_t)32 << 20)
#define PAGE_MOST 10000
#define COLUMNS_MOST 1000

const char *const operation_names[] = {"analyze",   "convert",  "filter", "transform",
                                       "validate", "sample", NULL};
static const char *const method_names[] = {"first", "random", NULL};

#define ON(operation) (1u << (operation))
#define WRITES (ON(CONVERT) | ON(FILTER) | ON(TRANSFORM) | ON(SAMPLE))
#define PAGES (ON(CONVERT) | ON(FILTER) | ON(TRANSFORM))

static const struct taken {
    const char *name;
    const char *usual; /* its default as JSON */
    bool option;
    unsigned by;
} taken[] = {{"offset", "0", false, PAGES},
             {"limit", "100", false, PAGES},
             {"target_path", "", false, WRITES},
             {"overwrite", "false", false, WRITES},
             {"dry_run", "false", false, WRITES},
             {"format", "\"json\"", true, WRITES},
             {"typed", "true", true, WRITES},
             {"escape_formulas", "false", true, WRITES},
             {"filter", "", true, WRITES},
             {"columns", "", true, WRITES},
             {"add_columns", "", true, PAGES},
             {"rename_columns", "", true, PAGES},
             {"rows", "10000", true, ON(ANALYZE)},
             {"size", "10", true, ON(SAMPLE)},
             {"method", "\"first\"", true, ON(SAMPLE)},
             {"seed", "1", true, ON(SAMPLE)},
             {"rules", "", true, ON(VALIDATE)}};

static void check_fit(struct request *q)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (!(taken[i].by & ON(q->operation)) &&
            args_says(taken[i].option ? &q->options : &q->args, taken[i].name, taken[i].usual))
            args_fail(&q->args, HEXMCP_E_INVALID, "%s%s is not for operation %s; leave it out",
                      taken[i].option ? "options." : "", taken[i].name, operation_names[q->operation]);
    if (q->operation == FILTER && !q->filter)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "options.filter is missing; give conditions like price > 10 and name contains 'tea'");
    if (q->operation == TRANSFORM && !q->columns && q->add.len == 0 && q->rename.len == 0)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "there is nothing to transform; give options.columns, add_columns or rename_columns");
    results_check(&q->args, q->target_path, q->dry_run, "rows");
    if (q->format == SINK_XLSX && !q->target_path)
        args_fail(&q->args, HEXMCP_E_INVALID, "options.format xlsx is for files; give target_path");
}

/* One character of ASCII that is no letter, digit or line end. */
static char read_sign(struct args *args, const char *key, char fallback)
{
    const char *text = args_text(args, key, 8, NULL);
    if (!text || strcmp(text, "auto") == 0)
        return fallback;
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        return '\t';
    if (strlen(text) == 1 && (*text == '\t' || (*text > ' ' && *text < 0x7f) || *text == ' '))
        return *text;
    args_fail(args, HEXMCP_E_INVALID, "options.%s is not one character of ASCII; give ; or tab", key);
    return fallback;
}

static void read_options(struct request *q)
{
    q->options = args_object(&q->args, "options");
    struct args *o = &q->options;
    q->delimiter = read_sign(o, "delimiter", 0);
    q->quote = read_sign(o, "quote", '"');
    q->has_headers = args_has(o, "has_headers") ? args_bool(o, "has_headers", false) : -1;
    q->encoding = args_text(o, "encoding", 40, NULL);
    q->format = (enum sink_format)args_choice(o, "format", sink_format_names, SINK_JSON);
    q->typed = args_bool(o, "typed", true);
    q->escape_formulas = args_bool(o, "escape_formulas", false);
    q->rows = (uint64_t)args_int(o, "rows", 1, 10000, 10000);
    q->size = (uint64_t)args_int(o, "size", 1, 1000, 10);
    q->method = (enum method)args_choice(o, "method", method_names, FIRST);
    q->seed = (uint64_t)args_int(o, "seed", 0, 1000000000, 1);
    q->filter = args_text(o, "filter", FILTER_TEXT_MOST, NULL);
    q->columns = args_texts(o, "columns", COLUMNS_MOST, 1000, &q->column_count);
    q->add = args_raw(o, "add_columns");
    q->rename = args_raw(o, "rename_columns");
    q->rules = args_raw(o, "rules");
    if (q->delimiter && q->delimiter == q->quote)
        args_fail(o, HEXMCP_E_INVALID, "options.delimiter and options.quote are the same; change one");
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    *q = (struct request){.args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    struct source source;
    q->operation = (enum operation)args_choice(args, "operation", operation_names, ANALYZE);
    source_arguments(args, INPUT_MOST, &source);
    q->input = source.data;
    q->path = source.path;
    q->offset = (uint64_t)args_int(args, "offset", 0, 1000000000, 0);
    q->limit = (uint64_t)args_int(args, "limit", 1, PAGE_MOST, RESULTS_LIMIT);
    q->target_path = args_text(args, "target_path", 4096, NULL);
    q->overwrite = args_bool(args, "overwrite", false);
    q->dry_run = args_bool(args, "dry_run", false);
    read_options(q);
    check_fit(q);
    return args_status(args);
}

void request_clear(struct request *request)
{
    args_end(&request->args);
}
