/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "kit/results.h"

#define INPUT_MOST ((size_t)32 << 20)
#define FILE_MOST ((size_t)50 << 20)
#define SCHEMA_MOST ((size_t)4 << 20)
#define QUERY_MOST 8192
#define ARRAYS_MOST 100

const char *const operation_names[] = {"parse",     "query",  "validate", "to_json",
                                       "from_json", "format", "extract",  NULL};

#define ON(operation) (1u << (operation))
#define WRITES (ON(TO_JSON) | ON(FROM_JSON) | ON(FORMAT) | ON(EXTRACT))

/* Which operations take which argument; others have no use for it. */
static const struct taken {
    const char *name;
    const char *usual; /* its default as JSON */
    unsigned by;
} taken[] = {{"query", "\"\"", ON(QUERY) | ON(EXTRACT)},
             {"namespaces", "{}", ON(QUERY) | ON(EXTRACT)},
             {"fields", "{}", ON(EXTRACT)},
             {"schema", "\"\"", ON(VALIDATE)},
             {"schema_path", "", ON(VALIDATE)},
             {"offset", "0", ON(QUERY) | ON(EXTRACT)},
             {"limit", "100", ON(QUERY) | ON(EXTRACT)},
             {"target_path", "", WRITES},
             {"overwrite", "false", WRITES},
             {"dry_run", "false", WRITES}};

static void check_fit(struct request *q)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (!(taken[i].by & ON(q->operation)) && args_says(&q->args, taken[i].name, taken[i].usual))
            args_fail(&q->args, HEXMCP_E_INVALID, "%s is not for operation %s; leave it out",
                      taken[i].name, operation_names[q->operation]);
    if (q->operation == QUERY && !*q->query)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "query is missing; give an XPath expression, //item[@id='3'] or count(//item)");
    if (q->operation == EXTRACT && q->fields.len == 0)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "fields is missing; give XPath expressions by name, {\"title\": \"title\", \"id\": "
                  "\"@id\"}, for each node that query picks");
    results_check(&q->args, q->target_path, q->dry_run, "results");
}

static void read_options(struct request *q)
{
    q->options = args_object(&q->args, "options");
    struct args *o = &q->options;
    q->arrays = args_texts(o, "arrays", ARRAYS_MOST, 200, &q->array_count);
    q->indent = (int)args_int(o, "indent", 0, 8, 2);
    q->minify = args_bool(o, "minify", false);
    q->canonical = args_bool(o, "canonical", false);
    q->declaration = args_bool(o, "declaration", true);
}

/* `schema` or the file at `schema_path`. */
static int32_t read_schema(const hexmcp_round *r, struct request *q)
{
    const char *path = args_text(&q->args, "schema_path", 4096, NULL);
    q->schema = args_bytes(&q->args, "schema", SCHEMA_MOST);
    if (q->operation == VALIDATE && (path != NULL) == (q->schema.len > 0))
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "give either schema (the text of an XML Schema or of a RelaxNG schema) or schema_path");
    int32_t status = args_status(&q->args);
    if (status != HEXMCP_OK || !path)
        return status;
    status = source_read_file(r, path, SCHEMA_MOST, &q->schema_held);
    q->schema = bytes_str(&q->schema_held);
    return status;
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    *q = (struct request){.args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    q->operation = (enum operation)args_choice(args, "operation", operation_names, PARSE);
    q->query = args_text(args, "query", QUERY_MOST, "");
    q->namespaces = args_raw(args, "namespaces");
    q->fields = args_raw(args, "fields");
    q->offset = (uint64_t)args_int(args, "offset", 0, 1000000000, 0);
    q->limit = (uint64_t)args_int(args, "limit", 1, 10000, RESULTS_LIMIT);
    q->target_path = args_text(args, "target_path", 4096, NULL);
    q->overwrite = args_bool(args, "overwrite", false);
    q->dry_run = args_bool(args, "dry_run", false);
    q->utf8 = args_has(args, "input");
    read_options(q);
    check_fit(q);
    int32_t status = read_schema(r, q);
    return status == HEXMCP_OK ? source_read(r, args, INPUT_MOST, FILE_MOST, &q->source) : status;
}

void request_clear(struct request *request)
{
    source_free(&request->source);
    bytes_free(&request->schema_held);
    args_end(&request->args);
}
