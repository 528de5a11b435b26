/*
 * SPDX-License-Identifier: MIT
 */
#include "by_schema.h"

#include "hexmcp/host/schema.h"

struct told {
    struct report *report;
    int fail_fast;
    int32_t status;
};

/* The text of a member, to be freed; NULL without memory. A NUL in it ends it. */
static char *text_of(hexmcp_str object, const char *key)
{
    hexmcp_str value = {NULL, 0};
    char *text = NULL;
    size_t len;
    hexmcp_json_get(object, key, &value);
    return hexmcp_json_string_dup(value, &text, &len) == HEXMCP_OK ? text : NULL;
}

/* 0 when no more are wanted. */
static int add_fault(struct told *told, hexmcp_str fault)
{
    struct report_error error = {.rule = "schema"};
    char *field = text_of(fault, "instance");
    char *message = text_of(fault, "message");
    int more = 0;
    hexmcp_json_get(fault, "keyword", &error.keyword);
    hexmcp_json_get(fault, "schema", &error.location);
    error.field = field;
    error.message = message;
    if (field && message)
        more = report_add(told->report, &error) && !told->fail_fast;
    else
        told->status = HEXMCP_E_NOMEM;
    free(field);
    free(message);
    return more;
}

static void take(void *arg, hexmcp_str json)
{
    struct told *told = arg;
    hexmcp_str faults, fault, more;
    int others = 0;
    if (hexmcp_json_get(json, "faults", &faults) != HEXMCP_OK)
        return;
    hexmcp_json_iter it = hexmcp_json_iter_begin(faults);
    while (hexmcp_json_next(&it, NULL, &fault)) {
        if (!add_fault(told, fault))
            return;
    }
    if (hexmcp_json_get(json, "more", &more) == HEXMCP_OK)
        hexmcp_json_bool(more, &others);
    told->report->truncated |= others;
}

int32_t by_schema_check(const hexmcp_host *host, hexmcp_str schema, hexmcp_str value, int fail_fast,
                        struct report *report, hexmcp_error *err)
{
    struct told told = {.report = report, .fail_fast = fail_fast};
    const hexmcp_schema_1 *schemas =
        (const hexmcp_schema_1 *)host->get_interface(host->ctx, HEXMCP_SCHEMA_1);
    if (!schemas)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "this host cannot check by a JSON Schema; give rules in place of schema");
    int32_t status =
        schemas->validate(schemas->ctx, schema, value, HEXMCP_SCHEMA_FORMATS, take, &told, err);
    if (status == HEXMCP_OK && told.status != HEXMCP_OK)
        return hexmcp_fail(err, told.status, "out of memory for the errors; try again");
    return status;
}
