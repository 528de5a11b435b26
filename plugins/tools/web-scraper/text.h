/*
 * text.h - short texts of a page: white space in one piece, cut where they are too long.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"
#include "web-kit/html.h"

/* Puts `text` as the member `key`; "..." stands at the end of what is cut at `most` bytes. */
void text_put(hexmcp_json_writer *json, const char *key, const char *text, size_t most);

/* The texts below `node`, as they are, put as the member `key`. false if memory is short. */
bool text_put_below(hexmcp_json_writer *json, const char *key, myhtml_tree_node_t *node, size_t most);
