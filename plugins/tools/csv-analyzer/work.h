/*
 * work.h - the operations of csv-analyzer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "table.h"

/* [worker] Each puts its result into the answer. */
int32_t work_analyze(struct table *table, const struct request *request, struct answer *a);
int32_t work_validate(struct table *table, const struct request *request, struct answer *a);
int32_t work_rows(struct table *table, const struct request *request, struct answer *a);
