/*
 * plugin.c - the tool "datetime-handler" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

/* The arguments, read and as they came. */
struct question {
    struct request request;
    hexmcp_str args;
};

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    const struct question *question = arg;
    char operation[32];
    const char *name = NULL;
    hexmcp_str value;
    if (hexmcp_json_get(question->args, "operation", &value) == HEXMCP_OK) {
        name = operation;
        /* What does not fit is unknown as well. */
        if (hexmcp_json_string(value, operation, sizeof(operation), NULL) != HEXMCP_OK)
            operation[0] = '\0';
    }
    hexmcp_json_begin_object(writer);
    int32_t status = operations_run(name, &question->request, writer, err);
    hexmcp_json_end_object(writer);
    return status;
}

static int32_t handle(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                      hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct question question = {.args = args};
    int32_t status = request_read(args, &question.request, err);
    if (status != HEXMCP_OK)
        return status;
    return hexmcp_complete_written(host, call, write_result, &question, err);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.datetime-handler", "0.1.0", handle);
