/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/keep.h"
#include "kit/source.h"
#include "operations.h"

static void put_page(hexmcp_json_writer *w, PopplerPage *page, int number, const char *text)
{
    double width, height;
    char *label = poppler_page_get_label(page);
    poppler_page_get_size(page, &width, &height);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "page", number);
    if (label)
        hexmcp_json_put_text(w, "label", label);
    hexmcp_json_key(w, "width");
    hexmcp_json_write_double(w, width);
    hexmcp_json_key(w, "height");
    hexmcp_json_write_double(w, height);
    hexmcp_json_put_text(w, "text", text);
    hexmcp_json_end_object(w);
    g_free(label);
}

/* Pages until the answer is full; *next is the first that is not in it, 0 if all are. */
static int32_t put_pages(const hexmcp_round *r, struct document *d, hexmcp_json_writer *w, int *next)
{
    size_t used = 0;
    int most = d->request->limit < 100 ? (int)d->request->limit : 100;
    *next = 0;
    for (int number = d->first; number <= d->last; number++) {
        PopplerPage *page;
        int32_t status = document_page(r, d, number, &page);
        if (status != HEXMCP_OK)
            return status;
        char *text = text_of_page(d->request, page);
        size_t len = text ? strlen(text) : 0;
        bool full = number > d->first && (used + len > KEEP_ABOVE || number - d->first >= most);
        bool alone_too_long = number == d->first && len > KEEP_MOST;
        if (!full && !alone_too_long)
            put_page(w, page, number, text ? text : "");
        used += len;
        g_free(text);
        g_object_unref(page);
        if (alone_too_long)
            return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                               "the text of page %d has more than %zu bytes, the most that is given",
                               number, KEEP_MOST);
        if (full) {
            *next = number;
            return HEXMCP_OK;
        }
    }
    return HEXMCP_OK;
}

int32_t extract_pages(const hexmcp_round *r, struct document *document)
{
    struct answer a;
    int next;
    if (document->request->target_path)
        return split(r, document);
    hexmcp_json_writer *w = answer_begin(&a, r);
    document_put(w, document);
    hexmcp_json_key(w, "content");
    hexmcp_json_begin_array(w);
    int32_t status = put_pages(r, document, w, &next);
    hexmcp_json_end_array(w);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    int last = next ? next - 1 : document->last;
    hexmcp_json_put_int64(w, "start_page", document->first);
    hexmcp_json_put_int64(w, "end_page", last);
    hexmcp_json_put_bool(w, "truncated", next != 0);
    if (next)
        hexmcp_json_put_int64(w, "next_page", next);
    answer_text(&a, "Pages %d to %d of %d of %.*s.", document->first, last, document->pages,
                SHOWN(document->request->path));
    return answer_end(&a);
}
