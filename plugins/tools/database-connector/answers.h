/*
 * answers.h - what is told of a job that is done.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "job.h"

/* Completes the call. */
int32_t answers_tell(struct job *job);
