/*
 * to_json.h - an element as JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * {"name": value}: an element with text alone is that text, an empty one null, any other an object with
 * its attributes as "@name", its text as "#text" and its children by name; what comes several times, or
 * is named in `arrays`, is an array. Comments and instructions are left out.
 */
#pragma once

#include <libxml/tree.h>

#include "hexmcp/json.h"
#include "kit/bytes.h"

#define TO_JSON_DEPTH_MOST 100

/* `arrays` are `count` names of elements. Appends the object of the root. Marks the nodes: once per
 * document. */
int32_t to_json(xmlNodePtr root, const char *const *arrays, size_t count, struct bytes *out,
                hexmcp_error *err);
