/*
 * subscribe.h - events of a subscription over SSE (graphql-sse, distinct connections).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "ask.h"

/* [worker] Listens until max_events have come, duration_ms are over, or the server has completed; puts the
 * events and how it ended. */
int32_t subscribe(struct question *q, hexmcp_str document, struct answer *a);
