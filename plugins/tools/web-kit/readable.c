/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/readable.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web-kit/hidden.h"
#include "web-kit/link.h"

#define DEEPEST 16 /* quotes and lists in each other that are indented */

struct writing {
    struct pace *pace;
    const struct html *html;
    const struct readable *how;
    const myhtml_tree_node_t *top;
    struct reading *to;
    int breaks;      /* line feeds before what comes next */
    bool blank;      /* a blank before what comes next */
    bool fresh;      /* a marker was written, and what it marks comes on the same line */
    int raw;         /* pre elements that are open */
    char prefix[4 * DEEPEST + 1];
    size_t marks[DEEPEST];
    size_t low;      /* length of the shortest prefix since the last text */
    int depth;
    int64_t next[DEEPEST]; /* number of the next element of the list; 0: it has none */
    int lists;
    size_t link_at;  /* length of the text when the link began */
    bool short_of_memory;
};

static void put(struct writing *w, const char *text, size_t len)
{
    if (!bytes_add(&w->to->text, text, len))
        w->short_of_memory = true;
}

/* Length of the prefix of empty lines: what belongs to both sides of them, without blanks at the end. */
static size_t empty_prefix(const struct writing *w)
{
    size_t len = w->low;
    while (len > 0 && w->prefix[len - 1] == ' ')
        len--;
    return len;
}

/* What was waiting: line feeds or a blank. */
static void settle(struct writing *w)
{
    if (w->to->text.len > 0 && w->breaks > 0) {
        put(w, "\n", 1);
        for (int i = 1; i < w->breaks; i++) {
            put(w, w->prefix, empty_prefix(w));
            put(w, "\n", 1);
        }
        put(w, w->prefix, strlen(w->prefix));
    } else if (w->to->text.len > 0 && w->blank) {
        put(w, " ", 1);
    } else if (w->to->text.len == 0) {
        put(w, w->prefix, strlen(w->prefix));
    }
    w->breaks = 0;
    w->blank = w->fresh = false;
    w->low = strlen(w->prefix);
}

static void say(struct writing *w, const char *text)
{
    settle(w);
    put(w, text, strlen(text));
}

/* What stands before something, such as "- ". */
static void mark(struct writing *w, const char *text)
{
    say(w, text);
    w->fresh = true;
}

static void need_breaks(struct writing *w, int count)
{
    if (w->fresh || count == 0)
        return;
    if (w->breaks < count)
        w->breaks = count;
    w->blank = false;
}

static void push_prefix(struct writing *w, const char *more)
{
    size_t len = strlen(w->prefix);
    if (w->depth < DEEPEST) {
        w->marks[w->depth] = len;
        snprintf(w->prefix + len, sizeof(w->prefix) - len, "%s", more);
    }
    w->depth++;
}

static void pop_prefix(struct writing *w)
{
    if (--w->depth < DEEPEST)
        w->prefix[w->marks[w->depth]] = '\0';
    if (w->low > strlen(w->prefix))
        w->low = strlen(w->prefix);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static void put_raw_text(struct writing *w, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n' && w->to->text.len > 0 && w->breaks < 3)
            w->breaks++;
        else if (*text != '\n' && *text != '\r') {
            settle(w);
            put(w, text, 1);
        }
    }
}

static void put_text(struct writing *w, const char *text)
{
    while (*text) {
        size_t unseen = hidden_character(text), len = 0;
        if (unseen > 0 && !w->how->with_hidden) {
            w->to->hidden_characters++;
            text += unseen;
            continue;
        }
        if (is_space(*text)) {
            w->blank = w->breaks == 0 && !w->fresh;
            text++;
            continue;
        }
        while (text[len] && !is_space(text[len]) && (len == 0 || hidden_character(text + len) == 0))
            len++;
        settle(w);
        put(w, text, len);
        text += len;
    }
}

/* ---- elements ---- */

static bool is_list(myhtml_tag_id_t tag)
{
    return tag == MyHTML_TAG_UL || tag == MyHTML_TAG_OL || tag == MyHTML_TAG_MENU;
}

static int breaks_around(myhtml_tag_id_t tag)
{
    switch (tag) {
    case MyHTML_TAG_P: case MyHTML_TAG_UL: case MyHTML_TAG_OL: case MyHTML_TAG_PRE:
    case MyHTML_TAG_TABLE: case MyHTML_TAG_BLOCKQUOTE: case MyHTML_TAG_H1: case MyHTML_TAG_H2:
    case MyHTML_TAG_H3: case MyHTML_TAG_H4: case MyHTML_TAG_H5: case MyHTML_TAG_H6:
    case MyHTML_TAG_SECTION: case MyHTML_TAG_ARTICLE: case MyHTML_TAG_HR: case MyHTML_TAG_DL:
    case MyHTML_TAG_FIGURE: case MyHTML_TAG_DETAILS: case MyHTML_TAG_MENU:
        return 2;
    case MyHTML_TAG_DIV: case MyHTML_TAG_LI: case MyHTML_TAG_TR: case MyHTML_TAG_HEADER:
    case MyHTML_TAG_FOOTER: case MyHTML_TAG_NAV: case MyHTML_TAG_ASIDE: case MyHTML_TAG_MAIN:
    case MyHTML_TAG_DT: case MyHTML_TAG_DD: case MyHTML_TAG_FORM: case MyHTML_TAG_FIGCAPTION:
    case MyHTML_TAG_CAPTION: case MyHTML_TAG_ADDRESS: case MyHTML_TAG_SUMMARY:
    case MyHTML_TAG_FIELDSET: case MyHTML_TAG_LEGEND: case MyHTML_TAG_CENTER: case MyHTML_TAG_BODY:
    case MyHTML_TAG_THEAD: case MyHTML_TAG_TBODY: case MyHTML_TAG_TFOOT:
        return 1;
    default:
        return 0;
    }
}

/* What is no text for readers, whatever the page's author wants. */
static bool is_left_out(myhtml_tag_id_t tag)
{
    switch (tag) {
    case MyHTML_TAG_SCRIPT: case MyHTML_TAG_STYLE: case MyHTML_TAG_TEMPLATE: case MyHTML_TAG_HEAD:
    case MyHTML_TAG_NOSCRIPT: case MyHTML_TAG_SVG: case MyHTML_TAG_IFRAME: case MyHTML_TAG_OBJECT:
    case MyHTML_TAG_CANVAS: case MyHTML_TAG_AUDIO: case MyHTML_TAG_VIDEO: case MyHTML_TAG_SELECT:
    case MyHTML_TAG_TEXTAREA: case MyHTML_TAG__COMMENT: case MyHTML_TAG__DOCTYPE:
        return true;
    default:
        return false;
    }
}

static bool is_aside(myhtml_tree_node_t *node)
{
    static const char *const roles[] = {"navigation", "contentinfo", "complementary", "search"};
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    if (tag == MyHTML_TAG_NAV || tag == MyHTML_TAG_FOOTER || tag == MyHTML_TAG_ASIDE)
        return true;
    const char *role = html_attribute(node, "role");
    for (size_t i = 0; role && i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcasecmp(role, roles[i]) == 0)
            return true;
    return false;
}

static void begin_item(struct writing *w)
{
    char marker[32] = "- ";
    int64_t *next = w->lists > 0 && w->lists <= DEEPEST ? &w->next[w->lists - 1] : NULL;
    if (next && *next)
        snprintf(marker, sizeof(marker), "%lld. ", (long long)(*next)++);
    mark(w, marker);
    push_prefix(w, "  ");
}

static void begin_list(struct writing *w, myhtml_tree_node_t *node, myhtml_tag_id_t tag)
{
    const char *start = html_attribute(node, "start");
    if (w->lists < DEEPEST)
        w->next[w->lists] = tag != MyHTML_TAG_OL ? 0 : start && atoi(start) > 0 ? atoi(start) : 1;
    w->lists++;
    /* A list in a list is no paragraph of its own. */
    if (w->lists > 1 && !w->fresh)
        w->breaks = 1;
}

static bool is_first_cell(myhtml_tree_node_t *node)
{
    do
        node = myhtml_node_prev(node);
    while (node && myhtml_node_tag_id(node) == MyHTML_TAG__TEXT);
    return node == NULL;
}

static void put_address(struct writing *w, const char *ref)
{
    char *url = link_resolve(w->html->base, ref, strlen(ref));
    put(w, "](", 2);
    put(w, url ? url : ref, strlen(url ? url : ref));
    put(w, ")", 1);
    free(url);
}

static void put_image(struct writing *w, myhtml_tree_node_t *node)
{
    const char *alt = html_attribute(node, "alt"), *src = html_attribute(node, "src");
    bool address = w->how->markdown && src && strncasecmp(src, "data:", 5) != 0;
    if (!alt || *alt == '\0')
        return;
    if (address)
        say(w, "![");
    put_text(w, alt);
    if (address)
        put_address(w, src);
}

static void enter_markdown(struct writing *w, myhtml_tree_node_t *node, myhtml_tag_id_t tag)
{
    static const char hashes[] = "###### ";
    if (tag >= MyHTML_TAG_H1 && tag <= MyHTML_TAG_H6)
        mark(w, hashes + 6 - (tag - MyHTML_TAG_H1 + 1));
    else if (tag == MyHTML_TAG_BLOCKQUOTE)
        push_prefix(w, "> ");
    else if (tag == MyHTML_TAG_CODE && !w->raw)
        say(w, "`");
    else if (tag == MyHTML_TAG_HR)
        say(w, "---");
    else if (tag == MyHTML_TAG_PRE && w->raw == 1) {
        say(w, "```");
        w->breaks = 1;
    } else if (tag == MyHTML_TAG_A && html_attribute(node, "href")) {
        mark(w, "[");
        w->link_at = w->to->text.len;
    }
}

static void enter(struct writing *w, myhtml_tree_node_t *node)
{
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    need_breaks(w, breaks_around(tag));
    if (tag == MyHTML_TAG_PRE || tag == MyHTML_TAG_PLAINTEXT)
        w->raw++;
    if (tag == MyHTML_TAG_BR) {
        w->breaks += w->breaks < 2 && !w->fresh;
        w->blank = false;
    } else if (tag == MyHTML_TAG_IMG) {
        put_image(w, node);
    } else if (is_list(tag)) {
        begin_list(w, node, tag);
    } else if (tag == MyHTML_TAG_LI && node != w->top) {
        begin_item(w);
    } else if ((tag == MyHTML_TAG_TD || tag == MyHTML_TAG_TH) && !is_first_cell(node)) {
        w->breaks = 0;
        w->blank = false;
        say(w, " |");
        w->blank = true;
    }
    if (w->how->markdown)
        enter_markdown(w, node, tag);
}

static void leave_link(struct writing *w, myhtml_tree_node_t *node)
{
    const char *href = html_attribute(node, "href");
    if (!href)
        return;
    if (w->to->text.len > w->link_at) {
        put_address(w, href);
    } else if (w->link_at > 0) {
        /* A link without a text is none for readers. */
        w->to->text.len = w->link_at - 1;
        w->to->text.ptr[w->to->text.len] = '\0';
        w->fresh = false;
    }
}

static void leave(struct writing *w, myhtml_tree_node_t *node)
{
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    if (w->how->markdown && tag == MyHTML_TAG_A)
        leave_link(w, node);
    else if (w->how->markdown && tag == MyHTML_TAG_CODE && !w->raw)
        put(w, "`", 1);
    else if (w->how->markdown && tag == MyHTML_TAG_BLOCKQUOTE)
        pop_prefix(w);
    else if (w->how->markdown && tag == MyHTML_TAG_PRE && w->raw == 1) {
        w->breaks = 1;
        say(w, "```");
    }
    if (tag == MyHTML_TAG_LI && node != w->top)
        pop_prefix(w);
    if (tag == MyHTML_TAG_PRE || tag == MyHTML_TAG_PLAINTEXT)
        w->raw--;
    if (is_list(tag))
        w->lists--;
    need_breaks(w, is_list(tag) && w->lists > 0 ? 1 : breaks_around(tag));
}

static void count_hidden(struct writing *w, myhtml_tree_node_t *top)
{
    w->to->hidden_elements++;
    for (myhtml_tree_node_t *n = top; n; n = html_next(n, top)) {
        const char *text = myhtml_node_tag_id(n) == MyHTML_TAG__TEXT ? myhtml_node_text(n, NULL) : NULL;
        for (; text && *text; text++)
            w->to->hidden_characters += !is_space(*text) && ((unsigned char)*text & 0xC0) != 0x80;
    }
}

/* Whether there is something to read below the node. */
static bool visit(struct writing *w, myhtml_tree_node_t *node, const myhtml_tree_node_t *top)
{
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    const char *text;
    if (tag == MyHTML_TAG__TEXT) {
        text = myhtml_node_text(node, NULL);
        if (text && w->raw)
            put_raw_text(w, text);
        else if (text)
            put_text(w, text);
        return false;
    }
    if (node != top && (is_left_out(tag) || (w->how->main_only && is_aside(node))))
        return false;
    if (!w->how->with_hidden && hidden_element(node)) {
        count_hidden(w, node);
        return false;
    }
    enter(w, node);
    return true;
}

/* Without recursion: pages are deep. */
static int32_t walk(struct writing *w, myhtml_tree_node_t *top)
{
    myhtml_tree_node_t *node = top;
    size_t steps = 0;
    for (;;) {
        bool below = visit(w, node, top);
        if (below && myhtml_node_child(node)) {
            node = myhtml_node_child(node);
            continue;
        }
        if (below)
            leave(w, node);
        while (node != top && !myhtml_node_next(node)) {
            node = myhtml_node_parent(node);
            leave(w, node);
        }
        if (node == top || w->short_of_memory)
            return HEXMCP_OK;
        node = myhtml_node_next(node);
        if (++steps % 1024 == 0 && pace_step(w->pace, (double)steps, 0, "reading the page") < 0)
            return HEXMCP_E_CANCELLED;
    }
}

int32_t readable_write(struct pace *pace, const struct html *html, myhtml_tree_node_t *top,
                       const struct readable *how, struct reading *reading)
{
    struct writing w = {.pace = pace, .html = html, .how = how, .top = top, .to = reading};
    *reading = (struct reading){0};
    put(&w, "", 0);
    int32_t status = walk(&w, top);
    if (w.short_of_memory)
        status = hexmcp_fail(pace->r->err, HEXMCP_E_NOMEM,
                             "out of memory for the text of the page; try a smaller one");
    if (status != HEXMCP_OK)
        readable_free(reading);
    return status;
}

void readable_free(struct reading *reading)
{
    bytes_free(&reading->text);
}

static bool is_main(myhtml_tree_node_t *node)
{
    const char *role;
    if (myhtml_node_tag_id(node) == MyHTML_TAG_MAIN)
        return true;
    role = html_attribute(node, "role");
    return role && strcasecmp(role, "main") == 0;
}

myhtml_tree_node_t *readable_main(const struct html *html)
{
    myhtml_tree_node_t *document = myhtml_tree_get_document(html->tree), *article = NULL;
    size_t articles = 0;
    for (myhtml_tree_node_t *n = document; n; n = html_next(n, document)) {
        if (is_main(n))
            return n;
        if (myhtml_node_tag_id(n) == MyHTML_TAG_ARTICLE) {
            article = n;
            articles++;
        }
    }
    if (articles == 1)
        return article;
    myhtml_tree_node_t *body = html_find(document, MyHTML_TAG_BODY);
    return body ? body : document;
}
