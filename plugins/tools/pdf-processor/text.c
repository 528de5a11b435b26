/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/deliver.h"
#include "kit/keep.h"
#include "kit/source.h"
#include "operations.h"

/* What of a long text is in the answer itself. */
#define PREVIEW ((size_t)4096)

struct collected {
    struct bytes text;
    int64_t characters;
    int next_page; /* 0: all pages are in it */
};

/* With `layout` as the page looks: columns side by side, lines as they are broken. Without in the order in
 * which it was written. */
char *text_of_page(const struct request *request, PopplerPage *page)
{
    PopplerRectangle all = {0, 0, 0, 0};
    if (request->layout)
        return poppler_page_get_text(page);
    poppler_page_get_size(page, &all.x2, &all.y2);
    return poppler_page_get_selected_text(page, POPPLER_SELECTION_GLYPH, &all);
}

/* false if the page does not fit any more. */
static bool add(struct collected *c, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (c->text.len + len + 1 > KEEP_MOST)
        return false;
    if (c->text.len > 0 && !bytes_add(&c->text, "\f", 1))
        return false;
    return bytes_add(&c->text, text ? text : "", len);
}

static int32_t collect(const hexmcp_round *r, struct document *d, struct collected *c)
{
    for (int number = d->first; number <= d->last; number++) {
        PopplerPage *page;
        int32_t status = document_page(r, d, number, &page);
        if (status != HEXMCP_OK)
            return status;
        char *text = text_of_page(d->request, page);
        bool fits = add(c, text);
        g_free(text);
        g_object_unref(page);
        if (!fits && number == d->first)
            return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                               "the text of page %d has more than %zu bytes, the most that is given",
                               number, KEEP_MOST);
        if (!fits) {
            c->next_page = number;
            break;
        }
    }
    c->characters = c->text.len ? g_utf8_strlen(c->text.ptr, (gssize)c->text.len) : 0;
    return HEXMCP_OK;
}

/* Of the first bytes, without a half character at the end. */
static hexmcp_str preview(const struct bytes *text, size_t most)
{
    size_t len = text->len < most ? text->len : most;
    while (len > 0 && len < text->len && ((unsigned char)text->ptr[len] & 0xc0) == 0x80)
        len--;
    return (hexmcp_str){text->ptr ? text->ptr : "", len};
}

static int32_t put_text(struct answer *a, const struct document *d, const struct collected *c)
{
    const struct request *request = d->request;
    bool short_enough = c->text.len <= KEEP_ABOVE;
    struct delivery where = {.target_path = request->target_path,
                             .overwrite = request->overwrite,
                             .name = "text.txt",
                             .mime = "text/plain"};
    hexmcp_str shown = preview(&c->text, request->target_path || !short_enough ? PREVIEW : KEEP_ABOVE);
    hexmcp_json_put_string(&a->json, "text", shown);
    hexmcp_json_put_bool(&a->json, "truncated", shown.len < c->text.len);
    hexmcp_json_put_bool(&a->json, "dry_run", request->dry_run);
    if (request->dry_run)
        return deliver_plan(a, &where);
    if (!request->target_path && short_enough)
        return HEXMCP_OK;
    return deliver(a, &where, bytes_str(&c->text));
}

static int32_t answer(const hexmcp_round *r, const struct document *d, const struct collected *c)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    int last = c->next_page ? c->next_page - 1 : d->last;
    document_put(w, d);
    hexmcp_json_put_int64(w, "start_page", d->first);
    hexmcp_json_put_int64(w, "end_page", last);
    hexmcp_json_put_int64(w, "length", c->characters);
    if (c->next_page)
        hexmcp_json_put_int64(w, "next_page", c->next_page);
    int32_t status = put_text(&a, d, c);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "%lld characters of text in pages %d to %d of %.*s%s.", (long long)c->characters,
                d->first, last, SHOWN(d->request->path),
                c->characters ? "" : ": it may be a scan, see it with render");
    return answer_end(&a);
}

int32_t extract_text(const hexmcp_round *r, struct document *document)
{
    struct collected c = {{0}, 0, 0};
    int32_t status = collect(r, document, &c);
    if (status == HEXMCP_OK)
        status = answer(r, document, &c);
    bytes_free(&c.text);
    return status;
}
