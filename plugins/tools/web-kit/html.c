/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/html.h"

#include <string.h>
#include <strings.h>

#include "web-kit/charset.h"
#include "web-kit/link.h"

/* Pages go to the parser in pieces, and what it has made of them is looked at in between. */
#define PIECE ((size_t)2048)

static int32_t check(struct pace *pace, const struct html *html, double began_ms, size_t done,
                     size_t total)
{
    const hexmcp_round *r = pace->r;
    if (html->tree->open_elements->length > HTML_DEPTH)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "the page nests more than %d elements; it is broken or hostile, and is not "
                           "read",
                           HTML_DEPTH);
    if (pace_ms(pace) - began_ms > HTML_SECONDS * 1e3)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "the page takes more than %d seconds to parse; it is broken or hostile, and "
                           "is not read",
                           HTML_SECONDS);
    return pace_step(pace, (double)done, (double)total, "parsing the page");
}

static bool make(struct html *html)
{
    html->engine = myhtml_create();
    html->tree = myhtml_tree_create();
    return html->engine && html->tree &&
           myhtml_init(html->engine, MyHTML_OPTIONS_PARSE_MODE_SINGLE, 1, 0) == MyHTML_STATUS_OK &&
           myhtml_tree_init(html->tree, html->engine) == MyHTML_STATUS_OK;
}

static int32_t no_memory(const struct pace *pace)
{
    return hexmcp_fail(pace->r->err, HEXMCP_E_NOMEM, "out of memory for the page; try a smaller one");
}

static int32_t parse(struct pace *pace, struct html *html)
{
    const double began_ms = pace_ms(pace);
    const struct bytes *all = &html->text;
    myhtml_encoding_set(html->tree, MyENCODING_UTF_8);
    /* The parser crashes at the end of a page that had no piece. */
    if (html->text.len == 0 && !bytes_add(&html->text, "\n", 1))
        return no_memory(pace);
    for (size_t at = 0; at < all->len;) {
        size_t len = all->len - at < PIECE ? all->len - at : PIECE;
        if (myhtml_parse_chunk_single(html->tree, all->ptr + at, len) != MyHTML_STATUS_OK)
            return no_memory(pace);
        at += len;
        int32_t status = check(pace, html, began_ms, at, all->len);
        if (status != HEXMCP_OK)
            return status;
    }
    return myhtml_parse_chunk_end(html->tree) == MyHTML_STATUS_OK ? HEXMCP_OK : no_memory(pace);
}

static bool find_base(struct html *html, const char *url)
{
    myhtml_tree_node_t *base = html_find(myhtml_tree_get_document(html->tree), MyHTML_TAG_BASE);
    const char *href = base ? html_attribute(base, "href") : NULL;
    if (href)
        html->base = link_resolve(url, href, strlen(href));
    if (html->base && !link_is_web(html->base)) {
        free(html->base);
        html->base = NULL;
    }
    if (!html->base)
        html->base = strdup(url);
    return html->base != NULL;
}

int32_t html_parse(struct pace *pace, const char *url, const char *content_type, hexmcp_str bytes,
                   struct html *html)
{
    int32_t status = HEXMCP_OK;
    *html = (struct html){0};
    if (!charset_to_utf8(content_type, bytes, &html->text, &html->charset) || !make(html))
        status = no_memory(pace);
    if (status == HEXMCP_OK)
        status = parse(pace, html);
    if (status == HEXMCP_OK && !find_base(html, url))
        status = no_memory(pace);
    if (status != HEXMCP_OK)
        html_free(html);
    return status;
}

void html_free(struct html *html)
{
    if (html->tree)
        myhtml_tree_destroy(html->tree);
    if (html->engine)
        myhtml_destroy(html->engine);
    free(html->base);
    bytes_free(&html->text);
    *html = (struct html){0};
}

const char *html_attribute(myhtml_tree_node_t *node, const char *name)
{
    myhtml_tree_attr_t *at = myhtml_node_attribute_first(node);
    for (; at; at = myhtml_attribute_next(at)) {
        const char *key = myhtml_attribute_key(at, NULL);
        if (key && strcasecmp(key, name) == 0) {
            const char *value = myhtml_attribute_value(at, NULL);
            return value ? value : "";
        }
    }
    return NULL;
}

const char *html_name(const struct html *html, myhtml_tree_node_t *node)
{
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    const char *name;
    if (tag < MyHTML_TAG_A)
        return "";
    name = myhtml_tag_name_by_id(html->tree, tag, NULL);
    return name ? name : "";
}

myhtml_tree_node_t *html_skip(myhtml_tree_node_t *node, const myhtml_tree_node_t *top)
{
    while (node && node != top && !myhtml_node_next(node))
        node = myhtml_node_parent(node);
    return node && node != top ? myhtml_node_next(node) : NULL;
}

myhtml_tree_node_t *html_next(myhtml_tree_node_t *node, const myhtml_tree_node_t *top)
{
    myhtml_tree_node_t *child = myhtml_node_child(node);
    return child ? child : html_skip(node, top);
}

myhtml_tree_node_t *html_find(myhtml_tree_node_t *top, myhtml_tag_id_t tag)
{
    for (myhtml_tree_node_t *n = top; n; n = html_next(n, top))
        if (myhtml_node_tag_id(n) == tag)
            return n;
    return NULL;
}
