/*
 * SPDX-License-Identifier: MIT
 */
#include "document.h"

#include <libxml/parserInternals.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char refused[200];

static xmlParserInputPtr refuse_file(const char *url, const char *id, xmlParserCtxtPtr context)
{
    (void)context;
    snprintf(refused, sizeof(refused), "%s", url ? url : id ? id : "an unnamed file");
    return NULL;
}

void document_init(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse_file);
}

const char *document_refused(void)
{
    return refused;
}

/* ---- entities ------------------------------------------------------------------------------- */

/* What the context of a parser points to by _private. */
struct reading {
    struct faults *faults;
    bool stopped;
};

static void refuse_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
                          const xmlChar *system_id, xmlChar *content)
{
    xmlParserCtxtPtr context = arg;
    struct reading *reading = context->_private;
    char text[FAULT_TEXT];
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    if (reading->stopped)
        return;
    reading->stopped = true;
    snprintf(text, sizeof(text),
             "the document declares the entity %.60s; entities are not expanded here, so put its text in "
             "place of its references and remove the declaration",
             (const char *)name);
    faults_add(reading->faults, xmlSAX2GetLineNumber(context), xmlSAX2GetColumnNumber(context), text);
    xmlStopParser(context);
}

/* ---- reading -------------------------------------------------------------------------------- */

static int options_of(struct document_how how)
{
    return XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA |
           (how.drops_blanks ? XML_PARSE_NOBLANKS : 0);
}

xmlDocPtr document_read(hexmcp_str text, struct document_how how, struct faults *faults)
{
    struct reading reading = {faults, false};
    xmlParserCtxtPtr context = xmlNewParserCtxt();
    refused[0] = '\0';
    if (!context) {
        faults_add(faults, 0, 0, "out of memory");
        return NULL;
    }
    context->_private = &reading;
    context->sax->entityDecl = refuse_entity;
    faults_collect(faults);
    xmlDocPtr doc = xmlCtxtReadMemory(context, text.ptr, (int)text.len, NULL, how.utf8 ? "UTF-8" : NULL,
                                      options_of(how));
    faults_collect(NULL);
    if (doc && (reading.stopped || !xmlDocGetRootElement(doc))) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    if (!doc && faults->count == 0)
        faults_add(faults, 0, 0, text.len ? "it has no element" : "it is empty");
    xmlFreeParserCtxt(context);
    return doc;
}
