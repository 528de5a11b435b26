/*
 * subscribe_socket.h - events of a subscription over WebSocket.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "ask.h"
#include "settings.h"

/* [worker] Listens until max_events have come, duration_ms are over, or the server has completed; puts the
 * events and how it ended. */
int32_t subscribe_socket(struct question *q, const struct settings *settings, hexmcp_str document,
                         struct answer *a);
