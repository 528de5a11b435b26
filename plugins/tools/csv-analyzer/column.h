/*
 * column.h - what the values of a column have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"
#include "value.h"

#define COLUMN_SAMPLES 5
#define COLUMN_SAMPLE_MOST 100

struct column {
    enum value_type type;
    uint64_t count; /* of values, empty ones too */
    uint64_t empty;
    /* Different values: their hashes, for an exact comparison with the texts below. */
    hexmcp_str *texts;
    uint64_t *slots; /* place in texts + 1; 0: free */
    size_t slot_count;
    size_t unique;
    size_t room;
    double *numbers;
    size_t number_count;
    size_t number_room;
    uint64_t shortest; /* characters */
    uint64_t longest;
};

/* False if memory is short. */
bool column_add(struct column *column, hexmcp_str text);

/* Puts type, counts, statistics and samples. */
void column_put(struct column *column, hexmcp_json_writer *w);

void column_free(struct column *column);
