/*
 * format.h - a document as text again.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/tree.h>

#include "hexmcp/json.h"
#include "kit/bytes.h"

struct format_how {
    int indent;       /* spaces; 0: no line breaks */
    bool canonical;   /* Canonical XML 1.0 without comments; nothing else counts then */
    bool declaration; /* <?xml version="1.0" encoding="UTF-8"?> */
};

/* Appends UTF-8. */
int32_t format_write(xmlDocPtr doc, struct format_how how, struct bytes *out, hexmcp_error *err);
