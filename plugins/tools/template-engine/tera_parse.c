/*
 * tera_parse.c - statements are read.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "tera_tree.h"

struct frame {
    struct frame *above;
    struct statement *opened, *last; /* the statement, and that of the last elif */
    struct statement **tail;
    const char *word; /* what it was opened with; NULL at the top */
};

struct parser {
    struct render *render;
    const char *at, *end, *counted;
    unsigned line;
    bool trims; /* the last tag ended with "-" */
    struct frame *frame;
};

/* {{ }}, {% %} or {# #} */
struct tag {
    char kind;
    const char *from, *behind;
    hexmcp_str content;
    bool trims_before, trims_behind;
    unsigned line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static unsigned line_at(struct parser *p, const char *place)
{
    for (; p->counted < place; p->counted++)
        p->line += *p->counted == '\n';
    return p->line;
}

static void fail(struct parser *p, unsigned line, const char *what, hexmcp_str shown)
{
    render_fail(p->render, HEXMCP_E_INVALID, "line %u: %s: %.*s", line, what,
                (int)(shown.len < 60 ? shown.len : 60), shown.ptr);
}

static struct statement *add(struct parser *p, enum statement_kind kind, unsigned line)
{
    struct statement *statement = render_memory(p->render, sizeof(*statement));
    if (!statement)
        return NULL;
    statement->kind = kind;
    statement->line = line;
    *p->frame->tail = statement;
    p->frame->tail = &statement->next;
    return statement;
}

static void add_text(struct parser *p, const char *from, const char *to, bool trims_behind)
{
    while (p->trims && from < to && is_blank(*from))
        from++;
    while (trims_behind && to > from && is_blank(to[-1]))
        to--;
    if (from >= to)
        return;
    struct statement *text = add(p, STATEMENT_TEXT, 0);
    if (text)
        text->text = (hexmcp_str){from, (size_t)(to - from)};
}

static const char *next_tag(const struct parser *p)
{
    const char *at = p->at;
    while ((at = memchr(at, '{', (size_t)(p->end - at))) && at + 1 < p->end) {
        if (at[1] == '{' || at[1] == '%' || at[1] == '#')
            return at;
        at++;
    }
    return NULL;
}

/* The end of a tag; what stands in quotes does not end it. */
static const char *end_of(const char *at, const char *end, char kind)
{
    char quote = '\0', close = kind == '{' ? '}' : kind;
    for (; at + 1 < end; at++) {
        if (quote)
            quote = *at == quote ? '\0' : quote;
        else if (kind != '#' && (*at == '"' || *at == '\'' || *at == '`'))
            quote = *at;
        else if (*at == close && at[1] == '}')
            return at;
        at += quote && *at == '\\';
    }
    return NULL;
}

static bool read_tag(struct parser *p, const char *from, struct tag *tag)
{
    const char *at = from + 2, *to;
    *tag = (struct tag){.kind = from[1], .from = from, .line = line_at(p, from)};
    tag->trims_before = at < p->end && *at == '-';
    at += tag->trims_before;
    to = end_of(at, p->end, tag->kind);
    if (!to) {
        fail(p, tag->line, "a tag is not closed", (hexmcp_str){from, (size_t)(p->end - from)});
        return false;
    }
    tag->behind = to + 2;
    tag->trims_behind = to > at && to[-1] == '-';
    to -= tag->trims_behind;
    tag->content = (hexmcp_str){at, (size_t)(to - at)};
    return true;
}

static void check_end(struct expr_reader *r)
{
    if (!expr_at_end(r))
        expr_fail(r, "this does not belong here,");
}

static void push(struct parser *p, struct statement *statement, const char *word)
{
    struct frame *frame = render_memory(p->render, sizeof(*frame));
    if (!frame || !statement || !render_down(p->render, "blocks and brackets"))
        return;
    *frame = (struct frame){p->frame, statement, statement, &statement->body, word};
    p->frame = frame;
}

static void pop(struct parser *p, const struct tag *tag, const char *word)
{
    if (!p->frame->word || strcmp(p->frame->word, word) != 0) {
        char what[100];
        snprintf(what, sizeof(what), "there is no open %s here", word);
        fail(p, tag->line, what, tag->content);
        return;
    }
    p->frame = p->frame->above;
    render_up(p->render);
}

static void read_if(struct parser *p, const struct tag *tag, struct expr_reader *r)
{
    struct statement *statement = add(p, STATEMENT_IF, tag->line);
    struct expr *expr = expr_read(r);
    if (statement)
        statement->expr = expr;
    push(p, statement, "if");
}

static void read_elif(struct parser *p, const struct tag *tag, struct expr_reader *r)
{
    struct frame *frame = p->frame;
    if (!frame->word || strcmp(frame->word, "if") != 0 || frame->tail == &frame->last->other) {
        fail(p, tag->line, "there is no open if here", tag->content);
        return;
    }
    frame->tail = &frame->last->other;
    struct statement *statement = add(p, STATEMENT_IF, tag->line);
    if (!statement)
        return;
    statement->expr = expr_read(r);
    frame->last = statement;
    frame->tail = &statement->body;
}

static void read_else(struct parser *p, const struct tag *tag)
{
    struct frame *frame = p->frame;
    if (!frame->word || strcmp(frame->word, "filter") == 0 || frame->last->other ||
        frame->tail == &frame->last->other) {
        fail(p, tag->line, "there is no open if or for here", tag->content);
        return;
    }
    frame->tail = &frame->last->other;
}

static void read_for(struct parser *p, const struct tag *tag, struct expr_reader *r)
{
    struct statement *statement = add(p, STATEMENT_FOR, tag->line);
    hexmcp_str first = expr_name(r), second = {NULL, 0};
    if (!statement)
        return;
    if (expr_take(r, ","))
        second = expr_name(r);
    if (first.len == 0 || !expr_take(r, "in")) {
        expr_fail(r, "for needs a name, \"in\" and a list");
        return;
    }
    statement->text = second.len > 0 ? second : first;
    statement->key = second.len > 0 ? first : second;
    statement->expr = expr_read(r);
    push(p, statement, "for");
}

static void read_set(struct parser *p, const struct tag *tag, struct expr_reader *r, bool is_global)
{
    struct statement *statement = add(p, STATEMENT_SET, tag->line);
    if (!statement)
        return;
    statement->text = expr_name(r);
    statement->is_global = is_global;
    if (statement->text.len == 0 || !expr_take(r, "=")) {
        expr_fail(r, "set needs a name, \"=\" and a value");
        return;
    }
    statement->expr = expr_read(r);
}

static void read_filter(struct parser *p, const struct tag *tag, struct expr_reader *r)
{
    struct statement *statement = add(p, STATEMENT_FILTER, tag->line);
    struct expr *expr = expr_read_filter(r);
    if (statement)
        statement->expr = expr;
    push(p, statement, "filter");
}

/* Up to {% endraw %} everything is text. */
static void read_raw(struct parser *p, struct tag *tag)
{
    const char *at = tag->behind;
    struct tag end;
    while (at < p->end && (at = memmem(at, (size_t)(p->end - at), "{%", 2))) {
        struct expr_reader r = {p->render, at + 2, p->end, 0};
        if (r.at < r.end && *r.at == '-')
            r.at++;
        if (expr_take(&r, "endraw") && read_tag(p, at, &end)) {
            p->trims = tag->trims_behind;
            add_text(p, tag->behind, at, end.trims_before);
            *tag = end;
            return;
        }
        at += 2;
    }
    fail(p, tag->line, "raw is not closed by endraw", tag->content);
}

static void read_jump(struct parser *p, const struct tag *tag, enum statement_kind kind)
{
    const struct frame *frame = p->frame;
    while (frame->word && strcmp(frame->word, "for") != 0)
        frame = frame->above;
    if (frame->word)
        add(p, kind, tag->line);
    else
        fail(p, tag->line, "this is in no for", tag->content);
}

static void read_other(struct parser *p, const struct tag *tag, struct expr_reader *r)
{
    if (expr_take(r, "endif"))
        pop(p, tag, "if");
    else if (expr_take(r, "endfor"))
        pop(p, tag, "for");
    else if (expr_take(r, "endfilter"))
        pop(p, tag, "filter");
    else if (expr_take(r, "break"))
        read_jump(p, tag, STATEMENT_BREAK);
    else if (expr_take(r, "continue"))
        read_jump(p, tag, STATEMENT_CONTINUE);
    else
        fail(p, tag->line,
             "this statement is not known (there are if, elif, else, for, break, continue, set, set_global, "
             "filter and raw; nothing is included from files)",
             tag->content);
}

static void read_statement(struct parser *p, struct tag *tag)
{
    struct expr_reader r = {p->render, tag->content.ptr, tag->content.ptr + tag->content.len, tag->line};
    if (expr_take(&r, "raw")) {
        read_raw(p, tag);
        return;
    }
    if (expr_take(&r, "if"))
        read_if(p, tag, &r);
    else if (expr_take(&r, "elif"))
        read_elif(p, tag, &r);
    else if (expr_take(&r, "else"))
        read_else(p, tag);
    else if (expr_take(&r, "for"))
        read_for(p, tag, &r);
    else if (expr_take(&r, "set_global"))
        read_set(p, tag, &r, true);
    else if (expr_take(&r, "set"))
        read_set(p, tag, &r, false);
    else if (expr_take(&r, "filter"))
        read_filter(p, tag, &r);
    else
        read_other(p, tag, &r);
    check_end(&r);
}

static void read_print(struct parser *p, const struct tag *tag)
{
    struct expr_reader r = {p->render, tag->content.ptr, tag->content.ptr + tag->content.len, tag->line};
    struct statement *statement = add(p, STATEMENT_PRINT, tag->line);
    if (!statement)
        return;
    statement->expr = expr_read(&r);
    check_end(&r);
}

static void take_tag(struct parser *p, struct tag *tag)
{
    add_text(p, p->at, tag->from, tag->trims_before);
    if (tag->kind == '{')
        read_print(p, tag);
    else if (tag->kind == '%')
        read_statement(p, tag);
    p->at = tag->behind;
    p->trims = tag->trims_behind;
}

struct statement *tera_parse(struct render *render, hexmcp_str text)
{
    struct statement *first = NULL;
    struct frame top = {.tail = &first};
    struct parser p = {.render = render, .at = text.ptr, .end = text.ptr + text.len,
                       .counted = text.ptr, .line = 1, .frame = &top};
    int depth = render->depth;
    struct tag tag;
    while (render_step(render)) {
        const char *from = next_tag(&p);
        if (!from || !read_tag(&p, from, &tag))
            break;
        take_tag(&p, &tag);
    }
    add_text(&p, p.at, p.end, false);
    if (p.frame->word)
        fail(&p, p.frame->opened->line, "this is not closed", hexmcp_str_from(p.frame->word));
    render->depth = depth;
    return first;
}
