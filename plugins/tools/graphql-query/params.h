/*
 * params.h - connection_params: what the first message over a WebSocket carries.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "credentials.h"
#include "kit/args.h"

/* [worker] Adds `json` with values in the place of {"secret": NAME} and of handles in texts. The errors of
 * credentials_fill(). */
int32_t params_fill(struct credentials *c, hexmcp_str json, struct bytes *out);

/* The same as it may be shown: {"secret": NAME} as the handle. false if memory is short. */
bool params_show(hexmcp_str json, struct bytes *out);

/* Ends the arguments with an error if there is a credential that is given as text. */
void params_check(struct args *args);
