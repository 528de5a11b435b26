/*
 * tool.h - a search: one back end after the other until one answers.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "limit.h"
#include "settings.h"

/* The state of the plugin. */
struct state {
    struct settings settings;
    struct limit limit;
};

/* [worker] */
int32_t search(const hexmcp_round *r);
