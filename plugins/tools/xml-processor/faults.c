/*
 * SPDX-License-Identifier: MIT
 */
#include "faults.h"

#include <stdio.h>

#include "kit/encode.h"

/* Messages of libxml2 end with a line feed, and can quote bytes of the document that are no UTF-8. */
static void copy(char out[FAULT_TEXT], const char *text)
{
    hexmcp_str whole = hexmcp_str_from(text);
    bool ascii = !is_utf8(whole);
    size_t len = utf8_cut(whole, FAULT_TEXT - 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        out[i] = c == '\n' ? ' ' : c < 0x20 || c == 0x7f || (ascii && c > 0x7e) ? '?' : text[i];
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}

void faults_add(struct faults *faults, int line, int column, const char *text)
{
    if (faults->count == FAULTS_MOST) {
        faults->more = true;
        return;
    }
    struct fault *fault = &faults->list[faults->count++];
    fault->line = line > 0 ? line : 0;
    fault->column = column > 0 ? column : 0;
    copy(fault->text, text);
}

static void take(void *arg, xmlErrorPtr error)
{
    struct faults *faults = arg;
    if (!faults || error->level < XML_ERR_ERROR || !error->message)
        return;
    bool has_column = error->domain == XML_FROM_PARSER || error->domain == XML_FROM_NAMESPACE;
    faults_add(faults, error->line, has_column ? error->int2 : 0, error->message);
}

void faults_collect(struct faults *faults)
{
    xmlSetStructuredErrorFunc(faults, take);
}

void faults_write(const struct faults *faults, hexmcp_json_writer *w)
{
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->list[i];
        hexmcp_json_begin_object(w);
        if (fault->line)
            hexmcp_json_put_int64(w, "line", fault->line);
        if (fault->column)
            hexmcp_json_put_int64(w, "column", fault->column);
        hexmcp_json_put_text(w, "message", fault->text);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
}

void faults_say(const struct faults *faults, char *out, size_t room)
{
    const struct fault *first = faults->list;
    if (faults->count == 0)
        snprintf(out, room, "no reason given");
    else if (first->line && first->column)
        snprintf(out, room, "line %d, column %d: %s", first->line, first->column, first->text);
    else if (first->line)
        snprintf(out, room, "line %d: %s", first->line, first->text);
    else
        snprintf(out, room, "%s", first->text);
}
