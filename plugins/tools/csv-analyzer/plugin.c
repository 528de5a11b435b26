/*
 * plugin.c - the tool "csv-analyzer" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "work.h"

#include "hexmcp/plugin.h"

static int32_t do_operation(struct table *table, const struct request *q, struct answer *a)
{
    if (q->operation == ANALYZE)
        return work_analyze(table, q, a);
    if (q->operation == VALIDATE)
        return work_validate(table, q, a);
    return work_rows(table, q, a);
}

static int32_t answer(const hexmcp_round *r, const struct request *q)
{
    struct pace pace = pace_begin(r);
    struct table table;
    struct answer a;
    int32_t status = table_open(r, q, &pace, &table);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(answer_begin(&a, r), "operation", operation_names[q->operation]);
    status = do_operation(&table, q, &a);
    table_close(&table);
    if (status == HEXMCP_OK)
        return answer_end(&a);
    answer_drop(&a);
    return status;
}

static int32_t analyze(const hexmcp_round *r)
{
    struct request request;
    int32_t status = request_read(r, &request);
    if (status == HEXMCP_OK)
        status = answer(r, &request);
    request_clear(&request);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("csv-analyzer", analyze), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.csv-analyzer", "0.1.0", plugin);
