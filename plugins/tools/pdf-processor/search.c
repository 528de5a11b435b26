/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"
#include "operations.h"

#define LINE_MOST 500

/* A hundredth of a point is finer than any printer. */
static void put_number(hexmcp_json_writer *w, const char *key, double value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, value > -1e6 && value < 1e6 ? (double)(int64_t)(value * 100) / 100 : 0);
}

/* Rectangles of a search count from the bottom of the page, those of texts from its top. */
static void put_match(hexmcp_json_writer *w, PopplerPage *page, int number, const PopplerRectangle *at)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    PopplerRectangle place = {at->x1, height - at->y2, at->x2, height - at->y1};
    char *line = poppler_page_get_selected_text(page, POPPLER_SELECTION_LINE, &place);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "page", number);
    hexmcp_json_put_string(w, "line",
                           (hexmcp_str){line ? line : "", line ? strnlen(line, LINE_MOST) : 0});
    put_number(w, "x", place.x1);
    put_number(w, "y", place.y1);
    put_number(w, "width", place.x2 - place.x1);
    put_number(w, "height", place.y2 - place.y1);
    hexmcp_json_end_object(w);
    g_free(line);
}

static PopplerFindFlags flags_of(const struct request *request)
{
    PopplerFindFlags flags = POPPLER_FIND_DEFAULT;
    if (request->case_sensitive)
        flags |= POPPLER_FIND_CASE_SENSITIVE;
    if (request->whole_words)
        flags |= POPPLER_FIND_WHOLE_WORDS_ONLY;
    return flags;
}

static int32_t put_matches(const hexmcp_round *r, struct document *d, hexmcp_json_writer *w,
                           int64_t *total)
{
    for (int number = d->first; number <= d->last; number++) {
        PopplerPage *page;
        int32_t status = document_page(r, d, number, &page);
        if (status != HEXMCP_OK)
            return status;
        GList *all = poppler_page_find_text_with_options(page, d->request->query, flags_of(d->request));
        for (GList *at = all; at; at = at->next) {
            if (document_wants(d, *total))
                put_match(w, page, number, at->data);
            ++*total;
            poppler_rectangle_free(at->data);
        }
        g_list_free(all);
        g_object_unref(page);
    }
    return HEXMCP_OK;
}

int32_t search(const hexmcp_round *r, struct document *document)
{
    struct answer a;
    int64_t total = 0;
    hexmcp_json_writer *w = answer_begin(&a, r);
    document_put(w, document);
    hexmcp_json_put_text(w, "query", document->request->query);
    hexmcp_json_key(w, "matches");
    hexmcp_json_begin_array(w);
    int32_t status = put_matches(r, document, w, &total);
    hexmcp_json_end_array(w);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    document_put_list_end(w, document, total);
    answer_text(&a, "Found %lld times in pages %d to %d of %.*s.", (long long)total, document->first,
                document->last, SHOWN(document->request->path));
    return answer_end(&a);
}
