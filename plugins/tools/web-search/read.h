/*
 * read.h - results, read from the answers of back ends.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"

struct results {
    hexmcp_json_writer *json; /* an array, which gets an object for each result */
    const char *provider;
    size_t most, count;
};

/* Where things stand in an item, "a.b" for a member of a member; NULL if they do not. */
struct fields {
    const char *title, *url, *snippet, *date, *image;
};

/* The value at a path of members; empty if it is not there. */
hexmcp_str read_at(hexmcp_str json, const char *path);

/* Adds the items of the array at `path`. Those without an address of the web are left out. */
void read_items(struct results *r, hexmcp_str json, const char *path, const struct fields *fields);

/* Adds one item. */
void read_item(struct results *r, hexmcp_str item, const struct fields *fields);
