/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "filter.h"

#define INPUT_MOST ((size_t)32 << 20)
#define FILE_MOST ((size_t)100 << 20)
#define PAGE_MOST 10000
#define PAGE 100
#define TIME_MOST 30000
#define TIME 10000

const char *const operation_names[] = {"query", "validate", "stream", NULL};

/* An argument of another operation is a sign of a misunderstanding: better said than ignored. */
static void check_fit(struct request *q)
{
    static const char *const of_filters[] = {"query",     "variables",  "offset", "limit",
                                             "overwrite", "target_path", NULL};
    for (size_t i = 0; q->operation == VALIDATE && of_filters[i]; i++)
        if (args_has(&q->args, of_filters[i]))
            args_fail(&q->args, HEXMCP_E_INVALID,
                      "%s is not for operation validate; leave it out, or use operation query",
                      of_filters[i]);
    if (q->operation != VALIDATE && q->schema.len > 0)
        args_fail(&q->args, HEXMCP_E_INVALID, "schema is for operation validate alone; leave it out");
    if (q->target_path && (args_has(&q->args, "offset") || args_has(&q->args, "limit")))
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "offset and limit are for pages, but target_path takes all results; leave them out");
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
    q->limit = (uint64_t)args_int(args, "limit", 1, PAGE_MOST, PAGE);
    q->target_path = args_text(args, "target_path", 4096, NULL);
    q->overwrite = args_bool(args, "overwrite", false);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, TIME_MOST, TIME);
    check_fit(q);
    return source_read(r, args, INPUT_MOST, FILE_MOST, &q->source);
}

void request_clear(struct request *request)
{
    source_free(&request->source);
    args_end(&request->args);
}
