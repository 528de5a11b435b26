/*
 * xpath.h - XPath 1.0 over a document.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/xpath.h>
#include <stdatomic.h>

#include "faults.h"
#include "kit/results.h"

struct xpath {
    xmlXPathContextPtr context;
    struct faults faults;
    const atomic_bool *stop; /* true: end soon */
};

/* `namespaces` is a JSON object of prefixes and URIs, or empty; the prefixes of the document's root are
 * known, too. xpath_end() is due after HEXMCP_OK. */
int32_t xpath_begin(xmlDocPtr doc, hexmcp_str namespaces, const atomic_bool *stop, struct xpath *x,
                    hexmcp_error *err);
void xpath_end(struct xpath *x);

/* What `query` finds: *kind is "nodes", "number", "text" or "boolean". Nodes go to `results`, anything else
 * as JSON to `value`. *none is true if there were no nodes at all. */
int32_t xpath_query(struct xpath *x, const char *query, struct results *results, const char **kind,
                    struct bytes *value, bool *none, hexmcp_error *err);

/* A record for each node of `query`: what the expressions of `fields` ({name: XPath}) find from there. */
int32_t xpath_extract(struct xpath *x, const char *query, hexmcp_str fields, struct results *results,
                      bool *none, hexmcp_error *err);
