/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

#include <string.h>

#include "kit/bytes.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/* Room for `most` bytes is enough to know that it is too long. */
static bool add(struct bytes *to, const char *text, size_t most)
{
    for (; *text && to->len <= most; text++) {
        bool blank = is_space(*text);
        if (blank && (to->len == 0 || to->ptr[to->len - 1] == ' '))
            continue;
        if (!bytes_add(to, blank ? " " : text, 1))
            return false;
    }
    return true;
}

static void put(hexmcp_json_writer *json, const char *key, struct bytes *text, size_t most)
{
    bool cut = text->len > most;
    if (cut) {
        text->len = most;
        while (text->len > 0 && ((unsigned char)text->ptr[text->len] & 0xC0) == 0x80)
            text->len--;
    }
    while (text->len > 0 && text->ptr[text->len - 1] == ' ')
        text->len--;
    if (cut)
        bytes_add(text, "...", 3);
    hexmcp_json_put_string(json, key,
                           text->ptr ? bytes_str(text) : hexmcp_str_from(""));
}

void text_put(hexmcp_json_writer *json, const char *key, const char *text, size_t most)
{
    struct bytes b = {0};
    add(&b, text, most);
    put(json, key, &b, most);
    bytes_free(&b);
}

bool text_put_below(hexmcp_json_writer *json, const char *key, myhtml_tree_node_t *node, size_t most)
{
    struct bytes b = {0};
    bool good = true;
    for (myhtml_tree_node_t *n = node; n && good && b.len <= most; n = html_next(n, node)) {
        const char *text = myhtml_node_tag_id(n) == MyHTML_TAG__TEXT ? myhtml_node_text(n, NULL) : NULL;
        if (text)
            good = add(&b, text, most);
        else if (b.len > 0)
            good = add(&b, " ", most);
    }
    put(json, key, &b, most);
    bytes_free(&b);
    return good;
}
