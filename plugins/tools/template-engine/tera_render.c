/*
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "tera.h"
#include "tera_eval.h"

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

static enum flow run(struct names_known *names, const struct statement *statement);

static void bind(struct names_known *names, struct binding **list, hexmcp_str name, struct value value)
{
    struct binding *binding = render_memory(names->render, sizeof(*binding));
    if (!binding)
        return;
    *binding = (struct binding){*list, name, value};
    *list = binding;
}

/* What an expression is called in a message: as it was written, as far as it is a path. */
static void path_of(const struct expr *expr, char *text, size_t room)
{
    size_t len;
    if (expr->kind == EXPR_NAME) {
        snprintf(text, room, "%.*s", (int)(expr->name.len < 60 ? expr->name.len : 60), expr->name.ptr);
    } else if (expr->kind == EXPR_MEMBER && expr->b->kind == EXPR_LITERAL &&
               expr->b->literal.type == VALUE_STRING) {
        path_of(expr->a, text, room);
        len = strlen(text);
        hexmcp_str part = expr->b->literal.text;
        snprintf(text + len, room - len, ".%.*s", (int)(part.len < 60 ? part.len : 60), part.ptr);
    } else {
        snprintf(text, room, "this");
    }
}

static void print(struct names_known *names, const struct statement *statement)
{
    char path[200];
    struct value value = expr_value(names, statement->expr);
    if (value.type == VALUE_NONE && names->render->status == HEXMCP_OK) {
        path_of(statement->expr, path, sizeof(path));
        render_fail(names->render, HEXMCP_E_INVALID,
                    "line %u: %s is not in the context; give it, or write {{ %s | default(value=\"\") }}",
                    statement->line, path, path);
        return;
    }
    render_put(names->render, value_text(names->render, &value), !value.safe);
}

/* The variable `loop`: made once, changed for each turn. */
static struct value *make_loop(struct names_known *names, size_t count, struct value *loop)
{
    static const hexmcp_str keys[] = {{"index", 5}, {"index0", 6}, {"first", 5}, {"last", 4}, {"length", 6}};
    struct value *items = render_memory(names->render, 5 * sizeof(*items));
    if (items)
        items[4] = value_of_number((double)count);
    *loop = (struct value){.type = VALUE_OBJECT, .items = items, .keys = keys, .count = items ? 5 : 0};
    return items;
}

static void set_loop(struct value *items, size_t i, size_t count)
{
    items[0] = value_of_number((double)i + 1);
    items[1] = value_of_number((double)i);
    items[2] = value_of_bool(i == 0);
    items[3] = value_of_bool(i + 1 == count);
}

static void run_for(struct names_known *names, const struct statement *statement)
{
    struct value list = expr_value(names, statement->expr), loop;
    struct binding *before = names->local;
    enum flow flow = FLOW_ON;
    if (list.type < VALUE_ARRAY && names->render->status == HEXMCP_OK)
        render_fail(names->render, HEXMCP_E_INVALID,
                    "line %u: for needs an array or an object, but got %s", statement->line,
                    value_type_name(&list));
    struct value *items = make_loop(names, list.count, &loop);
    if (!items)
        return;
    bind(names, &names->local, hexmcp_str_from("loop"), loop);
    bind(names, &names->local, statement->key, (struct value){0});
    struct binding *key = names->local;
    bind(names, &names->local, statement->text, (struct value){0});
    struct binding *item = names->local;
    for (size_t i = 0; i < list.count && flow != FLOW_BREAK && render_step(names->render); i++) {
        set_loop(items, i, list.count);
        key->value = list.type == VALUE_OBJECT ? value_of_text(list.keys[i]) : value_of_number((double)i);
        item->value = list.items[i];
        flow = run(names, statement->body);
        names->local = item;
    }
    names->local = before;
    if (list.count == 0)
        run(names, statement->other);
}

/* The body into a text, that goes through the filter. */
static void run_filter(struct names_known *names, const struct statement *statement, enum flow *flow)
{
    struct bytes outside = names->render->out;
    const struct value *above = names->filtered;
    names->render->out = (struct bytes){0};
    *flow = run(names, statement->body);
    struct value body = value_of_text(render_take(names->render, &names->render->out));
    names->render->out = outside;
    names->filtered = &body;
    struct value value = expr_value(names, statement->expr);
    names->filtered = above;
    /* What is in it was escaped already. */
    render_put(names->render, value_text(names->render, &value), false);
}

static enum flow run_if(struct names_known *names, const struct statement *statement)
{
    struct value value = expr_value(names, statement->expr);
    return run(names, value_is_true(&value) ? statement->body : statement->other);
}

static enum flow run_one(struct names_known *names, const struct statement *statement)
{
    enum flow flow = FLOW_ON;
    switch (statement->kind) {
    case STATEMENT_TEXT:
        render_put(names->render, statement->text, false);
        break;
    case STATEMENT_PRINT:
        print(names, statement);
        break;
    case STATEMENT_IF:
        return run_if(names, statement);
    case STATEMENT_FOR:
        run_for(names, statement);
        break;
    case STATEMENT_SET:
        /* Outside of every for it is known everywhere. */
        bind(names, statement->is_global || !names->local ? &names->global : &names->local,
             statement->text, expr_value(names, statement->expr));
        break;
    case STATEMENT_FILTER:
        run_filter(names, statement, &flow);
        break;
    case STATEMENT_BREAK:
        return FLOW_BREAK;
    default:
        return FLOW_CONTINUE;
    }
    return flow;
}

static enum flow run(struct names_known *names, const struct statement *statement)
{
    enum flow flow = FLOW_ON;
    if (!statement || !render_down(names->render, "blocks"))
        return flow;
    for (; statement && flow == FLOW_ON && render_step(names->render); statement = statement->next)
        flow = run_one(names, statement);
    render_up(names->render);
    return flow;
}

void tera_render(struct render *render, hexmcp_str text, const struct value *context)
{
    struct names_known names = {.render = render, .context = context};
    const struct statement *tree = tera_parse(render, text);
    run(&names, tree);
}
