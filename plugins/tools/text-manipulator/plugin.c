/*
 * plugin.c - the tool "text-manipulator" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    return operations_run(arg, writer, err);
}

static int32_t manipulate(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                          hexmcp_str args, hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct request request;
    int32_t status = request_read(args, &request, err);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_written(host, call, write_result, &request, err);
    args_end(&request.args);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.text-manipulator", "0.1.0", manipulate);
