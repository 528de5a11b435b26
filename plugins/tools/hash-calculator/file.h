/*
 * file.h - hashes a granted file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "algorithms.h"

#include "hexmcp/host.h"

/* Most bytes of a file. */
#define FILE_BYTES_MAX ((size_t)100 * 1024 * 1024)

/* Adds the file `path` to `hasher`, piece by piece, as long as `call` is not cancelled.
 * Errors: HEXMCP_E_DENIED if the host offers no files, what the host says when it opens,
 * HEXMCP_E_TOO_LARGE, HEXMCP_E_CANCELLED, HEXMCP_E_GENERIC if reading fails. */
int32_t file_hash(const hexmcp_host *host, hexmcp_call call, hexmcp_str path, struct hasher *hasher,
                  hexmcp_error *err);
