/*
 * The file: made, recognised, brought to the newest version, or refused and left as it is.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "db.h"

/* Opens the file for writing, in WAL mode; makes it, with mode 0600, if it is not there. *db must be
 * closed also after an error. Nothing here takes longer for a larger file. */
int32_t schema_open(struct db *db, const struct config *config, hexmcp_error *err);

/* Makes the tables in an empty file. */
int32_t schema_make(struct db *db, hexmcp_error *err);
