/*
 * filter.h - which files are searched and which folders are entered.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

struct filter;

/* Makes it of the request, which must outlive it. Errors: HEXMCP_E_INVALID for a glob pattern that
 * is none, HEXMCP_E_NOMEM. */
int32_t filter_new(const struct request *request, struct filter **ret, hexmcp_error *err);
void filter_free(struct filter *filter);

/* 1 or 0. `path` is relative to the folder of the search; `name` is its last component. */
int filter_takes_file(struct filter *filter, const char *path, const char *name);
int filter_takes_folder(struct filter *filter, const char *path, const char *name);
