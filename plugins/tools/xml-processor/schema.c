/*
 * SPDX-License-Identifier: MIT
 */
#include "schema.h"

#include <libxml/relaxng.h>
#include <libxml/xmlschemas.h>

#include "document.h"

#define XSD "http://www.w3.org/2001/XMLSchema"
#define RELAXNG "http://relaxng.org/ns/structure/1.0"

static int32_t fail(const struct faults *why, hexmcp_error *err)
{
    char text[FAULT_TEXT];
    faults_say(why, text, sizeof(text));
    if (*document_refused())
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the schema refers to another file, %.150s, but nothing else is read here; put "
                           "all into one schema",
                           document_refused());
    return hexmcp_fail(err, HEXMCP_E_INVALID, "the schema is none: %s; correct it", text);
}

static int32_t check_xsd(xmlDocPtr doc, xmlDocPtr schema, struct faults *faults, bool *valid,
                         hexmcp_error *err)
{
    struct faults why = {0};
    faults_collect(&why);
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewDocParserCtxt(schema);
    xmlSchemaPtr compiled = parser ? xmlSchemaParse(parser) : NULL;
    xmlSchemaValidCtxtPtr check = compiled && !*document_refused() ? xmlSchemaNewValidCtxt(compiled) : NULL;
    int32_t status = check ? HEXMCP_OK : fail(&why, err);
    if (check) {
        faults_collect(faults);
        *valid = xmlSchemaValidateDoc(check, doc) == 0;
        xmlSchemaFreeValidCtxt(check);
    }
    faults_collect(NULL);
    xmlSchemaFree(compiled);
    xmlSchemaFreeParserCtxt(parser);
    return status;
}

static int32_t check_relaxng(xmlDocPtr doc, xmlDocPtr schema, struct faults *faults, bool *valid,
                             hexmcp_error *err)
{
    struct faults why = {0};
    faults_collect(&why);
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewDocParserCtxt(schema);
    xmlRelaxNGPtr compiled = parser ? xmlRelaxNGParse(parser) : NULL;
    xmlRelaxNGValidCtxtPtr check =
        compiled && !*document_refused() ? xmlRelaxNGNewValidCtxt(compiled) : NULL;
    int32_t status = check ? HEXMCP_OK : fail(&why, err);
    if (check) {
        faults_collect(faults);
        *valid = xmlRelaxNGValidateDoc(check, doc) == 0;
        xmlRelaxNGFreeValidCtxt(check);
    }
    faults_collect(NULL);
    xmlRelaxNGFree(compiled);
    xmlRelaxNGFreeParserCtxt(parser);
    return status;
}

int32_t schema_check(xmlDocPtr doc, hexmcp_str text, struct faults *faults, const char **kind,
                     bool *valid, hexmcp_error *err)
{
    struct faults why = {0};
    xmlDocPtr schema = document_read(text, (struct document_how){0}, &why);
    int32_t status;
    if (!schema)
        return fail(&why, err);
    xmlNodePtr root = xmlDocGetRootElement(schema);
    const char *uri = root->ns && root->ns->href ? (const char *)root->ns->href : "";
    if (strcmp(uri, XSD) == 0) {
        *kind = "xsd";
        status = check_xsd(doc, schema, faults, valid, err);
    } else if (strcmp(uri, RELAXNG) == 0) {
        *kind = "relaxng";
        status = check_relaxng(doc, schema, faults, valid, err);
    } else {
        status = hexmcp_fail(err, HEXMCP_E_INVALID,
                             "the schema's first element is in the namespace \"%.150s\"; give an XML "
                             "Schema (%s) or a RelaxNG schema in XML (%s)",
                             uri, XSD, RELAXNG);
    }
    xmlFreeDoc(schema);
    return status;
}
