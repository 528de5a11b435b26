/*
 * SPDX-License-Identifier: MIT
 */
#include "mustache_eval.h"

#include <string.h>

static bool same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && a.len > 0 && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The next part of a path: up to ".", "/" or, in [ ], "]". */
static hexmcp_str next_part(hexmcp_str *path)
{
    hexmcp_str part = *path;
    size_t len = 0, behind;
    if (part.len > 0 && part.ptr[0] == '[') {
        const char *close = memchr(part.ptr, ']', part.len);
        behind = close ? (size_t)(close - part.ptr) + 1 : part.len;
        part = (hexmcp_str){part.ptr + 1, behind - 1 - (close != NULL)};
    } else {
        while (len < part.len && part.ptr[len] != '.' && part.ptr[len] != '/')
            len++;
        part.len = behind = len;
    }
    behind += behind < path->len && (path->ptr[behind] == '.' || path->ptr[behind] == '/');
    path->ptr += behind;
    path->len -= behind;
    return part;
}

/* Passes over `word` and the "." or "/" behind it. */
static bool skip_word(hexmcp_str *path, const char *word)
{
    size_t len = strlen(word);
    if (!hexmcp_str_begins(*path, word) ||
        (path->len > len && path->ptr[len] != '.' && path->ptr[len] != '/'))
        return false;
    len += path->len > len;
    path->ptr += len;
    path->len -= len;
    return true;
}

static const struct scope *bottom(const struct scope *scope)
{
    while (scope->above)
        scope = scope->above;
    return scope;
}

static const struct scope *list_around(const struct scope *scope)
{
    while (scope && scope->key.type == VALUE_NONE)
        scope = scope->above;
    return scope;
}

/* index, key, first, last of the list around, or with ../ of those around that; root. Behind the "@". */
static struct value special(const struct scope *scope, hexmcp_str *path)
{
    const struct scope *list = list_around(scope);
    for (; list && hexmcp_str_begins(*path, "../"); list = list_around(list->above))
        *path = (hexmcp_str){path->ptr + 3, path->len - 3};
    hexmcp_str name = next_part(path);
    if (text_is(name, "root"))
        return bottom(scope)->value;
    if (!list)
        return (struct value){0};
    if (text_is(name, "index") || text_is(name, "key"))
        return list->key;
    if (text_is(name, "first") || text_is(name, "last"))
        return value_of_bool(name.ptr[0] == 'f' ? list->is_first : list->is_last);
    return (struct value){0};
}

/* The first part of a path: in the scope, else in those around it. */
static struct value look_up(struct render *render, const struct scope *scope, hexmcp_str part)
{
    for (; scope && render_step(render); scope = scope->above) {
        if (same(scope->as[0], part))
            return scope->value;
        if (same(scope->as[1], part))
            return scope->key;
        struct value found = value_part(render, &scope->value, part);
        if (found.type != VALUE_NONE)
            return found;
    }
    return (struct value){0};
}

/* The "@" of a path such as @index. */
static bool skip_sign(hexmcp_str *path)
{
    if (path->len == 0 || path->ptr[0] != '@')
        return false;
    *path = (hexmcp_str){path->ptr + 1, path->len - 1};
    return true;
}

static struct value path_value(struct render *render, const struct scope *scope, hexmcp_str path)
{
    struct value value;
    bool here = false;
    while (hexmcp_str_begins(path, "../") || text_is(path, "..")) {
        size_t len = path.len > 2 ? 3 : 2;
        path = (hexmcp_str){path.ptr + len, path.len - len};
        here = true;
        scope = scope->above ? scope->above : scope;
    }
    if (text_is(path, ".") || text_is(path, "this"))
        return scope->value;
    here |= skip_word(&path, "this") || skip_word(&path, ".");
    if (skip_sign(&path))
        value = special(scope, &path);
    else if (here)
        value = scope->value;
    else
        value = look_up(render, scope, next_part(&path));
    while (path.len > 0 && value.type != VALUE_NONE)
        value = value_part(render, &value, next_part(&path));
    return value;
}

static struct value argument(struct render *render, const struct scope *scope,
                             const struct term *term, size_t i)
{
    return i < term->count ? term_value(render, scope, &term->arguments[i]) : (struct value){0};
}

static struct value compare(struct render *render, const struct scope *scope, const struct term *term)
{
    struct value a = argument(render, scope, term, 0), b = argument(render, scope, term, 1);
    hexmcp_str name = term->name;
    if (text_is(name, "eq") || text_is(name, "ne"))
        return value_of_bool(value_equals(render, &a, &b) == text_is(name, "eq"));
    int order = value_compare(&a, &b);
    bool less = name.ptr[0] == 'l', equal = name.ptr[1] == 'e' && order == 0;
    return value_of_bool(order == (less ? -1 : 1) || equal);
}

static struct value join(struct render *render, const struct scope *scope, const struct term *term)
{
    bool any = text_is(term->name, "or");
    struct value value = {0};
    for (size_t i = 0; i < term->count; i++) {
        value = argument(render, scope, term, i);
        if (value_is_true(&value) == any)
            break;
    }
    return value;
}

static bool is_one_of(hexmcp_str name, const char *const *names)
{
    while (*names && !text_is(name, *names))
        names++;
    return *names != NULL;
}

static struct value helper_value(struct render *render, const struct scope *scope,
                                 const struct term *term)
{
    static const char *const comparing[] = {"eq", "ne", "lt", "le", "gt", "ge", NULL};
    struct value first;
    if (is_one_of(term->name, comparing))
        return compare(render, scope, term);
    if (text_is(term->name, "and") || text_is(term->name, "or"))
        return join(render, scope, term);
    first = argument(render, scope, term, 0);
    if (text_is(term->name, "not"))
        return value_of_bool(!value_is_true(&first));
    if (text_is(term->name, "lookup")) {
        struct value key = argument(render, scope, term, 1);
        return value_part(render, &first, value_text(render, &key));
    }
    render_fail(render, HEXMCP_E_INVALID,
                "there is no helper %.*s; there are if, unless, each, with, lookup, eq, ne, lt, le, gt, ge, "
                "and, or, not",
                (int)(term->name.len < 60 ? term->name.len : 60), term->name.ptr);
    return first;
}

struct value term_value(struct render *render, const struct scope *scope, const struct term *term)
{
    struct value value = {0};
    if (term->is_literal && term->name.len == 0)
        return term->literal;
    if (!render_down(render, "brackets"))
        return value;
    if (term->count > 0)
        value = helper_value(render, scope, term);
    else
        value = path_value(render, scope, term->name);
    if (term->is_literal && value.type == VALUE_NONE)
        value = term->literal; /* a name such as 1 or true that nothing has */
    render_up(render);
    return value;
}
