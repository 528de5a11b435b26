/*
 * document.h - XML texts as trees of libxml2, read with care.
 *
 * SPDX-License-Identifier: MIT
 *
 * No entity is expanded, nothing is fetched, no DTD is loaded, and elements are nested 256 deep at most.
 * A document that declares entities of its own is refused.
 */
#pragma once

#include <libxml/parser.h>

#include "faults.h"
#include "hexmcp/json.h"

/* Once per process, before anything else: no document can have another file opened. */
void document_init(void);

struct document_how {
    bool utf8;          /* the text is UTF-8, whatever its declaration says */
    bool drops_blanks;  /* white space between elements is left out */
};

/* The tree, for xmlFreeDoc(), or NULL with `faults` filled. */
xmlDocPtr document_read(hexmcp_str text, struct document_how how, struct faults *faults);

/* The name of the last file that a document asked for on this thread, which was refused; "" if none. */
const char *document_refused(void);
