/*
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mustache.h"
#include "mustache_eval.h"

struct rendering {
    struct render *render;
    const struct value *partials;
};

static void render_nodes(struct rendering *g, const struct node *node, const struct scope *scope);

/* The body with another scope. */
static void enter(struct rendering *g, const struct node *node, const struct scope *above,
                  struct scope scope)
{
    scope.above = above;
    scope.as[0] = node->as[0];
    scope.as[1] = node->as[1];
    render_nodes(g, node->body, &scope);
}

static void each(struct rendering *g, const struct node *node, const struct scope *scope,
                 const struct value *list)
{
    for (size_t i = 0; i < list->count && render_step(g->render); i++) {
        struct scope item = {.value = list->items[i], .is_first = i == 0, .is_last = i + 1 == list->count};
        item.key = list->type == VALUE_OBJECT ? value_of_text(list->keys[i]) : value_of_number((double)i);
        enter(g, node, scope, item);
    }
    if (list->count == 0)
        render_nodes(g, node->other, scope);
}

/* A section without a helper, by the specification of Mustache. */
static void plain_section(struct rendering *g, const struct node *node, const struct scope *scope,
                          const struct value *value)
{
    bool is_false = value->type <= VALUE_NULL || (value->type == VALUE_BOOL && !value->yes);
    if (value->type == VALUE_ARRAY)
        each(g, node, scope, value);
    else if (is_false)
        render_nodes(g, node->other, scope);
    else if (value->type == VALUE_BOOL)
        render_nodes(g, node->body, scope);
    else
        enter(g, node, scope, (struct scope){.value = *value});
}

static void section(struct rendering *g, const struct node *node, const struct scope *scope)
{
    const struct term *term = &node->term;
    bool is_if = term_is(term, "if"), is_unless = term_is(term, "unless");
    bool is_each = term_is(term, "each"), is_with = term_is(term, "with");
    struct value value = is_if || is_unless || is_each || is_with
                             ? term_value(g->render, scope, &term->arguments[0])
                             : term_value(g->render, scope, term);
    if (is_if || is_unless)
        render_nodes(g, value_is_true(&value) == is_if ? node->body : node->other, scope);
    else if (is_each)
        each(g, node, scope, &value);
    else if (is_with && value_is_true(&value))
        enter(g, node, scope, (struct scope){.value = value});
    else if (is_with)
        render_nodes(g, node->other, scope);
    else
        plain_section(g, node, scope, &value);
}

static void inverted(struct rendering *g, const struct node *node, const struct scope *scope)
{
    struct value value = term_value(g->render, scope, &node->term);
    bool is_false = value.type <= VALUE_NULL || (value.type == VALUE_BOOL && !value.yes) ||
                    (value.type == VALUE_ARRAY && value.count == 0);
    render_nodes(g, is_false ? node->body : node->other, scope);
}

/* Each line with the blanks that stand before the tag. */
static hexmcp_str indent(struct render *render, hexmcp_str text, hexmcp_str blanks)
{
    struct bytes out = {0};
    bool good = true;
    while (text.len > 0 && good) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) + 1 : text.len;
        good = bytes_add(&out, blanks.ptr, blanks.len) && bytes_add(&out, text.ptr, len) &&
               out.len <= OUTPUT_BYTES_MAX;
        text = (hexmcp_str){text.ptr + len, text.len - len};
    }
    if (!good)
        render_fail(render, HEXMCP_E_TOO_LARGE, "a partial gets too large by its indentation");
    return render_take(render, &out);
}

static hexmcp_str partial_name(struct rendering *g, const struct node *node, const struct scope *scope)
{
    const struct term *term = &node->term;
    struct value value = node->is_computed ? term_value(g->render, scope, term) : term->literal;
    return term->name.len > 0 && !node->is_computed ? term->name : value_text(g->render, &value);
}

static void partial(struct rendering *g, const struct node *node, const struct scope *scope)
{
    const struct term *term = &node->term;
    bool has_context = term->count > 0 && !node->is_computed;
    hexmcp_str name = partial_name(g, node, scope);
    struct value text = value_member(g->render, g->partials, name);
    if (text.type == VALUE_NONE)
        return; /* by the specification: as if it were empty */
    if (text.type != VALUE_STRING) {
        render_fail(g->render, HEXMCP_E_INVALID, "the partial %.*s is no text; give a string",
                    (int)(name.len < 60 ? name.len : 60), name.ptr);
        return;
    }
    if (!render_down(g->render, "sections and partials"))
        return;
    if (node->text.len > 0)
        text.text = indent(g->render, text.text, node->text);
    const struct node *tree = mustache_parse(g->render, text.text, name);
    struct scope other = {.above = scope};
    if (has_context)
        other.value = term_value(g->render, scope, &term->arguments[0]);
    render_nodes(g, tree, has_context ? &other : scope);
    render_up(g->render);
}

static void render_node(struct rendering *g, const struct node *node, const struct scope *scope)
{
    struct value value;
    switch (node->kind) {
    case NODE_TEXT:
        render_put(g->render, node->text, false);
        break;
    case NODE_VALUE:
        value = term_value(g->render, scope, &node->term);
        render_put(g->render, value_text(g->render, &value), node->escaped);
        break;
    case NODE_SECTION:
        section(g, node, scope);
        break;
    case NODE_INVERTED:
        inverted(g, node, scope);
        break;
    default:
        partial(g, node, scope);
    }
}

static void render_nodes(struct rendering *g, const struct node *node, const struct scope *scope)
{
    if (!node || !render_down(g->render, "sections and partials"))
        return;
    for (; node && render_step(g->render); node = node->next)
        render_node(g, node, scope);
    render_up(g->render);
}

void mustache_render(struct render *render, hexmcp_str text, const struct value *context,
                     const struct value *partials)
{
    struct rendering g = {render, partials};
    struct scope scope = {.value = *context};
    const struct node *tree = mustache_parse(render, text, (hexmcp_str){NULL, 0});
    render_nodes(&g, tree, &scope);
}
