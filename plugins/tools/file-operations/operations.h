/*
 * operations.h - one function for each operation.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "op.h"

/* Each does its operation and adds its members to op->out. On failure op->err is filled, but for
 * HEXMCP_E_CANCELLED. */
int32_t operation_read(const struct op *op);
int32_t operation_write(const struct op *op);
int32_t operation_append(const struct op *op);
int32_t operation_delete(const struct op *op);
int32_t operation_create_dir(const struct op *op);
int32_t operation_list_dir(const struct op *op);
int32_t operation_copy(const struct op *op);
int32_t operation_move(const struct op *op);
int32_t operation_metadata(const struct op *op);
int32_t operation_exists(const struct op *op);
