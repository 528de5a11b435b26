/*
 * SPDX-License-Identifier: MIT
 */
#include "node.h"

#include <libxml/xpath.h>

#include "json_text.h"

static const char *kind_of(const xmlNode *node)
{
    switch (node->type) {
    case XML_ELEMENT_NODE: return "element";
    case XML_ATTRIBUTE_NODE: return "attribute";
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE: return "text";
    case XML_COMMENT_NODE: return "comment";
    case XML_PI_NODE: return "instruction";
    case XML_DOCUMENT_NODE: return "document";
    case XML_NAMESPACE_DECL: return "namespace";
    default: return "other";
    }
}

static void put(hexmcp_json_writer *w, const char *key, const xmlChar *text)
{
    if (text)
        hexmcp_json_put_text(w, key, (const char *)text);
}

static bool put_xml(hexmcp_json_writer *w, xmlNodePtr node)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    bool ok = buffer && xmlNodeDump(buffer, node->doc, node, 0, 0) >= 0;
    if (ok)
        put(w, "xml", xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return ok;
}

static bool put_value(hexmcp_json_writer *w, xmlNodePtr node)
{
    xmlChar *text = xmlXPathCastNodeToString(node);
    put(w, "value", text);
    xmlFree(text);
    return text != NULL;
}

static void put_place(hexmcp_json_writer *w, xmlNodePtr node)
{
    xmlChar *path = xmlGetNodePath(node);
    long line = xmlGetLineNo(node->type == XML_ATTRIBUTE_NODE ? node->parent : node);
    if (node->type == XML_ELEMENT_NODE || node->type == XML_ATTRIBUTE_NODE || node->type == XML_PI_NODE)
        put(w, "name", node->name);
    if ((node->type == XML_ELEMENT_NODE || node->type == XML_ATTRIBUTE_NODE) && node->ns)
        put(w, "namespace", node->ns->href);
    put(w, "path", path);
    if (line > 0)
        hexmcp_json_put_int64(w, "line", line);
    xmlFree(path);
}

bool node_write(xmlNodePtr node, struct bytes *out)
{
    hexmcp_json_writer w;
    bool ok, tree = node->type == XML_ELEMENT_NODE || node->type == XML_DOCUMENT_NODE;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "kind", kind_of(node));
    /* A namespace is no node of the tree: it has nothing but its URI. */
    if (node->type != XML_NAMESPACE_DECL)
        put_place(&w, node);
    ok = node->type == XML_NAMESPACE_DECL || !tree ? put_value(&w, node) : put_xml(&w, node);
    hexmcp_json_end_object(&w);
    hexmcp_str json = hexmcp_json_writer_text(&w);
    ok = ok && json.len > 0 && bytes_add(out, json.ptr, json.len);
    hexmcp_json_writer_free(&w);
    return ok;
}
