/*
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "report.h"
#include "text.h"
#include "web-kit/hidden.h"
#include "web-kit/readable.h"
#include "web-kit/select.h"

#define TEXT_MOST 5000
#define ATTRIBUTE_MOST 2000
#define ATTRIBUTES_MOST 50

/* The first one of a name counts, as in browsers; the parser keeps them all. */
static bool is_first(myhtml_tree_node_t *node, const myhtml_tree_attr_t *attribute, const char *key)
{
    myhtml_tree_attr_t *at = myhtml_node_attribute_first(node);
    for (; at && at != attribute; at = myhtml_attribute_next(at)) {
        const char *other = myhtml_attribute_key(at, NULL);
        if (other && strcmp(other, key) == 0)
            return false;
    }
    return true;
}

static void put_attributes(struct scrape *s, myhtml_tree_node_t *node)
{
    myhtml_tree_attr_t *at = myhtml_node_attribute_first(node);
    hexmcp_json_key(s->json, "attributes");
    hexmcp_json_begin_object(s->json);
    for (int i = 0; at && i < ATTRIBUTES_MOST; at = myhtml_attribute_next(at), i++) {
        const char *key = myhtml_attribute_key(at, NULL), *value = myhtml_attribute_value(at, NULL);
        if (key && *key && is_first(node, at, key))
            text_put(s->json, key, value ? value : "", ATTRIBUTE_MOST);
    }
    hexmcp_json_end_object(s->json);
}

static int32_t put_item(struct scrape *s, myhtml_tree_node_t *node)
{
    struct readable how = {.with_hidden = s->request->include_hidden};
    struct reading reading;
    int32_t status = readable_write(s->pace, &s->html, node, &how, &reading);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_begin_object(s->json);
    text_put(s->json, "text", reading.text.ptr, TEXT_MOST);
    put_attributes(s, node);
    hexmcp_json_end_object(s->json);
    readable_free(&reading);
    return HEXMCP_OK;
}

static int32_t put_selection(struct scrape *s, const struct named_selector *selector)
{
    myhtml_tree_node_t **nodes;
    size_t count;
    int32_t status = select_nodes(s->r, &s->html, selector->name, selector->css, &nodes, &count);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_key(s->json, selector->name);
    hexmcp_json_begin_object(s->json);
    hexmcp_json_put_int64(s->json, "total", (int64_t)count);
    hexmcp_json_key(s->json, "items");
    hexmcp_json_begin_array(s->json);
    for (size_t i = 0; i < count && i < s->request->max_items && status == HEXMCP_OK; i++)
        status = put_item(s, nodes[i]);
    hexmcp_json_end_array(s->json);
    hexmcp_json_end_object(s->json);
    free(nodes);
    return status;
}

int32_t report_selections(struct scrape *s)
{
    int32_t status = HEXMCP_OK;
    hexmcp_json_key(s->json, "selections");
    hexmcp_json_begin_object(s->json);
    for (size_t i = 0; i < s->request->selector_count && status == HEXMCP_OK; i++)
        status = put_selection(s, &s->request->selectors[i]);
    hexmcp_json_end_object(s->json);
    return status;
}
