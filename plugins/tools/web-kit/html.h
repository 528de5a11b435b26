/*
 * html.h - a page of HTML as a tree, by MyHTML.
 *
 * SPDX-License-Identifier: MIT
 *
 * MyHTML takes time that grows with the square of the depth, so depth and time are limited. What is left
 * to fear of hostile pages is up to the sandbox: plugins that use this say "isolation": "required".
 */
#pragma once

#include <myhtml/myhtml.h>
#include <stdbool.h>

#include "kit/bytes.h"
#include "kit/pace.h"

/* Elements that may be open at once; browsers stop at 512. */
#define HTML_DEPTH 2000

/* Time that parsing may take. */
#define HTML_SECONDS 10

/* html_free() is due. */
struct html {
    myhtml_t *engine;
    myhtml_tree_t *tree;
    const char *charset; /* what it was read as; static */
    char *base;          /* for its links */
    struct bytes text;   /* the page as UTF-8, to which the tree may point */
};

/* Reads a page from `url`; for its characters see charset.h. */
int32_t html_parse(struct pace *pace, const char *url, const char *content_type, hexmcp_str bytes,
                   struct html *html);
void html_free(struct html *html);

/* The text of an attribute of an element; NULL if it has none. "" if it has no value. */
const char *html_attribute(myhtml_tree_node_t *node, const char *name);

/* The name of an element in small letters; "" for what is none. */
const char *html_name(const struct html *html, myhtml_tree_node_t *node);

/* The node after `node` in the order of the text, below `top`; NULL after the last one. */
myhtml_tree_node_t *html_next(myhtml_tree_node_t *node, const myhtml_tree_node_t *top);

/* The same without what is below `node`. */
myhtml_tree_node_t *html_skip(myhtml_tree_node_t *node, const myhtml_tree_node_t *top);

/* The first element of this kind below `top`; NULL if there is none. */
myhtml_tree_node_t *html_find(myhtml_tree_node_t *top, myhtml_tag_id_t tag);
