/*
 * hidden.h - what a page holds and people who look at it do not see.
 *
 * SPDX-License-Identifier: MIT
 *
 * Text that is hidden is where pages talk to models behind the back of their users. Seen are attributes and
 * styles of the element itself; style sheets are not evaluated.
 */
#pragma once

#include "web-kit/html.h"

/* Whether the element hides itself and what is in it: hidden, aria-hidden, and styles such as display: none,
 * no size, no colour, or a place outside of the screen. */
bool hidden_element(myhtml_tree_node_t *node);

/* Bytes of the character at `text` if it takes no room on the screen (zero-width, direction marks, tags),
 * else 0. `text` ends with NUL. Joiners, which scripts need, are no such characters. */
size_t hidden_character(const char *text);
