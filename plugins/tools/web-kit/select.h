/*
 * select.h - elements by CSS selector, by Modest.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "web-kit/html.h"

/* The elements below the document that `selector` names (see selector.h), in the order of the text, as an array to be
 * freed. `what` names the argument in messages. */
int32_t select_nodes(const hexmcp_round *r, const struct html *html, const char *what,
                     const char *selector, myhtml_tree_node_t ***nodes, size_t *count);
