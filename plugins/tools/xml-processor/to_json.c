/*
 * SPDX-License-Identifier: MIT
 */
#include "to_json.h"

#include <libxml/hash.h>
#include <string.h>

#include "json_text.h"

struct writing {
    const char *const *arrays;
    size_t array_count;
    struct bytes *out;
    hexmcp_error *err;
};

static int32_t element(struct writing *w, xmlNodePtr node, int depth);

static int32_t no_memory(struct writing *w)
{
    return hexmcp_fail(w->err, HEXMCP_E_NOMEM, "out of memory for the JSON; try again");
}

static bool put(struct writing *w, const char *raw)
{
    return json_text_raw(w->out, raw);
}

static bool put_string(struct writing *w, const xmlChar *text)
{
    return json_text_string(w->out, (const char *)text, strlen((const char *)text));
}

/* "prefix:name" as a key with its colon. */
static bool put_key(struct writing *w, const char *mark, const xmlNs *ns, const xmlChar *name)
{
    struct bytes key = {0};
    bool ok = json_text_raw(&key, mark);
    if (ok && ns && ns->prefix)
        ok = json_text_raw(&key, (const char *)ns->prefix) && json_text_raw(&key, ":");
    ok = ok && json_text_raw(&key, (const char *)name) &&
         json_text_string(w->out, key.ptr, key.len) && put(w, ":");
    bytes_free(&key);
    return ok;
}

/* ---- what an element has -------------------------------------------------------------------- */

static bool is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

static bool is_blank(const xmlNode *node)
{
    return node->content[strspn((const char *)node->content, " \t\r\n")] == '\0';
}

/* The text between the children; blank pieces count only if there is nothing else. */
static bool collect_text(const xmlNode *node, bool has_children, struct bytes *text)
{
    for (const xmlNode *child = node->children; child; child = child->next)
        if (is_text(child) && child->content && !(has_children && is_blank(child)) &&
            !bytes_add(text, child->content, strlen((const char *)child->content)))
            return false;
    return true;
}

static xmlNodePtr next_element(xmlNodePtr node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

/* Each child points by _private to the next one of its name; all but the first are marked by extra. */
static bool link_children(xmlNodePtr first)
{
    xmlHashTablePtr last_of = xmlHashCreate(0);
    bool ok = last_of != NULL;
    for (xmlNodePtr node = first; ok && node; node = next_element(node->next)) {
        const xmlChar *prefix = node->ns ? node->ns->prefix : NULL;
        xmlNodePtr last = xmlHashLookup2(last_of, node->name, prefix);
        if (last)
            last->_private = node;
        node->extra = last != NULL;
        ok = xmlHashUpdateEntry2(last_of, node->name, prefix, node, NULL) == 0;
    }
    xmlHashFree(last_of, NULL);
    return ok;
}

static bool wants_array(const struct writing *w, const xmlNode *node)
{
    for (size_t i = 0; i < w->array_count; i++)
        if (strcmp(w->arrays[i], (const char *)node->name) == 0)
            return true;
    return false;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool put_comma(struct writing *w, bool *first)
{
    bool ok = *first || put(w, ",");
    *first = false;
    return ok;
}

static bool put_namespaces(struct writing *w, const xmlNode *node, bool *first)
{
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next) {
        bool ok = put_comma(w, first) &&
                  (ns->prefix ? put_key(w, "@xmlns:", NULL, ns->prefix) : put(w, "\"@xmlns\":")) &&
                  put_string(w, ns->href ? ns->href : BAD_CAST "");
        if (!ok)
            return false;
    }
    return true;
}

static bool put_attributes(struct writing *w, xmlNodePtr node, bool *first)
{
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        xmlChar *value = xmlNodeGetContent((const xmlNode *)a);
        bool ok = value && put_comma(w, first) && put_key(w, "@", a->ns, a->name) &&
                  put_string(w, value);
        xmlFree(value);
        if (!ok)
            return false;
    }
    return true;
}

/* `node` and all of its name that follow. */
static int32_t put_children(struct writing *w, xmlNodePtr node, bool *first, int depth)
{
    bool many = node->_private || wants_array(w, node), comma = true;
    if (!put_comma(w, first) || !put_key(w, "", node->ns, node->name) || (many && !put(w, "[")))
        return no_memory(w);
    for (xmlNodePtr each = node; each; each = each->_private) {
        if (!put_comma(w, &comma))
            return no_memory(w);
        int32_t status = element(w, each, depth - (many ? 2 : 1));
        if (status != HEXMCP_OK)
            return status;
    }
    return !many || put(w, "]") ? HEXMCP_OK : no_memory(w);
}

static int32_t object(struct writing *w, xmlNodePtr node, xmlNodePtr child, const struct bytes *text,
                      int depth)
{
    bool first = true;
    if (!link_children(child) || !put(w, "{") || !put_namespaces(w, node, &first) || !put_attributes(w, node, &first))
        return no_memory(w);
    if (text->len > 0 && !(put_comma(w, &first) && put(w, "\"#text\":") &&
                           json_text_string(w->out, text->ptr, text->len)))
        return no_memory(w);
    for (; child; child = next_element(child->next)) {
        int32_t status = child->extra ? HEXMCP_OK : put_children(w, child, &first, depth);
        if (status != HEXMCP_OK)
            return status;
    }
    return put(w, "}") ? HEXMCP_OK : no_memory(w);
}

static int32_t element(struct writing *w, xmlNodePtr node, int depth)
{
    xmlNodePtr child = next_element(node->children);
    struct bytes text = {0};
    int32_t status = HEXMCP_OK;
    if (depth <= 0)
        return hexmcp_fail(w->err, HEXMCP_E_TOO_LARGE,
                           "the JSON would be nested deeper than %d levels; convert a part of the "
                           "document, or use operation query",
                           TO_JSON_DEPTH_MOST);
    if (!collect_text(node, child != NULL, &text))
        status = no_memory(w);
    else if (child || node->properties || node->nsDef)
        status = object(w, node, child, &text, depth);
    else if (!(text.len > 0 ? json_text_string(w->out, text.ptr, text.len) : put(w, "null")))
        status = no_memory(w);
    bytes_free(&text);
    return status;
}

int32_t to_json(xmlNodePtr root, const char *const *arrays, size_t count, struct bytes *out,
                hexmcp_error *err)
{
    struct writing w = {arrays, count, out, err};
    if (!put(&w, "{") || !put_key(&w, "", root->ns, root->name))
        return no_memory(&w);
    int32_t status = element(&w, root, TO_JSON_DEPTH_MOST - 1);
    return status != HEXMCP_OK || put(&w, "}") ? status : no_memory(&w);
}
