/*
 * SPDX-License-Identifier: MIT
 */
#include <string.h>
#include <strings.h>

#include "report.h"
#include "text.h"
#include "web-kit/link.h"

#define VALUE_MOST 2000

/* Members of one object, and pieces of JSON-LD. */
#define MOST 100
#define JSON_LD_MOST ((size_t)64 * 1024)

static const char *first(const char *a, const char *b)
{
    return a ? a : b;
}

/* {name: value} of the meta elements whose name begins with `prefix`, the first of each name. */
static void put_group(struct scrape *s, const char *key, const char *prefix)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    const char *names[MOST];
    size_t count = 0, len = strlen(prefix);
    hexmcp_json_key(s->json, key);
    hexmcp_json_begin_object(s->json);
    for (myhtml_tree_node_t *n = document; n && count < MOST; n = html_next(n, document)) {
        const char *name, *content;
        size_t same = 0;
        if (myhtml_node_tag_id(n) != MyHTML_TAG_META)
            continue;
        name = first(html_attribute(n, "property"), html_attribute(n, "name"));
        content = html_attribute(n, "content");
        if (!name || !content || strncasecmp(name, prefix, len) != 0 || name[len] == '\0')
            continue;
        while (same < count && strcmp(names[same], name + len) != 0)
            same++;
        if (same < count)
            continue;
        names[count++] = name + len;
        text_put(s->json, name + len, content, VALUE_MOST);
    }
    hexmcp_json_end_object(s->json);
}

static void put_named(struct scrape *s, const char *name)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    for (myhtml_tree_node_t *n = document; n; n = html_next(n, document)) {
        const char *is = html_attribute(n, "name"), *content = html_attribute(n, "content");
        if (myhtml_node_tag_id(n) == MyHTML_TAG_META && is && content && strcasecmp(is, name) == 0) {
            text_put(s->json, name, content, VALUE_MOST);
            return;
        }
    }
}

static void put_canonical(struct scrape *s)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    for (myhtml_tree_node_t *n = document; n; n = html_next(n, document)) {
        const char *rel = html_attribute(n, "rel"), *href = html_attribute(n, "href");
        if (myhtml_node_tag_id(n) != MyHTML_TAG_LINK || !rel || !href ||
            strcasecmp(rel, "canonical") != 0)
            continue;
        char *url = link_resolve(s->html.base, href, strlen(href));
        if (url)
            hexmcp_json_put_text(s->json, "canonical", url);
        free(url);
        return;
    }
}

static void put_language(struct scrape *s)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    myhtml_tree_node_t *html = html_find(document, MyHTML_TAG_HTML);
    const char *lang = html ? html_attribute(html, "lang") : NULL;
    if (lang && *lang)
        text_put(s->json, "language", lang, 50);
}

static bool is_json_ld(myhtml_tree_node_t *n)
{
    const char *type = html_attribute(n, "type");
    return myhtml_node_tag_id(n) == MyHTML_TAG_SCRIPT && type &&
           strcasecmp(type, "application/ld+json") == 0;
}

/* As text: nobody knows whether it is JSON, and what is none would break the result. */
static void put_json_ld(struct scrape *s)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    size_t count = 0, left_out = 0;
    hexmcp_json_key(s->json, "json_ld");
    hexmcp_json_begin_array(s->json);
    for (myhtml_tree_node_t *n = document; n; n = html_next(n, document)) {
        myhtml_tree_node_t *child = is_json_ld(n) ? myhtml_node_child(n) : NULL;
        size_t len = 0;
        const char *text = child ? myhtml_node_text(child, &len) : NULL;
        if (!text)
            continue;
        if (count == MOST || len > JSON_LD_MOST) {
            left_out++;
            continue;
        }
        hexmcp_json_write_string(s->json, (hexmcp_str){text, len});
        count++;
    }
    hexmcp_json_end_array(s->json);
    hexmcp_json_put_int64(s->json, "json_ld_left_out", (int64_t)left_out);
}

int32_t report_meta(struct scrape *s)
{
    static const char *const names[] = {"description", "keywords", "author", "robots", "generator"};
    hexmcp_json_key(s->json, "meta");
    hexmcp_json_begin_object(s->json);
    hexmcp_json_put_text(s->json, "charset", s->html.charset);
    put_language(s);
    put_canonical(s);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        put_named(s, names[i]);
    put_group(s, "open_graph", "og:");
    put_group(s, "twitter", "twitter:");
    put_group(s, "article", "article:");
    put_json_ld(s);
    hexmcp_json_end_object(s->json);
    return HEXMCP_OK;
}
