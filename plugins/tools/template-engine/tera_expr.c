/*
 * tera_expr.c - expressions are read.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "tera_tree.h"

#define ARGUMENTS_MAX 64

static bool is_name(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0 ||
           (!first && c >= '0' && c <= '9');
}

static void skip_blanks(struct expr_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->line += *r->at++ == '\n';
}

bool expr_at_end(struct expr_reader *r)
{
    skip_blanks(r);
    return r->at >= r->end;
}

void expr_fail(struct expr_reader *r, const char *why)
{
    int shown = r->end - r->at < 40 ? (int)(r->end - r->at) : 40;
    if (shown > 0)
        render_fail(r->render, HEXMCP_E_INVALID, "line %u: %s at \"%.*s\"", r->line, why, shown, r->at);
    else
        render_fail(r->render, HEXMCP_E_INVALID, "line %u: %s at the end of the tag", r->line, why);
}

bool expr_take(struct expr_reader *r, const char *word)
{
    size_t len = strlen(word);
    skip_blanks(r);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    if (is_name(*word, true) && r->at + len < r->end && is_name(r->at[len], false))
        return false;
    r->at += len;
    return true;
}

hexmcp_str expr_name(struct expr_reader *r)
{
    skip_blanks(r);
    const char *from = r->at;
    while (r->at < r->end && is_name(*r->at, r->at == from))
        r->at++;
    return (hexmcp_str){from, (size_t)(r->at - from)};
}

static struct expr *new_expr(struct expr_reader *r, enum expr_kind kind)
{
    struct expr *expr = render_memory(r->render, sizeof(*expr));
    if (expr) {
        expr->kind = kind;
        expr->line = r->line;
    }
    return expr;
}

static struct expr *binary(struct expr_reader *r, const char *name, struct expr *a, struct expr *b)
{
    struct expr *expr = a && b ? new_expr(r, EXPR_BINARY) : NULL;
    if (expr) {
        expr->name = hexmcp_str_from(name);
        expr->a = a;
        expr->b = b;
    }
    return expr;
}

/* What may stand behind "\" in a text. */
static char escaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

static struct expr *read_text(struct expr_reader *r)
{
    char quote = *r->at++, *out = render_memory(r->render, (size_t)(r->end - r->at) + 1);
    struct expr *expr = new_expr(r, EXPR_LITERAL);
    size_t len = 0;
    while (out && r->at < r->end && *r->at != quote) {
        if (*r->at == '\\' && r->at + 1 < r->end) {
            r->at++;
            out[len++] = escaped(*r->at++);
        } else {
            out[len++] = *r->at++;
        }
    }
    if (r->at >= r->end) {
        expr_fail(r, "a text does not end");
        return NULL;
    }
    r->at++;
    if (expr)
        expr->literal = value_of_text((hexmcp_str){out, len});
    return expr;
}

static struct expr *read_number(struct expr_reader *r)
{
    char digits[40], *behind;
    size_t len = 0;
    while (r->at + len < r->end && len < sizeof(digits) - 1 &&
           ((r->at[len] >= '0' && r->at[len] <= '9') ||
            (r->at[len] == '.' && r->at + len + 1 < r->end && r->at[len + 1] >= '0' && r->at[len + 1] <= '9')))
        len++;
    memcpy(digits, r->at, len);
    digits[len] = '\0';
    struct expr *expr = new_expr(r, EXPR_LITERAL);
    if (expr)
        expr->literal = value_of_number(strtod(digits, &behind));
    r->at += len;
    return expr;
}

/* `name =` before an argument; empty if there is none. */
static hexmcp_str argument_name(struct expr_reader *r)
{
    struct expr_reader ahead = *r;
    hexmcp_str name = expr_name(&ahead);
    skip_blanks(&ahead);
    if (name.len == 0 || ahead.at >= ahead.end || *ahead.at != '=' ||
        (ahead.at + 1 < ahead.end && ahead.at[1] == '='))
        return (hexmcp_str){NULL, 0};
    ahead.at++;
    *r = ahead;
    return name;
}

/* Up to the closing sign, which is passed over. */
static bool read_arguments(struct expr_reader *r, struct expr *expr, const char *close)
{
    struct argument list[ARGUMENTS_MAX];
    while (!expr_take(r, close)) {
        if (expr->count > 0 && !expr_take(r, ",")) {
            expr_fail(r, "a comma or a closing bracket is missing");
            return false;
        }
        if (expr->count > 0 && expr_take(r, close))
            break;
        if (expr->count == ARGUMENTS_MAX) {
            expr_fail(r, "there are too many elements");
            return false;
        }
        list[expr->count].name = argument_name(r);
        list[expr->count].value = expr_read(r);
        if (!list[expr->count].value)
            return false;
        expr->count++;
    }
    expr->arguments = render_memory(r->render, expr->count * sizeof(*list));
    if (expr->arguments && expr->count > 0)
        memcpy(expr->arguments, list, expr->count * sizeof(*list));
    return expr->arguments != NULL;
}

static struct expr *read_word(struct expr_reader *r)
{
    hexmcp_str name = expr_name(r);
    struct expr *expr = new_expr(r, EXPR_LITERAL);
    if (!expr)
        return NULL;
    if (text_is(name, "true") || text_is(name, "True") || text_is(name, "false") || text_is(name, "False")) {
        expr->literal = value_of_bool((name.ptr[0] | 32) == 't');
    } else if (text_is(name, "none") || text_is(name, "None") || text_is(name, "null")) {
        expr->literal = (struct value){.type = VALUE_NULL};
    } else {
        expr->kind = EXPR_NAME;
        expr->name = name;
        if (expr_take(r, "(")) {
            expr->kind = EXPR_CALL;
            return read_arguments(r, expr, ")") ? expr : NULL;
        }
    }
    return expr;
}

static struct expr *read_primary(struct expr_reader *r)
{
    struct expr *expr;
    if (expr_at_end(r)) {
        expr_fail(r, "a value is missing");
        return NULL;
    }
    if (*r->at == '"' || *r->at == '\'' || *r->at == '`')
        return read_text(r);
    if (*r->at >= '0' && *r->at <= '9')
        return read_number(r);
    if (expr_take(r, "(")) {
        expr = expr_read(r);
        if (expr && !expr_take(r, ")"))
            expr_fail(r, "a closing bracket is missing");
        return expr;
    }
    if (expr_take(r, "[")) {
        expr = new_expr(r, EXPR_LIST);
        return expr && read_arguments(r, expr, "]") ? expr : NULL;
    }
    if (is_name(*r->at, true))
        return read_word(r);
    expr_fail(r, "this is no value");
    return NULL;
}

/* A name, or the digits of an element, behind a point. */
static struct expr *read_member(struct expr_reader *r, struct expr *of)
{
    struct expr *expr = new_expr(r, EXPR_MEMBER), *part = new_expr(r, EXPR_LITERAL);
    const char *from = r->at;
    if (!expr || !part)
        return NULL;
    while (r->at < r->end && is_name(*r->at, false))
        r->at++;
    if (r->at == from) {
        expr_fail(r, "a name is missing");
        return NULL;
    }
    part->literal = value_of_text((hexmcp_str){from, (size_t)(r->at - from)});
    expr->a = of;
    expr->b = part;
    return expr;
}

static struct expr *read_element(struct expr_reader *r, struct expr *of)
{
    struct expr *expr = new_expr(r, EXPR_MEMBER);
    if (!expr)
        return NULL;
    expr->a = of;
    expr->b = expr_read(r);
    if (expr->b && !expr_take(r, "]"))
        expr_fail(r, "a closing bracket is missing");
    return expr->b ? expr : NULL;
}

/* A filter, or a test behind "is". */
static struct expr *read_named(struct expr_reader *r, enum expr_kind kind, struct expr *of)
{
    struct expr *expr = new_expr(r, kind);
    if (!expr)
        return NULL;
    expr->a = of;
    expr->negated = kind == EXPR_TEST && expr_take(r, "not");
    expr->name = expr_name(r);
    if (expr->name.len == 0) {
        expr_fail(r, kind == EXPR_TEST ? "the name of a test is missing" : "the name of a filter is missing");
        return NULL;
    }
    return !expr_take(r, "(") || read_arguments(r, expr, ")") ? expr : NULL;
}

struct expr *expr_read_filter(struct expr_reader *r)
{
    return read_named(r, EXPR_FILTER, NULL);
}

/* Members and elements, and filters if they bind to this. */
static struct expr *read_suffixes(struct expr_reader *r, struct expr *expr, bool filters)
{
    while (expr && render_step(r->render)) {
        if (expr_take(r, "."))
            expr = read_member(r, expr);
        else if (expr_take(r, "["))
            expr = read_element(r, expr);
        else if (filters && expr_take(r, "|"))
            expr = read_named(r, EXPR_FILTER, expr);
        else
            break;
    }
    return expr;
}

/* A filter is about the number with its sign. */
static struct expr *read_unary(struct expr_reader *r, bool filters)
{
    struct expr *expr;
    if (!expr_take(r, "-"))
        return read_suffixes(r, read_primary(r), filters);
    expr = new_expr(r, EXPR_UNARY);
    if (!expr || !render_down(r->render, "signs"))
        return NULL;
    expr->name = hexmcp_str_from("-");
    expr->a = read_unary(r, false);
    render_up(r->render);
    return expr->a ? read_suffixes(r, expr, filters) : NULL;
}

/* Operators that bind alike, from those that bind best. */
static const char *const levels[][5] = {
    {"*", "//", "/", "%", NULL}, {"+", "-", NULL}, {"~", NULL}};

static struct expr *read_level(struct expr_reader *r, int level)
{
    struct expr *expr = level < 0 ? read_unary(r, true) : read_level(r, level - 1);
    for (int i = 0; level >= 0 && expr && levels[level][i]; i++) {
        if (expr_take(r, levels[level][i])) {
            expr = binary(r, levels[level][i], expr, read_level(r, level - 1));
            i = -1;
        }
    }
    return expr;
}

static struct expr *read_in(struct expr_reader *r, struct expr *a, bool negated)
{
    struct expr *expr = binary(r, "in", a, read_level(r, 2));
    if (expr)
        expr->negated = negated;
    return expr;
}

static struct expr *read_comparison(struct expr_reader *r)
{
    static const char *const signs[] = {"==", "!=", "<=", ">=", "<", ">", NULL};
    struct expr *expr = read_level(r, 2);
    for (int i = 0; expr && signs[i]; i++) {
        if (expr_take(r, signs[i])) {
            expr = binary(r, signs[i], expr, read_level(r, 2));
            i = -1;
        } else if (i == 0 && expr_take(r, "is")) {
            expr = read_named(r, EXPR_TEST, expr);
            i = -1;
        } else if (i == 0 && expr_take(r, "in")) {
            expr = read_in(r, expr, false);
            i = -1;
        }
    }
    if (expr && expr_take(r, "not")) {
        if (expr_take(r, "in"))
            return read_in(r, expr, true);
        expr_fail(r, "\"in\" is missing behind \"not\"");
    }
    return expr;
}

static struct expr *read_not(struct expr_reader *r)
{
    if (!expr_take(r, "not"))
        return read_comparison(r);
    struct expr *expr = new_expr(r, EXPR_UNARY);
    if (!expr || !render_down(r->render, "signs"))
        return NULL;
    expr->name = hexmcp_str_from("not");
    expr->a = read_not(r);
    render_up(r->render);
    return expr->a ? expr : NULL;
}

static struct expr *read_and(struct expr_reader *r)
{
    struct expr *expr = read_not(r);
    while (expr && expr_take(r, "and"))
        expr = binary(r, "and", expr, read_not(r));
    return expr;
}

static struct expr *read_or(struct expr_reader *r)
{
    struct expr *expr = read_and(r);
    while (expr && expr_take(r, "or"))
        expr = binary(r, "or", expr, read_and(r));
    return expr;
}

static struct expr *read_choice(struct expr_reader *r)
{
    struct expr *expr = read_or(r), *choice;
    if (!expr || !expr_take(r, "if"))
        return expr;
    choice = new_expr(r, EXPR_CHOICE);
    if (!choice)
        return NULL;
    choice->a = expr;
    choice->b = read_or(r);
    if (!choice->b || !expr_take(r, "else"))
        return choice->b ? choice : NULL;
    choice->c = expr_read(r);
    return choice->c ? choice : NULL;
}

struct expr *expr_read(struct expr_reader *r)
{
    if (!render_down(r->render, "blocks and brackets"))
        return NULL;
    struct expr *expr = read_choice(r);
    render_up(r->render);
    return r->render->status == HEXMCP_OK ? expr : NULL;
}
