/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/html.h"

#include <setjmp.h>
#include <string.h>
#include <strings.h>

#include "web-kit/link.h"

/* Parsing that can be left from a callback of the library: it runs in this thread, holds no lock, and all
 * it has allocated belongs to the tree. */
struct parsing {
    struct pace *pace;
    jmp_buf out;
    double began_ms;
    unsigned tokens;
    int32_t status;
};

static _Noreturn void leave(struct parsing *p, int32_t status)
{
    p->status = status;
    longjmp(p->out, 1);
}

static void *on_token(myhtml_tree_t *tree, myhtml_token_node_t *token, void *arg)
{
    struct parsing *p = arg;
    if (tree->open_elements->length > HTML_DEPTH)
        leave(p, hexmcp_fail(p->pace->r->err, HEXMCP_E_TOO_LARGE,
                             "the page nests more than %d elements; it is broken or hostile, and is not "
                             "read",
                             HTML_DEPTH));
    if (++p->tokens % 64 != 0)
        return token;
    if (pace_ms(p->pace) - p->began_ms > HTML_SECONDS * 1e3)
        leave(p, hexmcp_fail(p->pace->r->err, HEXMCP_E_TOO_LARGE,
                             "the page takes more than %d seconds to parse; it is broken or hostile, "
                             "and is not read",
                             HTML_SECONDS));
    int32_t status = pace_step(p->pace, p->tokens, 0, "parsing the page");
    if (status != HEXMCP_OK)
        leave(p, status);
    return token;
}

static bool is_utf8(const unsigned char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t n = hexmcp_json_utf8_(s + i, len - i);
        /* A page may be cut in the middle of its last character. */
        if (n == 0 && len - i >= 4)
            return false;
        i += n ? n : 1;
    }
    return true;
}

static myencoding_t choose(const char *content_type, hexmcp_str bytes)
{
    size_t begin = bytes.len < 1024 ? bytes.len : 1024;
    myencoding_t found = MyENCODING_NOT_DETERMINED;
    if (bytes.len >= 3 && myencoding_detect_bom(bytes.ptr, bytes.len, &found))
        return found;
    if (content_type && myencoding_extracting_character_encoding_from_charset(
                            content_type, strlen(content_type), &found))
        return found;
    found = myencoding_prescan_stream_to_determine_encoding(bytes.ptr, begin);
    if (found == MyENCODING_UTF_16LE || found == MyENCODING_UTF_16BE)
        found = MyENCODING_UTF_8; /* it was read byte by byte */
    if (found != MyENCODING_NOT_DETERMINED)
        return found;
    return is_utf8((const unsigned char *)bytes.ptr, bytes.len) ? MyENCODING_UTF_8
                                                                : MyENCODING_WINDOWS_1252;
}

static void cut_mark(hexmcp_str *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes->ptr;
    size_t mark = 0;
    if (bytes->len >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF)
        mark = 3;
    else if (bytes->len >= 2 && ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE)))
        mark = 2;
    bytes->ptr += mark;
    bytes->len -= mark;
}

static bool make(struct html *html)
{
    html->engine = myhtml_create();
    html->tree = myhtml_tree_create();
    return html->engine && html->tree &&
           myhtml_init(html->engine, MyHTML_OPTIONS_PARSE_MODE_SINGLE, 1, 0) == MyHTML_STATUS_OK &&
           myhtml_tree_init(html->tree, html->engine) == MyHTML_STATUS_OK;
}

static int32_t parse(struct parsing *p, struct html *html, myencoding_t encoding, hexmcp_str bytes)
{
    if (setjmp(p->out) != 0)
        return p->status;
    if (myhtml_parse(html->tree, encoding, bytes.ptr, bytes.len) != MyHTML_STATUS_OK)
        return hexmcp_fail(p->pace->r->err, HEXMCP_E_NOMEM,
                           "the page could not be parsed: out of memory; try a smaller one");
    return HEXMCP_OK;
}

static bool find_base(struct html *html, const char *url)
{
    myhtml_tree_node_t *base = html_find(myhtml_tree_get_document(html->tree), MyHTML_TAG_BASE);
    const char *href = base ? html_attribute(base, "href") : NULL;
    if (href)
        html->base = link_resolve(url, href, strlen(href));
    if (html->base && !link_is_web(html->base)) {
        free(html->base);
        html->base = NULL;
    }
    if (!html->base)
        html->base = strdup(url);
    return html->base != NULL;
}

int32_t html_parse(struct pace *pace, const char *url, const char *content_type, hexmcp_str bytes,
                   struct html *html)
{
    struct parsing p = {.pace = pace, .began_ms = pace_ms(pace)};
    myencoding_t encoding = choose(content_type, bytes);
    *html = (struct html){.charset = myencoding_name_by_id(encoding, NULL)};
    int32_t status = HEXMCP_E_NOMEM;
    if (make(html)) {
        cut_mark(&bytes);
        myhtml_callback_before_token_done_set(html->tree, on_token, &p);
        status = parse(&p, html, encoding, bytes);
        if (status == HEXMCP_OK && !find_base(html, url))
            status = HEXMCP_E_NOMEM;
    }
    if (status == HEXMCP_E_NOMEM)
        hexmcp_fail(pace->r->err, status, "out of memory for the page; try a smaller one");
    if (status != HEXMCP_OK)
        html_free(html);
    return status;
}

void html_free(struct html *html)
{
    if (html->tree)
        myhtml_tree_destroy(html->tree);
    if (html->engine)
        myhtml_destroy(html->engine);
    free(html->base);
    *html = (struct html){0};
}

const char *html_attribute(myhtml_tree_node_t *node, const char *name)
{
    myhtml_tree_attr_t *at = myhtml_node_attribute_first(node);
    for (; at; at = myhtml_attribute_next(at)) {
        const char *key = myhtml_attribute_key(at, NULL);
        if (key && strcasecmp(key, name) == 0) {
            const char *value = myhtml_attribute_value(at, NULL);
            return value ? value : "";
        }
    }
    return NULL;
}

const char *html_name(const struct html *html, myhtml_tree_node_t *node)
{
    myhtml_tag_id_t tag = myhtml_node_tag_id(node);
    const char *name;
    if (tag < MyHTML_TAG_A)
        return "";
    name = myhtml_tag_name_by_id(html->tree, tag, NULL);
    return name ? name : "";
}

myhtml_tree_node_t *html_skip(myhtml_tree_node_t *node, const myhtml_tree_node_t *top)
{
    while (node && node != top && !myhtml_node_next(node))
        node = myhtml_node_parent(node);
    return node && node != top ? myhtml_node_next(node) : NULL;
}

myhtml_tree_node_t *html_next(myhtml_tree_node_t *node, const myhtml_tree_node_t *top)
{
    myhtml_tree_node_t *child = myhtml_node_child(node);
    return child ? child : html_skip(node, top);
}

myhtml_tree_node_t *html_find(myhtml_tree_node_t *top, myhtml_tag_id_t tag)
{
    for (myhtml_tree_node_t *n = top; n; n = html_next(n, top))
        if (myhtml_node_tag_id(n) == tag)
            return n;
    return NULL;
}
