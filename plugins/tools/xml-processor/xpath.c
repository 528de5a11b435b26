/*
 * SPDX-License-Identifier: MIT
 */
#include "xpath.h"

#include <libxml/tree.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>

#include "json_text.h"
#include "node.h"

#define STEPS_MOST 50000000ul
#define FIELDS_MOST 100
#define FIELD_MOST 2048
#define PREFIX_MOST 100
#define URI_MOST 1000

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the query; try again");
}

/* ---- namespaces ----------------------------------------------------------------------------- */

static int32_t add_namespace(struct xpath *x, hexmcp_str key, hexmcp_str value, hexmcp_error *err)
{
    char prefix[PREFIX_MOST], uri[URI_MOST];
    if (hexmcp_json_string(key, prefix, sizeof(prefix), NULL) != HEXMCP_OK ||
        hexmcp_json_string(value, uri, sizeof(uri), NULL) != HEXMCP_OK || prefix[0] == '\0')
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "namespaces must be an object of prefixes and URIs, both texts that are not too "
                           "long: {\"a\": \"http://www.w3.org/2005/Atom\"}");
    if (xmlXPathRegisterNs(x->context, BAD_CAST prefix, BAD_CAST uri) != 0)
        return no_memory(err);
    return HEXMCP_OK;
}

static int32_t add_namespaces(struct xpath *x, xmlDocPtr doc, hexmcp_str namespaces, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(namespaces);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    for (const xmlNs *ns = xmlDocGetRootElement(doc)->nsDef; ns; ns = ns->next)
        if (ns->prefix && ns->href)
            xmlXPathRegisterNs(x->context, ns->prefix, ns->href);
    while (status == HEXMCP_OK && namespaces.len > 0 && hexmcp_json_next(&it, &key, &value))
        status = add_namespace(x, key, value, err);
    return status;
}

int32_t xpath_begin(xmlDocPtr doc, hexmcp_str namespaces, const atomic_bool *stop, struct xpath *x,
                    hexmcp_error *err)
{
    *x = (struct xpath){.context = xmlXPathNewContext(doc), .stop = stop};
    if (!x->context)
        return no_memory(err);
    x->context->opLimit = STEPS_MOST;
    int32_t status = add_namespaces(x, doc, namespaces, err);
    if (status != HEXMCP_OK)
        xpath_end(x);
    else
        faults_collect(&x->faults);
    return status;
}

void xpath_end(struct xpath *x)
{
    faults_collect(NULL);
    xmlXPathFreeContext(x->context);
}

/* ---- expressions ---------------------------------------------------------------------------- */

static int32_t fail(struct xpath *x, const char *query, hexmcp_error *err)
{
    char why[FAULT_TEXT];
    faults_say(&x->faults, why, sizeof(why));
    if (x->context->opLimit && x->context->opCount >= x->context->opLimit)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "%.200s took more than %lu steps and was stopped; name the way to the nodes "
                           "instead of //, or ask for less",
                           query, STEPS_MOST);
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%.200s is no XPath 1.0 expression that works here: %s; correct it, or give "
                       "namespaces for its prefixes",
                       query, why);
}

static int32_t compile(struct xpath *x, const char *query, xmlXPathCompExprPtr *out, hexmcp_error *err)
{
    x->faults.count = 0;
    *out = xmlXPathCtxtCompile(x->context, BAD_CAST query);
    return *out ? HEXMCP_OK : fail(x, query, err);
}

static int32_t evaluate(struct xpath *x, xmlXPathCompExprPtr compiled, const char *query, xmlNodePtr node,
                        xmlXPathObjectPtr *out, hexmcp_error *err)
{
    x->faults.count = 0;
    x->context->node = node;
    *out = xmlXPathCompiledEval(compiled, x->context);
    return *out ? HEXMCP_OK : fail(x, query, err);
}

static xmlNodePtr document_node(const struct xpath *x)
{
    return (xmlNodePtr)x->context->doc;
}

static int32_t find(struct xpath *x, const char *query, xmlXPathObjectPtr *out, hexmcp_error *err)
{
    xmlXPathCompExprPtr compiled;
    int32_t status = compile(x, query, &compiled, err);
    if (status != HEXMCP_OK)
        return status;
    status = evaluate(x, compiled, query, document_node(x), out, err);
    xmlXPathFreeCompExpr(compiled);
    return status;
}

static int count_nodes(const xmlXPathObject *found)
{
    return found->nodesetval ? found->nodesetval->nodeNr : 0;
}

/* A number, text or boolean as JSON. */
static bool put_value(const xmlXPathObject *found, struct bytes *out)
{
    hexmcp_json_writer w;
    if (found->type == XPATH_STRING)
        return json_text_string(out, (const char *)found->stringval,
                                strlen((const char *)found->stringval));
    if (found->type == XPATH_BOOLEAN)
        return json_text_raw(out, found->boolval ? "true" : "false");
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_double(&w, found->floatval);
    hexmcp_str json = hexmcp_json_writer_text(&w);
    bool ok = json.len > 0 && bytes_add(out, json.ptr, json.len);
    hexmcp_json_writer_free(&w);
    return ok;
}

/* ---- query ---------------------------------------------------------------------------------- */

static int32_t add_node(xmlNodePtr node, struct results *results, bool *more, hexmcp_error *err)
{
    struct bytes json = {0};
    /* Pages before this one need not be written, only counted. */
    bool wanted = results->seen >= results->offset;
    int32_t status = !wanted || node_write(node, &json) ? HEXMCP_OK : no_memory(err);
    if (status == HEXMCP_OK)
        status = results_add(results, bytes_str(&json), more, err);
    bytes_free(&json);
    return status;
}

static int32_t add_nodes(struct xpath *x, const xmlXPathObject *found, struct results *results,
                         hexmcp_error *err)
{
    bool more = true;
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < count_nodes(found) && more && status == HEXMCP_OK && !atomic_load(x->stop); i++)
        status = add_node(found->nodesetval->nodeTab[i], results, &more, err);
    return status;
}

int32_t xpath_query(struct xpath *x, const char *query, struct results *results, const char **kind,
                    struct bytes *value, bool *none, hexmcp_error *err)
{
    xmlXPathObjectPtr found;
    int32_t status = find(x, query, &found, err);
    if (status != HEXMCP_OK)
        return status;
    *kind = found->type == XPATH_STRING    ? "text"
            : found->type == XPATH_BOOLEAN ? "boolean"
            : found->type == XPATH_NUMBER  ? "number"
                                           : "nodes";
    *none = found->type == XPATH_NODESET && count_nodes(found) == 0;
    if (found->type == XPATH_NODESET)
        status = add_nodes(x, found, results, err);
    else if (!put_value(found, value))
        status = no_memory(err);
    xmlXPathFreeObject(found);
    return status;
}

/* ---- extract -------------------------------------------------------------------------------- */

struct field {
    char *name;
    char *query;
    xmlXPathCompExprPtr compiled;
};

struct fields {
    struct field list[FIELDS_MOST];
    size_t count;
};

static void free_fields(struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->list[i].name);
        free(fields->list[i].query);
        if (fields->list[i].compiled)
            xmlXPathFreeCompExpr(fields->list[i].compiled);
    }
}

static int32_t add_field(struct xpath *x, struct fields *fields, hexmcp_str key, hexmcp_str value,
                         hexmcp_error *err)
{
    struct field *field = &fields->list[fields->count];
    size_t name_len = 0, len = 0;
    if (fields->count == FIELDS_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "there are more than %d fields; give fewer",
                           FIELDS_MOST);
    *field = (struct field){0};
    fields->count++;
    int32_t status = hexmcp_json_string_dup(key, &field->name, &name_len);
    if (status == HEXMCP_OK)
        status = hexmcp_json_string_dup(value, &field->query, &len);
    if (status == HEXMCP_E_NOMEM)
        return no_memory(err);
    if (status != HEXMCP_OK || len == 0 || len > FIELD_MOST || strlen(field->query) != len)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the field %.*s is not an XPath expression of at most %d bytes; correct it",
                           (int)(key.len < 100 ? key.len : 100), key.ptr, FIELD_MOST);
    return compile(x, field->query, &field->compiled, err);
}

static int32_t read_fields(struct xpath *x, hexmcp_str json, struct fields *fields, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        status = add_field(x, fields, key, value, err);
    if (status == HEXMCP_OK && fields->count == 0)
        status = hexmcp_fail(err, HEXMCP_E_INVALID, "fields has no member; give at least one");
    return status;
}

/* null for no node, the text of one, an array of the texts of several. */
static bool put_texts(const xmlXPathObject *found, struct bytes *out)
{
    int count = count_nodes(found);
    bool ok = count > 0 || json_text_raw(out, "null");
    if (count > 1)
        ok = json_text_raw(out, "[");
    for (int i = 0; ok && i < count; i++) {
        xmlChar *text = xmlXPathCastNodeToString(found->nodesetval->nodeTab[i]);
        ok = text && (i == 0 || json_text_raw(out, ",")) &&
             json_text_string(out, (const char *)text, strlen((const char *)text));
        xmlFree(text);
    }
    return ok && (count <= 1 || json_text_raw(out, "]"));
}

static int32_t put_field(struct xpath *x, const struct field *field, xmlNodePtr node, struct bytes *out,
                         hexmcp_error *err)
{
    xmlXPathObjectPtr found;
    int32_t status = evaluate(x, field->compiled, field->query, node, &found, err);
    if (status != HEXMCP_OK)
        return status;
    bool ok = json_text_string(out, field->name, strlen(field->name)) && json_text_raw(out, ":") &&
              (found->type == XPATH_NODESET ? put_texts(found, out) : put_value(found, out));
    xmlXPathFreeObject(found);
    return ok ? HEXMCP_OK : no_memory(err);
}

static int32_t put_record(struct xpath *x, const struct fields *fields, xmlNodePtr node,
                          struct bytes *out, hexmcp_error *err)
{
    int32_t status = json_text_raw(out, "{") ? HEXMCP_OK : no_memory(err);
    for (size_t i = 0; i < fields->count && status == HEXMCP_OK; i++) {
        if (i > 0 && !json_text_raw(out, ","))
            return no_memory(err);
        status = put_field(x, &fields->list[i], node, out, err);
    }
    return status != HEXMCP_OK || json_text_raw(out, "}") ? status : no_memory(err);
}

static int32_t add_records(struct xpath *x, const struct fields *fields, const xmlXPathObject *found,
                           struct results *results, hexmcp_error *err)
{
    bool more = true;
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < count_nodes(found) && more && status == HEXMCP_OK && !atomic_load(x->stop);
         i++) {
        struct bytes json = {0};
        if (results->seen >= results->offset)
            status = put_record(x, fields, found->nodesetval->nodeTab[i], &json, err);
        if (status == HEXMCP_OK)
            status = results_add(results, bytes_str(&json), &more, err);
        bytes_free(&json);
    }
    return status;
}

int32_t xpath_extract(struct xpath *x, const char *query, hexmcp_str fields, struct results *results,
                      bool *none, hexmcp_error *err)
{
    struct fields *read = calloc(1, sizeof(*read));
    xmlXPathObjectPtr found = NULL;
    if (!read)
        return no_memory(err);
    int32_t status = read_fields(x, fields, read, err);
    if (status == HEXMCP_OK)
        status = find(x, query, &found, err);
    if (status == HEXMCP_OK && found->type != XPATH_NODESET)
        status = hexmcp_fail(err, HEXMCP_E_INVALID,
                             "query gives no nodes but a value; for extract it has to pick the nodes "
                             "that become records, //item");
    if (status == HEXMCP_OK) {
        *none = count_nodes(found) == 0;
        status = add_records(x, read, found, results, err);
    }
    if (found)
        xmlXPathFreeObject(found);
    free_fields(read);
    free(read);
    return status;
}
