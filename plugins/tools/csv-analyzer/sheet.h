/*
 * sheet.h - rows as a sheet of an Excel workbook, by libxlsxwriter.
 *
 * SPDX-License-Identifier: MIT
 *
 * No text ever becomes a formula or a link. Rows go to a nameless file in the folder of the target while
 * they come, so memory does not grow with them.
 */
#pragma once

#include "kit/target.h"
#include "value.h"

struct sheet;

/* Begins the workbook in the target, with the names as first row. If the target is for a dry run only
 * the limits of Excel are watched. HEXMCP_E_UNSUPPORTED if this was built without the library.
 * sheet_free() is due. `target` and `names` must outlive it. */
int32_t sheet_begin(struct target *target, const hexmcp_str *names, size_t columns, struct sheet **sheet,
                    hexmcp_error *err);

/* `types` are those of the columns: values that fit become numbers, booleans and dates, where Excel can
 * hold them as they are. NULL: all as texts. */
int32_t sheet_row(struct sheet *sheet, const hexmcp_str *fields, const enum value_type *types,
                  hexmcp_error *err);

/* Packs the workbook into the target; *bytes is its size, 0 for a dry run. */
int32_t sheet_end(struct sheet *sheet, uint64_t *bytes, hexmcp_error *err);

/* NULL is fine. */
void sheet_free(struct sheet *sheet);
