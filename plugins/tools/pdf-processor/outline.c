/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"
#include "operations.h"

#define DEPTH_MOST 32
#define ITEMS_MOST 100000
#define TITLE_MOST 500

struct walk {
    const hexmcp_round *r;
    struct document *document;
    hexmcp_json_writer *w;
    int64_t total;
};

/* The page that an action leads to; 0 if it leads elsewhere. */
static int page_of(PopplerDocument *pdf, const PopplerAction *action)
{
    if (action->type != POPPLER_ACTION_GOTO_DEST || !action->goto_dest.dest)
        return 0;
    const PopplerDest *dest = action->goto_dest.dest;
    if (dest->type != POPPLER_DEST_NAMED)
        return dest->page_num;
    PopplerDest *found = dest->named_dest ? poppler_document_find_dest(pdf, dest->named_dest) : NULL;
    int page = found ? found->page_num : 0;
    if (found)
        poppler_dest_free(found);
    return page;
}

static void put_item(struct walk *walk, const PopplerAction *action, int level)
{
    const char *title = action->any.title ? action->any.title : "";
    int page = page_of(walk->document->pdf, action);
    if (!document_wants(walk->document, walk->total++))
        return;
    hexmcp_json_begin_object(walk->w);
    hexmcp_json_put_string(walk->w, "title", (hexmcp_str){title, strnlen(title, TITLE_MOST)});
    hexmcp_json_put_int64(walk->w, "level", level);
    if (page > 0)
        hexmcp_json_put_int64(walk->w, "page", page);
    hexmcp_json_end_object(walk->w);
}

/* What a file says can lead in a circle: depth and number have an end. */
static int32_t put_level(struct walk *walk, PopplerIndexIter *iter, int level)
{
    int32_t status = HEXMCP_OK;
    do {
        status = pace_step(&walk->document->pace, (double)walk->total, 0, "entries");
        if (status == HEXMCP_OK && walk->total >= ITEMS_MOST)
            status = hexmcp_fail(walk->r->err, HEXMCP_E_TOO_LARGE,
                                 "the outline of %.*s has more than %d entries; it may lead in a circle",
                                 SHOWN(walk->document->request->path), ITEMS_MOST);
        if (status != HEXMCP_OK)
            return status;
        PopplerAction *action = poppler_index_iter_get_action(iter);
        if (action) {
            put_item(walk, action, level);
            poppler_action_free(action);
        }
        PopplerIndexIter *child = level < DEPTH_MOST ? poppler_index_iter_get_child(iter) : NULL;
        if (child) {
            status = put_level(walk, child, level + 1);
            poppler_index_iter_free(child);
        }
    } while (status == HEXMCP_OK && poppler_index_iter_next(iter));
    return status;
}

int32_t outline(const hexmcp_round *r, struct document *document)
{
    struct answer a;
    int32_t status = HEXMCP_OK;
    struct walk walk = {r, document, answer_begin(&a, r), 0};
    PopplerIndexIter *iter = poppler_index_iter_new(document->pdf);
    document_put(walk.w, document);
    hexmcp_json_key(walk.w, "entries");
    hexmcp_json_begin_array(walk.w);
    if (iter) {
        status = put_level(&walk, iter, 1);
        poppler_index_iter_free(iter);
    }
    hexmcp_json_end_array(walk.w);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    document_put_list_end(walk.w, document, walk.total);
    answer_text(&a, "The outline of %.*s has %lld entries.", SHOWN(document->request->path),
                (long long)walk.total);
    return answer_end(&a);
}
