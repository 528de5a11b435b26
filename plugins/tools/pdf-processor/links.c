/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"
#include "operations.h"

#define URI_MOST 2000

static void put_text(hexmcp_json_writer *w, const char *key, const char *text)
{
    if (text)
        hexmcp_json_put_string(w, key, (hexmcp_str){text, strnlen(text, URI_MOST)});
}

static void put_destination(hexmcp_json_writer *w, PopplerDocument *pdf, const PopplerDest *dest)
{
    if (dest && dest->type == POPPLER_DEST_NAMED && dest->named_dest) {
        PopplerDest *found = poppler_document_find_dest(pdf, dest->named_dest);
        put_text(w, "name", dest->named_dest);
        if (found)
            hexmcp_json_put_int64(w, "target_page", found->page_num);
        if (found)
            poppler_dest_free(found);
    } else if (dest) {
        hexmcp_json_put_int64(w, "target_page", dest->page_num);
    }
}

/* What a link would do is told, never done. */
static void put_link(hexmcp_json_writer *w, PopplerDocument *pdf, const PopplerAction *action, int page)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "page", page);
    switch (action->type) {
    case POPPLER_ACTION_URI:
        hexmcp_json_put_text(w, "kind", "uri");
        put_text(w, "uri", action->uri.uri);
        break;
    case POPPLER_ACTION_GOTO_DEST:
        hexmcp_json_put_text(w, "kind", "page");
        put_destination(w, pdf, action->goto_dest.dest);
        break;
    case POPPLER_ACTION_GOTO_REMOTE:
        hexmcp_json_put_text(w, "kind", "document");
        put_text(w, "name", action->goto_remote.file_name);
        break;
    case POPPLER_ACTION_LAUNCH:
        hexmcp_json_put_text(w, "kind", "program");
        put_text(w, "name", action->launch.file_name);
        break;
    default:
        hexmcp_json_put_text(w, "kind", "other");
        break;
    }
    hexmcp_json_end_object(w);
}

static int32_t put_links(const hexmcp_round *r, struct document *d, hexmcp_json_writer *w,
                         int64_t *total)
{
    for (int number = d->first; number <= d->last; number++) {
        PopplerPage *page;
        int32_t status = document_page(r, d, number, &page);
        if (status != HEXMCP_OK)
            return status;
        GList *all = g_list_reverse(poppler_page_get_link_mapping(page)); /* it has the last first */
        for (GList *at = all; at; at = at->next) {
            const PopplerLinkMapping *link = at->data;
            if (document_wants(d, *total))
                put_link(w, d->pdf, link->action, number);
            ++*total;
        }
        poppler_page_free_link_mapping(all);
        g_object_unref(page);
    }
    return HEXMCP_OK;
}

int32_t links(const hexmcp_round *r, struct document *document)
{
    struct answer a;
    int64_t total = 0;
    hexmcp_json_writer *w = answer_begin(&a, r);
    document_put(w, document);
    hexmcp_json_key(w, "links");
    hexmcp_json_begin_array(w);
    int32_t status = put_links(r, document, w, &total);
    hexmcp_json_end_array(w);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    document_put_list_end(w, document, total);
    answer_text(&a, "%lld links in pages %d to %d of %.*s.", (long long)total, document->first,
                document->last, SHOWN(document->request->path));
    return answer_end(&a);
}
