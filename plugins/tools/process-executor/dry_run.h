/*
 * dry_run.h - what process-executor would run.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "request.h"

/* `plan` is what the host has told, see process.h. */
int32_t answer_dry_run(const hexmcp_round *r, const struct request *request, hexmcp_str plan);
