/*
 * work.h - a call in progress: whether it should go on.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/host.h"

/* `info` may be NULL: a host without it cannot cancel. */
struct work {
    const hexmcp_host *host;
    const hexmcp_call_info_1 *info;
    hexmcp_call call;
};

/* HEXMCP_OK, or HEXMCP_E_CANCELLED with *err filled if the call was cancelled or is too late. Ask
 * every few milliseconds. */
int32_t work_check(const struct work *work, hexmcp_error *err);
