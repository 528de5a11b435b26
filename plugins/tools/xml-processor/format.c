/*
 * SPDX-License-Identifier: MIT
 */
#include "format.h"

#include <libxml/c14n.h>
#include <libxml/xmlsave.h>

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the XML; try again");
}

static int32_t write_canonical(xmlDocPtr doc, struct bytes *out, hexmcp_error *err)
{
    xmlChar *text = NULL;
    int len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &text);
    int32_t status = HEXMCP_OK;
    if (len < 0)
        status = hexmcp_fail(err, HEXMCP_E_INVALID,
                             "the document has no canonical form: a namespace is relative, or memory is "
                             "short; leave canonical out");
    else if (!bytes_add(out, text, (size_t)len))
        status = no_memory(err);
    xmlFree(text);
    return status;
}

int32_t format_write(xmlDocPtr doc, struct format_how how, struct bytes *out, hexmcp_error *err)
{
    char spaces[] = "        ";
    const char *before = xmlTreeIndentString;
    if (how.canonical)
        return write_canonical(doc, out, err);
    xmlBufferPtr buffer = xmlBufferCreate();
    int flags = (how.indent ? XML_SAVE_FORMAT : 0) | (how.declaration ? 0 : XML_SAVE_NO_DECL);
    spaces[how.indent] = '\0';
    xmlTreeIndentString = spaces; /* of this thread */
    xmlSaveCtxtPtr save = buffer ? xmlSaveToBuffer(buffer, "UTF-8", flags) : NULL;
    bool ok = save && xmlSaveDoc(save, doc) >= 0;
    ok = save && xmlSaveClose(save) >= 0 && ok;
    xmlTreeIndentString = before;
    ok = ok && bytes_add(out, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
    xmlBufferFree(buffer);
    return ok ? HEXMCP_OK : no_memory(err);
}
