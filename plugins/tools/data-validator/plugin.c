/*
 * plugin.c - the tool "data-validator" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "by_schema.h"
#include "check.h"
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t check_by_rules(const struct request *request, struct report *report,
                              hexmcp_error *err)
{
    struct rule *rules;
    int32_t status = rules_read(request->rules, &rules, err);
    if (status != HEXMCP_OK)
        return status;
    status = check_value(rules, request->input, request->fail_fast, report, err);
    rules_free(rules);
    return status;
}

static int32_t check(const hexmcp_host *host, const struct request *request, struct report *report,
                     hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (request->rules.len)
        status = check_by_rules(request, report, err);
    int enough = report->truncated || (request->fail_fast && report->count);
    if (status == HEXMCP_OK && request->schema.len && !enough)
        status = by_schema_check(host, request->schema, request->input, request->fail_fast, report,
                                 err);
    return status;
}

static int32_t write_report(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    (void)err;
    report_write(arg, writer);
    return HEXMCP_OK;
}

static int32_t validate(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                        hexmcp_str args, hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct request request;
    struct report report;
    int32_t status = request_read(args, &request, err);
    if (status != HEXMCP_OK)
        return status;
    report_init(&report, request.max_errors, request.messages);
    status = check(host, &request, &report, err);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_written(host, call, write_report, &report, err);
    report_clear(&report);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.data-validator", "0.1.0", validate);
