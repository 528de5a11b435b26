/*
 * plugin.c - the tool "archive-handler" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"

static int32_t handle(const hexmcp_round *r)
{
    static const char *const names[] = {"list", "extract", "create", NULL};
    static int32_t (*const operations[])(const hexmcp_round *, struct args *) = {
        operation_list, operation_extract, operation_create};
    struct args args = args_begin(r->args, r->err);
    size_t which = 0;
    args_needed(&args, "operation", 20);
    which = args_choice(&args, "operation", names, 0);
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK)
        status = operations[which](r, &args);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("archive-handler", handle), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.archive-handler", "0.1.0", plugin);
