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
    size_t rank; /* of the first one, less 1 */
    size_t skip; /* that are still to be passed over */
    size_t most, count;
    bool unique; /* an address that was there is left out */
    void *known; /* those addresses; results_forget() is due */
};

/* Where things stand in an item, "a.b" for a member of a member; NULL if they do not. */
struct fields {
    const char *title, *url, *snippet, *date, *image;
};

/* Results of Google's web and news, as several back ends give them. */
extern const struct fields fields_of_google;

/* The value at a path of members; empty if it is not there. */
hexmcp_str read_at(hexmcp_str json, const char *path);

/* Adds the items of the array at `path`; how many were added or passed over. Those without an address of the
 * web are left out. */
size_t read_items(struct results *r, hexmcp_str json, const char *path, const struct fields *fields);

/* Adds one item; false if it was left out. */
bool read_item(struct results *r, hexmcp_str item, const struct fields *fields);

void results_forget(struct results *r);
