/*
 * SPDX-License-Identifier: MIT
 */
#include "report.h"
#include "text.h"
#include "web-kit/readable.h"

#define TITLE_MOST 1000

void report_title(struct scrape *s)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    myhtml_tree_node_t *head = html_find(document, MyHTML_TAG_HEAD);
    myhtml_tree_node_t *title = head ? html_find(head, MyHTML_TAG_TITLE) : NULL;
    if (title)
        text_put_below(s->json, "title", title, TITLE_MOST);
    else
        hexmcp_json_put_text(s->json, "title", "");
}

static size_t skip_characters(hexmcp_str text, size_t from, size_t count, size_t *skipped)
{
    size_t at = from;
    for (*skipped = 0; at < text.len && *skipped < count; (*skipped)++)
        do
            at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80);
    return at;
}

static void put_hidden(struct scrape *s, const struct reading *reading)
{
    hexmcp_json_key(s->json, "hidden");
    hexmcp_json_begin_object(s->json);
    hexmcp_json_put_int64(s->json, "elements", (int64_t)reading->hidden_elements);
    hexmcp_json_put_int64(s->json, "characters", (int64_t)reading->hidden_characters);
    hexmcp_json_end_object(s->json);
}

static void put_part(struct scrape *s, hexmcp_str text)
{
    const struct request *q = s->request;
    size_t before, part, after;
    size_t begin = skip_characters(text, 0, q->offset, &before);
    size_t end = skip_characters(text, begin, q->limit, &part);
    skip_characters(text, end, text.len, &after);
    hexmcp_json_put_string(s->json, "content", (hexmcp_str){text.ptr + begin, end - begin});
    hexmcp_json_put_int64(s->json, "total", (int64_t)(before + part + after));
    hexmcp_json_put_bool(s->json, "truncated", after > 0);
    if (after > 0)
        hexmcp_json_put_int64(s->json, "next_offset", (int64_t)(before + part));
}

int32_t report_content(struct scrape *s)
{
    const struct request *q = s->request;
    struct readable how = {q->markdown, q->main_only, q->include_hidden};
    struct reading reading;
    myhtml_tree_node_t *document = myhtml_tree_get_document(s->html.tree);
    myhtml_tree_node_t *top = q->main_only ? readable_main(&s->html) : document;
    int32_t status = readable_write(s->pace, &s->html, top, &how, &reading);
    if (status != HEXMCP_OK)
        return status;
    put_part(s, bytes_str(&reading.text));
    put_hidden(s, &reading);
    readable_free(&reading);
    return HEXMCP_OK;
}
