/*
 * plugin.c - the tool "datetime-handler" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t run(hexmcp_str args, const struct request *request, hexmcp_json_writer *writer,
                   hexmcp_error *err)
{
    char operation[32];
    hexmcp_str value;
    if (hexmcp_json_get(args, "operation", &value) != HEXMCP_OK)
        return operations_run(NULL, request, writer, err);
    /* What does not fit is unknown as well. */
    if (hexmcp_json_string(value, operation, sizeof(operation), NULL) != HEXMCP_OK)
        operation[0] = '\0';
    return operations_run(operation, request, writer, err);
}

static int32_t handle(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                      hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct request request;
    hexmcp_json_writer writer;
    int32_t status = request_read(args, &request, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer_init(&writer);
    hexmcp_json_begin_object(&writer);
    status = run(args, &request, &writer, err);
    hexmcp_json_end_object(&writer);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&writer));
    hexmcp_json_writer_free(&writer);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.datetime-handler", "0.1.0", handle);
