/*
 * SPDX-License-Identifier: MIT
 */
#include "tera_eval.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define RANGE_MAX 100000

#define SHOW(name) (int)((name).len < 60 ? (name).len : 60), (name).ptr

static bool same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static struct value fail(struct names_known *names, const struct expr *expr, const char *what)
{
    render_fail(names->render, HEXMCP_E_INVALID, "line %u: %s", expr->line, what);
    return (struct value){0};
}

static struct value name_value(struct names_known *names, hexmcp_str name)
{
    for (const struct binding *b = names->local; b && render_step(names->render); b = b->before)
        if (same(b->name, name))
            return b->value;
    for (const struct binding *b = names->global; b && render_step(names->render); b = b->before)
        if (same(b->name, name))
            return b->value;
    return value_member(names->render, names->context, name);
}

static struct value member_value(struct names_known *names, const struct expr *expr)
{
    struct value of = expr_value(names, expr->a), key = expr_value(names, expr->b);
    if (of.type == VALUE_ARRAY && key.type == VALUE_NUMBER && key.number < 0)
        key = value_of_number((double)of.count + key.number);
    if (key.type != VALUE_STRING && key.type != VALUE_NUMBER)
        return (struct value){0};
    return value_part(names->render, &of, value_text(names->render, &key));
}

static struct value list_value(struct names_known *names, const struct expr *expr)
{
    struct value *items = render_memory(names->render, (expr->count + 1) * sizeof(*items));
    for (size_t i = 0; items && i < expr->count; i++)
        items[i] = expr_value(names, expr->arguments[i].value);
    return items ? value_of_array(items, expr->count) : (struct value){0};
}

/* ---- operators ---- */

static struct value calculate(struct names_known *names, const struct expr *expr,
                              const struct value *a, const struct value *b)
{
    char sign = expr->name.ptr[0];
    if (a->type != VALUE_NUMBER || b->type != VALUE_NUMBER) {
        render_fail(names->render, HEXMCP_E_INVALID, "line %u: %s %.*s %s cannot be calculated; use ~ to join texts",
                    expr->line, value_type_name(a), SHOW(expr->name), value_type_name(b));
        return (struct value){0};
    }
    if ((sign == '/' || sign == '%') && b->number == 0)
        return fail(names, expr, "division by zero");
    switch (sign) {
    case '+':
        return value_of_number(a->number + b->number);
    case '-':
        return value_of_number(a->number - b->number);
    case '*':
        return value_of_number(a->number * b->number);
    case '%':
        return value_of_number(fmod(a->number, b->number));
    default:
        return value_of_number(expr->name.len == 2 ? floor(a->number / b->number)
                                                   : a->number / b->number);
    }
}

static struct value concatenate(struct names_known *names, const struct value *a, const struct value *b)
{
    struct bytes out = {0};
    hexmcp_str first = value_text(names->render, a), second = value_text(names->render, b);
    if (!bytes_add(&out, first.ptr, first.len) || !bytes_add(&out, second.ptr, second.len))
        render_fail(names->render, HEXMCP_E_NOMEM, "out of memory for a text; try again");
    return value_of_text(render_take(names->render, &out));
}

static bool is_in(struct render *render, const struct value *a, const struct value *list)
{
    if (list->type == VALUE_STRING && a->type == VALUE_STRING)
        return memmem(list->text.ptr, list->text.len, a->text.ptr, a->text.len) != NULL;
    if (list->type == VALUE_OBJECT && a->type == VALUE_STRING)
        return value_member(render, list, a->text).type != VALUE_NONE;
    for (size_t i = 0; list->type == VALUE_ARRAY && i < list->count && render_step(render); i++)
        if (value_equals(render, &list->items[i], a))
            return true;
    return false;
}

static struct value compare(struct names_known *names, const struct expr *expr, const struct value *a,
                            const struct value *b)
{
    char sign = expr->name.ptr[0];
    bool equal = expr->name.len == 2;
    if (sign == '=' || sign == '!')
        return value_of_bool(value_equals(names->render, a, b) == (sign == '='));
    int order = value_compare(a, b);
    if (order == 2) {
        render_fail(names->render, HEXMCP_E_INVALID, "line %u: %s and %s cannot be compared by %.*s", expr->line,
                    value_type_name(a), value_type_name(b), SHOW(expr->name));
        return (struct value){0};
    }
    return value_of_bool(order == (sign == '<' ? -1 : 1) || (equal && order == 0));
}

static struct value binary_value(struct names_known *names, const struct expr *expr)
{
    struct value a = expr_value(names, expr->a), b;
    bool is_and = text_is(expr->name, "and");
    if (is_and || text_is(expr->name, "or")) {
        if (value_is_true(&a) != is_and)
            return value_of_bool(!is_and);
        b = expr_value(names, expr->b);
        return value_of_bool(value_is_true(&b));
    }
    b = expr_value(names, expr->b);
    if (names->render->status != HEXMCP_OK)
        return (struct value){0};
    if (text_is(expr->name, "in"))
        return value_of_bool(is_in(names->render, &a, &b) != expr->negated);
    if (text_is(expr->name, "~"))
        return concatenate(names, &a, &b);
    if (strchr("=!<>", expr->name.ptr[0]))
        return compare(names, expr, &a, &b);
    return calculate(names, expr, &a, &b);
}

static struct value unary_value(struct names_known *names, const struct expr *expr)
{
    struct value a = expr_value(names, expr->a);
    if (text_is(expr->name, "not"))
        return value_of_bool(!value_is_true(&a));
    if (a.type != VALUE_NUMBER && names->render->status == HEXMCP_OK)
        return fail(names, expr, "only a number can have a minus");
    return value_of_number(-a.number);
}

/* ---- filters, tests and functions ---- */

struct value called_argument(const struct called *c, const char *name, size_t place)
{
    for (size_t i = 0; i < c->expr->count; i++)
        if (text_is(c->expr->arguments[i].name, name))
            return c->arguments[i];
    return place < c->expr->count && c->expr->arguments[place].name.len == 0 ? c->arguments[place]
                                                                             : (struct value){0};
}

double called_number(const struct called *c, const char *name, size_t place, double fallback)
{
    struct value value = called_argument(c, name, place);
    if (value.type != VALUE_NONE && value.type != VALUE_NUMBER)
        called_fail(c, "%s must be a number", name);
    return value.type == VALUE_NUMBER ? value.number : fallback;
}

hexmcp_str called_text(const struct called *c, const char *name, size_t place, const char *fallback)
{
    struct value value = called_argument(c, name, place);
    return value.type == VALUE_NONE ? hexmcp_str_from(fallback) : value_text(c->render, &value);
}

struct value called_fail(const struct called *c, const char *format, ...)
{
    char text[200];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    render_fail(c->render, HEXMCP_E_INVALID, "line %u: %.*s: %s", c->expr->line, SHOW(c->name), text);
    return (struct value){0};
}

static struct called call(struct names_known *names, const struct expr *expr)
{
    struct value *arguments = render_memory(names->render, (expr->count + 1) * sizeof(*arguments));
    for (size_t i = 0; arguments && i < expr->count; i++)
        arguments[i] = expr_value(names, expr->arguments[i].value);
    return (struct called){names->render, expr, expr->name, arguments};
}

static struct value filter_value(struct names_known *names, const struct expr *expr)
{
    struct value value = expr->a ? expr_value(names, expr->a) : *names->filtered;
    struct called c = call(names, expr);
    if (names->render->status != HEXMCP_OK)
        return value;
    if (text_is(c.name, "default")) {
        struct value other = called_argument(&c, "value", 0);
        return value.type <= VALUE_NULL ? other : value;
    }
    if (value.type == VALUE_NONE)
        return called_fail(&c, "its value is not in the context; give it, or put default(value=...) before");
    if (!filter_text(&c, &value) && !filter_list(&c, &value) && !filter_number(&c, &value))
        return called_fail(&c, "there is no such filter");
    return value;
}

static bool begins(const struct value *value, hexmcp_str with, bool at_end)
{
    hexmcp_str text = value->text;
    if (value->type != VALUE_STRING || text.len < with.len)
        return false;
    return memcmp(at_end ? text.ptr + text.len - with.len : text.ptr, with.ptr, with.len) == 0;
}

static struct value test_value(struct names_known *names, const struct expr *expr)
{
    static const char *const types[] = {"none", "null", "boolean", "number", "string", "array", "object"};
    struct value value = expr_value(names, expr->a);
    struct called c = call(names, expr);
    if (names->render->status != HEXMCP_OK) /* the arguments may not be there */
        return value_of_bool(false);
    struct value first = called_argument(&c, "value", 0);
    bool yes = false, is_whole = value.type == VALUE_NUMBER && value.number == floor(value.number);
    if (text_is(c.name, "defined") || text_is(c.name, "undefined"))
        yes = (value.type != VALUE_NONE) == text_is(c.name, "defined");
    else if (text_is(c.name, "odd") || text_is(c.name, "even"))
        yes = is_whole && (fmod(value.number, 2) != 0) == text_is(c.name, "odd");
    else if (text_is(c.name, "divisibleby"))
        yes = is_whole && first.type == VALUE_NUMBER && first.number != 0 && fmod(value.number, first.number) == 0;
    else if (text_is(c.name, "containing"))
        yes = is_in(names->render, &first, &value);
    else if (text_is(c.name, "starting_with") || text_is(c.name, "ending_with"))
        yes = begins(&value, value_text(names->render, &first), text_is(c.name, "ending_with"));
    else if (text_is(c.name, "iterable"))
        yes = value.type >= VALUE_ARRAY;
    else if (text_is(c.name, "empty"))
        yes = value.type == VALUE_STRING ? value.text.len == 0 : value.type >= VALUE_ARRAY && value.count == 0;
    else {
        size_t i = 0;
        while (i < 7 && !text_is(c.name, types[i]))
            i++;
        if (i == 7)
            return called_fail(&c, "there is no such test");
        yes = (size_t)value.type == (i == 0 ? 1 : i);
    }
    return value_of_bool(yes != expr->negated);
}

static struct value range(const struct called *c)
{
    bool alone = c->expr->count == 1;
    double start = alone ? 0 : called_number(c, "start", 0, 0);
    double end = called_number(c, "end", alone ? 0 : 1, 0), step = called_number(c, "step_by", 2, 1);
    double count = step > 0 ? ceil((end - start) / step) : -1;
    if (!(count <= RANGE_MAX) || step <= 0)
        return called_fail(c, "a range has at most %d elements and a step above 0", RANGE_MAX);
    struct value *items = render_memory(c->render, (size_t)(count > 0 ? count : 0) * sizeof(*items));
    for (size_t i = 0; items && (double)i < count; i++)
        items[i] = value_of_number(start + (double)i * step);
    return items ? value_of_array(items, (size_t)(count > 0 ? count : 0)) : (struct value){0};
}

static struct value call_value(struct names_known *names, const struct expr *expr)
{
    struct called c = call(names, expr);
    if (names->render->status == HEXMCP_OK && text_is(c.name, "range"))
        return range(&c);
    return called_fail(&c, "there is no such function; there is range(start, end, step_by)");
}

static struct value choice_value(struct names_known *names, const struct expr *expr)
{
    struct value yes = expr_value(names, expr->b);
    if (value_is_true(&yes))
        return expr_value(names, expr->a);
    return expr->c ? expr_value(names, expr->c) : value_of_text(hexmcp_str_from(""));
}

struct value expr_value(struct names_known *names, const struct expr *expr)
{
    struct value value = {0};
    if (!expr || !render_down(names->render, "expressions"))
        return value;
    switch (expr->kind) {
    case EXPR_LITERAL:
        value = expr->literal;
        break;
    case EXPR_NAME:
        value = name_value(names, expr->name);
        break;
    case EXPR_MEMBER:
        value = member_value(names, expr);
        break;
    case EXPR_FILTER:
        value = filter_value(names, expr);
        break;
    case EXPR_TEST:
        value = test_value(names, expr);
        break;
    case EXPR_CALL:
        value = call_value(names, expr);
        break;
    case EXPR_LIST:
        value = list_value(names, expr);
        break;
    case EXPR_UNARY:
        value = unary_value(names, expr);
        break;
    case EXPR_BINARY:
        value = binary_value(names, expr);
        break;
    default:
        value = choice_value(names, expr);
    }
    render_up(names->render);
    return value;
}
