/*
 * file.h - a granted file, read whole.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "work.h"

#include "hexmcp/host/files.h"

/* Reads `path` into fresh memory, ended by a NUL that does not count; `argument` names the path in
 * messages. `files` may be NULL: then no file can be read. On success *ret_data is yours to free().
 * Errors: what the host says; HEXMCP_E_TOO_LARGE above `limit` bytes, HEXMCP_E_NOMEM,
 * HEXMCP_E_CANCELLED, HEXMCP_E_GENERIC if reading fails. */
int32_t file_read(const hexmcp_files_1 *files, const struct work *work, const char *argument,
                  hexmcp_str path, size_t limit, char **ret_data, size_t *ret_len,
                  hexmcp_error *err);
