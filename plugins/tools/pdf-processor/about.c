/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"
#include "operations.h"

/* Nobody writes titles of such length; a file that does is cut there. */
#define TEXT_MOST 2000

static void put(hexmcp_json_writer *w, const char *key, char *text)
{
    if (text && *text)
        hexmcp_json_put_string(w, key, (hexmcp_str){text, strnlen(text, TEXT_MOST)});
    g_free(text);
}

static void put_time(hexmcp_json_writer *w, const char *key, GDateTime *time)
{
    if (!time)
        return;
    put(w, key, g_date_time_format_iso8601(time));
    g_date_time_unref(time);
}

static void put_permissions(hexmcp_json_writer *w, PopplerDocument *pdf)
{
    static const struct {
        PopplerPermissions bit;
        const char *name;
    } all[] = {{POPPLER_PERMISSIONS_OK_TO_PRINT, "print"},
               {POPPLER_PERMISSIONS_OK_TO_MODIFY, "modify"},
               {POPPLER_PERMISSIONS_OK_TO_COPY, "copy"},
               {POPPLER_PERMISSIONS_OK_TO_ADD_NOTES, "add_notes"},
               {POPPLER_PERMISSIONS_OK_TO_FILL_FORM, "fill_form"}};
    PopplerPermissions has = poppler_document_get_permissions(pdf);
    hexmcp_json_key(w, "permissions");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (has & all[i].bit)
            hexmcp_json_write_text(w, all[i].name);
    hexmcp_json_end_array(w);
}

static void put_size_of_page(hexmcp_json_writer *w, PopplerDocument *pdf)
{
    double width, height;
    PopplerPage *page = poppler_document_get_page(pdf, 0);
    if (!page)
        return;
    poppler_page_get_size(page, &width, &height);
    g_object_unref(page);
    hexmcp_json_key(w, "page_width");
    hexmcp_json_write_double(w, width);
    hexmcp_json_key(w, "page_height");
    hexmcp_json_write_double(w, height);
}

int32_t extract_metadata(const hexmcp_round *r, struct document *document)
{
    PopplerDocument *pdf = document->pdf;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    document_put(w, document);
    hexmcp_json_put_int64(w, "size", (int64_t)document->bytes.len);
    put(w, "version", poppler_document_get_pdf_version_string(pdf));
    put(w, "title", poppler_document_get_title(pdf));
    put(w, "author", poppler_document_get_author(pdf));
    put(w, "subject", poppler_document_get_subject(pdf));
    put(w, "keywords", poppler_document_get_keywords(pdf));
    put(w, "creator", poppler_document_get_creator(pdf));
    put(w, "producer", poppler_document_get_producer(pdf));
    put_time(w, "created", poppler_document_get_creation_date_time(pdf));
    put_time(w, "modified", poppler_document_get_modification_date_time(pdf));
    hexmcp_json_put_bool(w, "password_needed", document->locked);
    hexmcp_json_put_bool(w, "attachments", poppler_document_has_attachments(pdf));
    put_permissions(w, pdf);
    put_size_of_page(w, pdf);
    answer_text(&a, "%.*s is a PDF document of %d pages.", SHOWN(document->request->path),
                document->pages);
    return answer_end(&a);
}
