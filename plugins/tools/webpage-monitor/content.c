/*
 * SPDX-License-Identifier: MIT
 */
#include "content.h"

#include <string.h>

#include "web-kit/readable.h"
#include "web-kit/select.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool add_line(const char *at, size_t len, struct bytes *to)
{
    size_t before = to->len;
    bool blank = false, good = true;
    for (size_t i = 0; i < len && good; i++) {
        if (is_blank(at[i])) {
            blank = to->len > before;
            continue;
        }
        good = (!blank || bytes_add(to, " ", 1)) && bytes_add(to, at + i, 1);
        blank = false;
    }
    return good && (to->len == before || bytes_add(to, "\n", 1));
}

bool content_normal(const char *text, bool ignore_whitespace, struct bytes *to)
{
    size_t len = strlen(text);
    if (!bytes_add(to, "", 0))
        return false;
    if (!ignore_whitespace)
        return bytes_add(to, text, len) &&
               (len == 0 || text[len - 1] == '\n' || bytes_add(to, "\n", 1));
    while (*text) {
        len = strcspn(text, "\n");
        if (!add_line(text, len, to))
            return false;
        text += len + (text[len] == '\n');
    }
    return true;
}

static int32_t no_memory(const struct pace *pace)
{
    return hexmcp_fail(pace->r->err, HEXMCP_E_NOMEM, "out of memory for the text; try again");
}

static int32_t add_part(struct pace *pace, const struct request *q, const struct html *html,
                        myhtml_tree_node_t *top, struct bytes *to)
{
    /* A selector names what is wanted, be it navigation or not. */
    struct readable how = {.main_only = q->main_only && !q->selector};
    struct reading reading;
    int32_t status = readable_write(pace, html, top, &how, &reading);
    if (status != HEXMCP_OK)
        return status;
    if (!content_normal(reading.text.ptr, q->ignore_whitespace, to))
        status = no_memory(pace);
    readable_free(&reading);
    return status;
}

static int32_t add_selected(struct pace *pace, const struct request *q, const struct html *html,
                            struct bytes *to)
{
    myhtml_tree_node_t **nodes;
    size_t count;
    int32_t status = select_nodes(pace->r, html, "selector", q->selector, &nodes, &count);
    if (status != HEXMCP_OK)
        return status;
    if (count == 0)
        status = hexmcp_fail(pace->r->err, HEXMCP_E_NOT_FOUND,
                             "selector: \"%.200s\" names nothing on this page; look at it by web-scraper",
                             q->selector);
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = add_part(pace, q, html, nodes[i], to);
    free(nodes);
    return status;
}

int32_t content_make(struct pace *pace, const struct request *q, const struct fetch_answer *page,
                     struct bytes *text)
{
    struct html html;
    *text = (struct bytes){0};
    int32_t status = page_parse(pace, page, &html);
    if (status != HEXMCP_OK)
        return status;
    if (!bytes_add(text, "", 0))
        status = no_memory(pace);
    else if (q->selector)
        status = add_selected(pace, q, &html, text);
    else
        status = add_part(pace, q, &html,
                          q->main_only ? readable_main(&html) : myhtml_tree_get_document(html.tree), text);
    html_free(&html);
    if (status != HEXMCP_OK)
        bytes_free(text);
    return status;
}
