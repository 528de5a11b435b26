/*
 * sheet.h where libxlsxwriter is missing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sheet.h"

int32_t sheet_begin(struct target *target, const hexmcp_str *names, size_t columns, struct sheet **sheet,
                    hexmcp_error *err)
{
    (void)target;
    (void)names;
    (void)columns;
    *sheet = NULL;
    return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                       "this hexmcp was built without libxlsxwriter, so it cannot write xlsx; choose "
                       "options.format csv, which Excel opens");
}

int32_t sheet_row(struct sheet *sheet, const hexmcp_str *fields, const enum value_type *types,
                  hexmcp_error *err)
{
    (void)sheet;
    (void)fields;
    (void)types;
    (void)err;
    return HEXMCP_E_UNSUPPORTED;
}

int32_t sheet_end(struct sheet *sheet, uint64_t *bytes, hexmcp_error *err)
{
    (void)sheet;
    (void)bytes;
    (void)err;
    return HEXMCP_E_UNSUPPORTED;
}

void sheet_free(struct sheet *sheet)
{
    (void)sheet;
}
