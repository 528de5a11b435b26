/*
 * describe.h - what a document is made of, in a few words.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/tree.h>

#include "hexmcp/json.h"

/* Puts root, version, encoding, counts, namespaces and names. */
void describe_put(xmlDocPtr doc, hexmcp_json_writer *w);
