/*
 * SPDX-License-Identifier: MIT
 */
#include <search.h>
#include <string.h>
#include <strings.h>

#include "report.h"
#include "text.h"
#include "web-kit/link.h"

#define TEXT_MOST 300

/* Addresses that were seen. Together they are no longer than the page. */
struct seen {
    void *tree;
    size_t total;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Takes `url`: true if it is a new one. */
static bool is_new(struct seen *seen, char *url)
{
    char **found = tsearch(url, &seen->tree, compare);
    if (!found || *found != url) {
        free(url);
        return false;
    }
    seen->total++;
    return true;
}

static char *address(const struct scrape *s, const char *ref)
{
    if (!ref || strncasecmp(ref, "data:", 5) == 0 || strncasecmp(ref, "javascript:", 11) == 0)
        return NULL;
    return link_resolve(s->html.base, ref, strlen(ref));
}

static bool put_item(struct scrape *s, myhtml_tree_node_t *node, const char *url)
{
    bool image = myhtml_node_tag_id(node) == MyHTML_TAG_IMG, good = true;
    const char *alt = html_attribute(node, "alt");
    hexmcp_json_begin_object(s->json);
    hexmcp_json_put_text(s->json, "url", url);
    if (image)
        text_put(s->json, "alt", alt ? alt : "", TEXT_MOST);
    else
        good = text_put_below(s->json, "text", node, TEXT_MOST);
    hexmcp_json_end_object(s->json);
    return good;
}

static int32_t put_all(struct scrape *s, const char *key, myhtml_tag_id_t tag, const char *attribute)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    struct seen seen = {0};
    bool good = true;
    hexmcp_json_key(s->json, key);
    hexmcp_json_begin_object(s->json);
    hexmcp_json_key(s->json, "items");
    hexmcp_json_begin_array(s->json);
    for (myhtml_tree_node_t *n = document; n && good; n = html_next(n, document)) {
        char *url = myhtml_node_tag_id(n) == tag ? address(s, html_attribute(n, attribute)) : NULL;
        if (url && is_new(&seen, url) && seen.total <= s->request->max_items)
            good = put_item(s, n, url);
    }
    hexmcp_json_end_array(s->json);
    hexmcp_json_put_int64(s->json, "total", (int64_t)seen.total);
    hexmcp_json_end_object(s->json);
    tdestroy(seen.tree, free);
    return good ? HEXMCP_OK
                : hexmcp_fail(s->r->err, HEXMCP_E_NOMEM, "out of memory for the %s; try again", key);
}

int32_t report_links(struct scrape *s)
{
    return put_all(s, "links", MyHTML_TAG_A, "href");
}

int32_t report_images(struct scrape *s)
{
    return put_all(s, "images", MyHTML_TAG_IMG, "src");
}
