/*
 * SPDX-License-Identifier: MIT
 */
#include "work.h"

#include "hexmcp/json.h"

int32_t work_check(const struct work *work, hexmcp_error *err)
{
    if (work->info && work->info->cancelled(work->info->ctx, work->call))
        return hexmcp_fail(err, HEXMCP_E_CANCELLED,
                           "stopped: the call was cancelled or took longer than 10 seconds; "
                           "compare smaller parts");
    return HEXMCP_OK;
}
