/*
 * SPDX-License-Identifier: MIT
 */
#include "describe.h"

#include <stdbool.h>
#include <string.h>

#define NAMES_MOST 100

struct named {
    const xmlChar *name;
    const xmlChar *other; /* prefix of a namespace, or of an element */
    int64_t count;
};

struct table {
    struct named list[NAMES_MOST];
    size_t count;
    bool more;
};

struct found {
    struct table names;
    struct table namespaces;
    int64_t elements;
    int64_t attributes;
    int64_t depth;
};

static void count(struct table *t, const xmlChar *name, const xmlChar *other)
{
    for (size_t i = 0; i < t->count; i++)
        if (xmlStrEqual(t->list[i].name, name) && xmlStrEqual(t->list[i].other, other)) {
            t->list[i].count++;
            return;
        }
    if (t->count == NAMES_MOST)
        t->more = true;
    else
        t->list[t->count++] = (struct named){name, other, 1};
}

static void look(struct found *found, const xmlNode *node)
{
    found->elements++;
    count(&found->names, node->name, node->ns ? node->ns->prefix : NULL);
    for (const xmlAttr *a = node->properties; a; a = a->next)
        found->attributes++;
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
        count(&found->namespaces, ns->href ? ns->href : BAD_CAST "", ns->prefix);
}

/* The element that comes next in the document, or NULL; *depth is its depth. */
static const xmlNode *next_element(const xmlNode *node, int64_t *depth)
{
    const xmlNode *next = node->type == XML_ELEMENT_NODE ? node->children : NULL;
    if (next)
        ++*depth;
    while (!next) {
        if (*depth == 0)
            return NULL;
        next = node->next;
        if (!next) {
            node = node->parent;
            --*depth;
        }
    }
    return next;
}

static void walk(const xmlNode *root, struct found *found)
{
    int64_t depth = 0;
    for (const xmlNode *node = root; node; node = next_element(node, &depth)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        look(found, node);
        found->depth = depth + 1 > found->depth ? depth + 1 : found->depth;
    }
}

static void put(hexmcp_json_writer *w, const char *key, const xmlChar *text)
{
    if (text)
        hexmcp_json_put_text(w, key, (const char *)text);
}

static void put_root(hexmcp_json_writer *w, const xmlNode *root)
{
    hexmcp_json_key(w, "root");
    hexmcp_json_begin_object(w);
    put(w, "name", root->name);
    if (root->ns) {
        put(w, "prefix", root->ns->prefix);
        put(w, "namespace", root->ns->href);
    }
    hexmcp_json_end_object(w);
}

static void put_table(hexmcp_json_writer *w, const char *key, const struct table *t, const char *what,
                      const char *other, bool counts)
{
    hexmcp_json_key(w, key);
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < t->count; i++) {
        hexmcp_json_begin_object(w);
        put(w, what, t->list[i].name);
        put(w, other, t->list[i].other);
        if (counts)
            hexmcp_json_put_int64(w, "count", t->list[i].count);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
}

void describe_put(xmlDocPtr doc, hexmcp_json_writer *w)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    struct found found = {0};
    walk(root, &found);
    put_root(w, root);
    put(w, "version", doc->version);
    put(w, "encoding", doc->encoding);
    if (doc->intSubset)
        put(w, "doctype", doc->intSubset->name);
    hexmcp_json_put_int64(w, "element_count", found.elements);
    hexmcp_json_put_int64(w, "attribute_count", found.attributes);
    hexmcp_json_put_int64(w, "depth", found.depth);
    put_table(w, "namespaces", &found.namespaces, "uri", "prefix", false);
    put_table(w, "names", &found.names, "name", "prefix", true);
    if (found.names.more || found.namespaces.more)
        hexmcp_json_put_bool(w, "truncated", true);
}
