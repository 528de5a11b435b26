/*
 * plugin.c - the tool "regex-matcher" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t answer(const hexmcp_host *host, hexmcp_call call, struct request *request,
                      hexmcp_error *err)
{
    hexmcp_json_writer writer;
    hexmcp_json_writer_init(&writer);
    int32_t status = operations_run(request, &writer, err);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&writer));
    hexmcp_json_writer_free(&writer);
    return status;
}

static int32_t match(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                     hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct request request;
    int32_t status = request_read(args, &request, err);
    if (status != HEXMCP_OK)
        return status;
    status = answer(host, call, &request, err);
    request_clear(&request);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.regex-matcher", "0.1.0", match);
