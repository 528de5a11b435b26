/*
 * The settings of the store.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"

#include <stdbool.h>

struct config {
    char *path;       /* of the file                                                             */
    char *folder;     /* made if it is not there; NULL: it must be                               */
    bool full;        /* synchronous: full, else normal                                          */
    int max_batch;    /* most requests of one transaction                                        */
    int busy_ms;      /* how long another process may hold the file                              */
    int64_t max_bytes; /* of the file; 0: as many as there is room for                           */
};

/* HEXMCP_E_CONFIG with a text that names the key. config_clear() after success. */
int32_t config_read(hexmcp_str json, struct config *ret, hexmcp_error *err);
void config_clear(struct config *config);
