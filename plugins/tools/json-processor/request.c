/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "filter.h"
#include "kit/results.h"

#define INPUT_MOST ((size_t)32 << 20)
#define FILE_MOST ((size_t)100 << 20)
#define PAGE_MOST 10000
#define TIME_MOST 30000
#define TIME 10000

const char *const operation_names[] = {"query", "validate", "stream", NULL};

/* An argument of another operation is a sign of a misunderstanding: better said than ignored. Its default
 * is none: clients that fill forms send it along. */
static const struct taken {
    const char *name;
    const char *usual; /* as JSON */
} of_filters[] = {{"query", "\".\""},  {"variables", "{}"}, {"offset", "0"},         {"limit", "100"},
                  {"overwrite", "false"}, {"dry_run", "false"}, {"target_path", ""}};

static void check_fit(struct request *q)
{
    for (size_t i = 0; q->operation == VALIDATE && i < sizeof(of_filters) / sizeof(of_filters[0]); i++)
        if (args_says(&q->args, of_filters[i].name, of_filters[i].usual))
            args_fail(&q->args, HEXMCP_E_INVALID,
                      "%s is not for operation validate; leave it out, or use operation query",
                      of_filters[i].name);
    if (q->operation != VALIDATE && q->schema.len > 0)
        args_fail(&q->args, HEXMCP_E_INVALID, "schema is for operation validate alone; leave it out");
    results_check(&q->args, q->target_path, q->dry_run, "results");
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    *q = (struct request){.args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    q->operation = (enum operation)args_choice(args, "operation", operation_names, QUERY);
    q->query = args_text(args, "query", FILTER_PROGRAM_MOST, ".");
    q->schema = args_raw(args, "schema");
    q->variables = args_raw(args, "variables");
    q->offset = (uint64_t)args_int(args, "offset", 0, 1000000000, 0);
    q->limit = (uint64_t)args_int(args, "limit", 1, PAGE_MOST, RESULTS_LIMIT);
    q->target_path = args_text(args, "target_path", 4096, NULL);
    q->overwrite = args_bool(args, "overwrite", false);
    q->dry_run = args_bool(args, "dry_run", false);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, TIME_MOST, TIME);
    check_fit(q);
    return source_read(r, args, INPUT_MOST, FILE_MOST, &q->source);
}

void request_clear(struct request *request)
{
    source_free(&request->source);
    args_end(&request->args);
}
