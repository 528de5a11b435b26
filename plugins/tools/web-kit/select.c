/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/select.h"

#include <modest/finder/finder.h>
#include <mycss/mycss.h>
#include <mycss/selectors/init.h>
#include <mycss/selectors/list.h>
#include <string.h>

#include "web-kit/selector.h"

#define SUPPORTED                                                                                  \
    "tag, #id, .class, [attribute], the combinators, :not(), :has(), :matches(), "                 \
    ":nth-child() and its like, :first-child and its like, :empty, :checked, :root"

struct engine {
    mycss_t *css;
    mycss_entry_t *entry;
    mycss_selectors_list_t *list;
    modest_finder_t *finder;
    myhtml_collection_t *found;
};

static bool make(struct engine *e)
{
    e->css = mycss_create();
    e->entry = mycss_entry_create();
    e->finder = modest_finder_create_simple();
    return e->css && e->entry && e->finder && mycss_init(e->css) == MyCSS_STATUS_OK &&
           mycss_entry_init(e->css, e->entry) == MyCSS_STATUS_OK;
}

static void drop(struct engine *e)
{
    myhtml_collection_destroy(e->found);
    if (e->list)
        mycss_selectors_list_destroy(mycss_entry_selectors(e->entry), e->list, true);
    if (e->finder)
        modest_finder_destroy(e->finder, true);
    if (e->entry)
        mycss_entry_destroy(e->entry, true);
    if (e->css)
        mycss_destroy(e->css, true);
}

static int32_t no_memory(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the selector; try again");
}

static int32_t find(const hexmcp_round *r, const struct html *html, const char *what,
                    const char *selector, struct engine *e)
{
    mystatus_t status;
    if (!make(e))
        return no_memory(r);
    if (selector_is_good(selector))
        e->list = mycss_selectors_parse(mycss_entry_selectors(e->entry), MyENCODING_UTF_8, selector,
                                        strlen(selector), &status);
    if (!e->list || e->list->flags & MyCSS_SELECTORS_FLAGS_SELECTOR_BAD)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "%s: \"%.100s\" is no CSS selector that is supported; use " SUPPORTED, what,
                           selector);
    if (modest_finder_by_selectors_list(e->finder, myhtml_tree_get_document(html->tree), e->list,
                                        &e->found) != MODEST_STATUS_OK)
        return no_memory(r);
    return HEXMCP_OK;
}

int32_t select_nodes(const hexmcp_round *r, const struct html *html, const char *what,
                     const char *selector, myhtml_tree_node_t ***nodes, size_t *count)
{
    struct engine e = {0};
    int32_t status = find(r, html, what, selector, &e);
    size_t len = e.found ? e.found->length : 0;
    myhtml_tree_node_t **copy = NULL;
    if (status == HEXMCP_OK) {
        copy = calloc(len + 1, sizeof(*copy));
        status = copy ? HEXMCP_OK : no_memory(r);
    }
    if (status == HEXMCP_OK) {
        if (len > 0)
            memcpy(copy, e.found->list, len * sizeof(*copy));
        *nodes = copy;
        *count = len;
    }
    drop(&e);
    return status;
}
