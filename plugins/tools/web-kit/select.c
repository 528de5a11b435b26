/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/select.h"

#include <modest/finder/finder.h>
#include <mycss/mycss.h>
#include <mycss/selectors/function.h>
#include <mycss/selectors/init.h>
#include <mycss/selectors/list.h>
#include <mycss/selectors/value.h>
#include <string.h>

#define SUPPORTED                                                                                  \
    "tag, #id, .class, [attribute], the combinators, :not(), :has(), :matches(), "                 \
    ":nth-child() and its like, :first-child and its like, :empty, :checked, :root"

/* Parentheses in each other. */
#define DEEPEST 4

/* Combinators in one selector: the time grows with the depth of the page to this power. */
#define MOST_STEPS 8

struct engine {
    mycss_t *css;
    mycss_entry_t *entry;
    mycss_selectors_list_t *list;
    modest_finder_t *finder;
    myhtml_collection_t *found;
};

static bool is_good_list(const mycss_selectors_list_t *list, int depth);

static bool is_good_function(const mycss_selectors_entry_t *e, int depth)
{
    switch ((int)e->sub_type) {
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_NOT:
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_HAS:
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_MATCHES:
        return e->value && is_good_list(e->value, depth + 1);
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_NTH_CHILD:
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_NTH_LAST_CHILD: {
        const mycss_an_plus_b_entry_t *value = e->value;
        return value && !value->is_broken && !value->of;
    }
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_NTH_OF_TYPE:
    case MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FUNCTION_NTH_LAST_OF_TYPE: {
        const mycss_an_plus_b_entry_t *value = e->value;
        return value && !value->is_broken;
    }
    default:
        return false;
    }
}

static bool is_good_class(const mycss_selectors_entry_t *e)
{
    static const int tried[] = {MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_ANY_LINK,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_BLANK,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_CHECKED,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_DISABLED,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_EMPTY,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FIRST_CHILD,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_FIRST_OF_TYPE,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_LAST_CHILD,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_LAST_OF_TYPE,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_LINK,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_ONLY_CHILD,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_ONLY_OF_TYPE,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_REQUIRED,
                                MyCSS_SELECTORS_SUB_TYPE_PSEUDO_CLASS_ROOT};
    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
        if ((int)e->sub_type == tried[i])
            return true;
    return false;
}

static bool is_good_entry(const mycss_selectors_entry_t *e, int depth)
{
    if (e->flags & MyCSS_SELECTORS_FLAGS_SELECTOR_BAD ||
        e->combinator == MyCSS_SELECTORS_COMBINATOR_COLUMN)
        return false;
    switch ((int)e->type) {
    case MyCSS_SELECTORS_TYPE_ELEMENT:
    case MyCSS_SELECTORS_TYPE_ID:
    case MyCSS_SELECTORS_TYPE_CLASS:
        return e->key != NULL;
    case MyCSS_SELECTORS_TYPE_ATTRIBUTE:
        return e->key && e->value;
    case MyCSS_SELECTORS_TYPE_PSEUDO_CLASS_FUNCTION:
        return is_good_function(e, depth);
    case MyCSS_SELECTORS_TYPE_PSEUDO_CLASS:
        return is_good_class(e);
    default:
        return false;
    }
}

static bool is_good_chain(const mycss_selectors_entry_t *e, int depth)
{
    int steps = 0;
    if (!e)
        return false;
    for (; e; e = e->next)
        if (!is_good_entry(e, depth) ||
            (e->combinator != MyCSS_SELECTORS_COMBINATOR_UNDEF && ++steps > MOST_STEPS))
            return false;
    return true;
}

static bool is_good_list(const mycss_selectors_list_t *list, int depth)
{
    if (!list || depth > DEEPEST)
        return false;
    for (; list; list = list->next) {
        if (list->flags & MyCSS_SELECTORS_FLAGS_SELECTOR_BAD || list->entries_list_length == 0)
            return false;
        for (size_t i = 0; i < list->entries_list_length; i++)
            if (!is_good_chain(list->entries_list[i].entry, depth))
                return false;
    }
    return true;
}

/* CSS closes at the end of the text what is open; here it is a mistake. */
static bool is_closed(const char *s)
{
    int open = 0;
    char quote = '\0';
    for (; *s; s++) {
        if (*s == '\\' && s[1])
            s++;
        else if (quote)
            quote = *s == quote ? '\0' : quote;
        else if (*s == '"' || *s == '\'')
            quote = *s;
        else if (*s == '(' || *s == '[')
            open++;
        else if (*s == ')' || *s == ']')
            open--;
    }
    return open == 0 && !quote;
}

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
    if (strlen(selector) <= SELECT_LONGEST && is_closed(selector))
        e->list = mycss_selectors_parse(mycss_entry_selectors(e->entry), MyENCODING_UTF_8, selector,
                                        strlen(selector), &status);
    if (!is_good_list(e->list, 0))
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
