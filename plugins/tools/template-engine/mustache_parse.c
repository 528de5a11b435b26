/*
 * mustache_parse.c - tags and text between them, and the lines that tags have for themselves.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "mustache_tree.h"

#define DELIMITER_MAX 16

struct frame {
    struct frame *above;
    struct node *opened;  /* the section as it was opened; NULL at the top */
    struct node *section; /* the same, or that of the last {{else if}} */
    struct node **tail;   /* where the next node goes */
};

struct parser {
    struct render *render;
    hexmcp_str text, name;
    const char *at, *end;
    const char *counted; /* up to here lines are counted */
    unsigned line;
    char open[DELIMITER_MAX + 1], close[DELIMITER_MAX + 1];
    struct frame *frame;
};

/* A tag as it was found. */
struct tag {
    const char *from, *behind;
    char sigil; /* '\0': a value */
    hexmcp_str content;
    bool trims_before, trims_behind;
    unsigned line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static hexmcp_str trim(const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    return (hexmcp_str){from, (size_t)(to - from)};
}

static void fail(struct parser *p, unsigned line, const char *what, hexmcp_str shown)
{
    int len = shown.len < 60 ? (int)shown.len : 60;
    if (p->name.len > 0)
        render_fail(p->render, HEXMCP_E_INVALID, "partial %.*s, line %u: %s: %.*s",
                    (int)(p->name.len < 60 ? p->name.len : 60), p->name.ptr, line, what, len, shown.ptr);
    else
        render_fail(p->render, HEXMCP_E_INVALID, "line %u: %s: %.*s", line, what, len, shown.ptr);
}

static unsigned line_at(struct parser *p, const char *place)
{
    for (; p->counted < place; p->counted++)
        p->line += *p->counted == '\n';
    return p->line;
}

static const char *find(const char *from, const char *end, const char *word)
{
    return memmem(from, (size_t)(end - from), word, strlen(word));
}

static struct node *add(struct parser *p, enum node_kind kind, unsigned line)
{
    struct node *node = render_memory(p->render, sizeof(*node));
    if (!node)
        return NULL;
    node->kind = kind;
    node->line = line;
    *p->frame->tail = node;
    p->frame->tail = &node->next;
    return node;
}

static void add_text(struct parser *p, const char *from, const char *to)
{
    if (from >= to)
        return;
    struct node *node = add(p, NODE_TEXT, 0);
    if (node)
        node->text = (hexmcp_str){from, (size_t)(to - from)};
}

/* What ends a tag whose content begins at `from`: "}" and the delimiter, "=" and it, "--" and it. */
static const char *end_of_tag(struct parser *p, const char *from, char sigil, size_t *len)
{
    char ending[DELIMITER_MAX + 4];
    const char *place = NULL;
    const char *extra = sigil == '{' ? "}" : sigil == '=' ? "=" : "";
    bool dashes = sigil == '!' && p->end - from >= 2 && from[0] == '-' && from[1] == '-';
    if (dashes) {
        snprintf(ending, sizeof(ending), "--%s", p->close);
        place = find(from + 2, p->end, ending);
    }
    if (!place) {
        snprintf(ending, sizeof(ending), "%s%s", extra, p->close);
        place = find(from, p->end, ending);
    }
    /* {{{a}~}} */
    if (sigil == '{') {
        char tilde[DELIMITER_MAX + 4];
        snprintf(tilde, sizeof(tilde), "}~%s", p->close);
        const char *other = find(from, place ? place : p->end, tilde);
        if (other) {
            place = other;
            snprintf(ending, sizeof(ending), "%s", tilde);
        }
    }
    *len = strlen(ending);
    return place;
}

static bool read_tag(struct parser *p, const char *from, struct tag *tag)
{
    const char *at = from + strlen(p->open);
    size_t len;
    *tag = (struct tag){.from = from, .line = line_at(p, from)};
    if (at < p->end && *at == '~') {
        tag->trims_before = true;
        at++;
    }
    while (at < p->end && is_blank(*at))
        at++;
    if (at < p->end && strchr("#^/>&!={", *at))
        tag->sigil = *at++;
    const char *place = end_of_tag(p, at, tag->sigil, &len);
    if (!place) {
        fail(p, tag->line, "a tag is not closed", (hexmcp_str){from, (size_t)(p->end - from)});
        return false;
    }
    tag->behind = place + len;
    if (tag->sigil != '!' && tag->sigil != '=' && place > at && place[-1] == '~') {
        tag->trims_behind = true;
        place--;
    }
    tag->trims_behind |= len > strlen(p->close) && place[1] == '~';
    tag->content = trim(at, place);
    return true;
}

/* Whether the tag has its line for itself; then *line is the line's beginning, *next that of the next. */
static bool stands_alone(const struct parser *p, const struct tag *tag, const char **line,
                         const char **next)
{
    const char *from = tag->from, *to = tag->behind;
    if (tag->sigil == '\0' || tag->sigil == '&' || tag->sigil == '{')
        return false;
    while (from > p->text.ptr && (from[-1] == ' ' || from[-1] == '\t'))
        from--;
    while (to < p->end && (*to == ' ' || *to == '\t'))
        to++;
    if (from > p->text.ptr && from[-1] != '\n')
        return false;
    if (to < p->end && *to == '\r' && to + 1 < p->end && to[1] == '\n')
        to++;
    if (to < p->end && *to != '\n')
        return false;
    *line = from;
    *next = to < p->end ? to + 1 : to;
    return true;
}

static void set_delimiters(struct parser *p, const struct tag *tag)
{
    hexmcp_str all = tag->content;
    size_t first = 0;
    while (first < all.len && !is_blank(all.ptr[first]))
        first++;
    hexmcp_str second = trim(all.ptr + first, all.ptr + all.len);
    if (first == 0 || second.len == 0 || first > DELIMITER_MAX || second.len > DELIMITER_MAX ||
        trim(second.ptr, second.ptr + second.len).len != second.len ||
        memchr(second.ptr, ' ', second.len) || memchr(all.ptr, '=', all.len)) {
        fail(p, tag->line, "these are no two delimiters", all);
        return;
    }
    snprintf(p->open, sizeof(p->open), "%.*s", (int)first, all.ptr);
    snprintf(p->close, sizeof(p->close), "%.*s", (int)second.len, second.ptr);
}

static void open_section(struct parser *p, const struct tag *tag)
{
    struct frame *frame = render_memory(p->render, sizeof(*frame));
    struct node *node = add(p, tag->sigil == '^' ? NODE_INVERTED : NODE_SECTION, tag->line);
    if (hexmcp_str_begins(tag->content, ">")) {
        fail(p, tag->line, "a partial has no block of its own here; write {{> name}}", tag->content);
        return;
    }
    if (!frame || !node || !render_down(p->render, "sections") ||
        !term_parse(p->render, tag->content, tag->line, &node->term, node->as))
        return;
    *frame = (struct frame){p->frame, node, node, &node->body};
    p->frame = frame;
}

static void close_section(struct parser *p, const struct tag *tag)
{
    struct frame *frame = p->frame;
    hexmcp_str name = tag->content, opened;
    if (!frame->opened) {
        fail(p, tag->line, "this section was not opened", name);
        return;
    }
    opened = frame->opened->term.name;
    if (name.len != opened.len || memcmp(name.ptr, opened.ptr, name.len) != 0) {
        char what[120];
        snprintf(what, sizeof(what), "the section %.*s of line %u must be closed before",
                 (int)(opened.len < 60 ? opened.len : 60), opened.ptr, frame->opened->line);
        fail(p, tag->line, what, name);
        return;
    }
    p->frame = frame->above;
    render_up(p->render);
}

/* {{else}}, {{else if x}}, {{^}} */
static void open_other(struct parser *p, const struct tag *tag, hexmcp_str condition)
{
    struct frame *frame = p->frame;
    if (frame->tail == &frame->section->other || frame->section->other) {
        fail(p, tag->line, "there is an else already", tag->content);
        return;
    }
    frame->tail = &frame->section->other;
    if (condition.len == 0)
        return;
    struct node *node = add(p, NODE_SECTION, tag->line);
    if (!node || !term_parse(p->render, condition, tag->line, &node->term, node->as))
        return;
    frame->section = node;
    frame->tail = &node->body;
}

static bool is_else(const struct parser *p, const struct tag *tag, hexmcp_str *condition)
{
    hexmcp_str content = tag->content;
    *condition = (hexmcp_str){NULL, 0};
    if (!p->frame->opened)
        return false;
    if (tag->sigil == '^' && content.len == 0)
        return true;
    if (tag->sigil != '\0' || !hexmcp_str_begins(content, "else") ||
        (content.len > 4 && !is_blank(content.ptr[4])))
        return false;
    *condition = trim(content.ptr + 4, content.ptr + content.len);
    return true;
}

static void add_value(struct parser *p, const struct tag *tag)
{
    hexmcp_str as[2] = {{NULL, 0}, {NULL, 0}};
    struct node *node = add(p, NODE_VALUE, tag->line);
    if (!node)
        return;
    node->escaped = tag->sigil == '\0';
    term_parse(p->render, tag->content, tag->line, &node->term, as);
}

static void add_partial(struct parser *p, const struct tag *tag, hexmcp_str indentation)
{
    hexmcp_str as[2] = {{NULL, 0}, {NULL, 0}};
    struct node *node = add(p, NODE_PARTIAL, tag->line);
    if (!node)
        return;
    node->text = indentation;
    node->is_computed = hexmcp_str_begins(tag->content, "(");
    term_parse(p->render, tag->content, tag->line, &node->term, as);
}

static void take_tag(struct parser *p, const struct tag *tag, hexmcp_str indentation)
{
    hexmcp_str condition;
    if (is_else(p, tag, &condition)) {
        open_other(p, tag, condition);
        return;
    }
    switch (tag->sigil) {
    case '#':
    case '^':
        open_section(p, tag);
        break;
    case '/':
        close_section(p, tag);
        break;
    case '=':
        set_delimiters(p, tag);
        break;
    case '>':
        add_partial(p, tag, indentation);
        break;
    case '!':
        break;
    default:
        add_value(p, tag);
    }
}

/* The text before the tag, the tag, and what is left out around it. */
static void take_piece(struct parser *p, struct tag *tag)
{
    hexmcp_str indentation = {NULL, 0}, condition;
    const char *before = tag->from, *line, *next;
    struct tag judged = *tag;
    if (is_else(p, tag, &condition))
        judged.sigil = '^';
    if (tag->trims_before)
        before = p->at + trim(p->at, before).len + (size_t)(trim(p->at, before).ptr - p->at);
    if (stands_alone(p, &judged, &line, &next)) {
        indentation = (hexmcp_str){line, (size_t)(tag->from - line)};
        before = before < line ? before : line;
    } else {
        next = tag->behind;
    }
    /* Only blanks: nothing of them is left, those at their beginning too. */
    if (tag->trims_before && trim(p->at, tag->from).len == 0)
        before = p->at;
    add_text(p, p->at, before);
    take_tag(p, tag, indentation);
    p->at = tag->trims_behind ? tag->behind : next;
    while (tag->trims_behind && p->at < p->end && is_blank(*p->at))
        p->at++;
}

/* {{{{name}}}} what is not touched {{{{/name}}}} */
static bool take_raw(struct parser *p, const char *from)
{
    unsigned line = line_at(p, from);
    const char *close = find(from, p->end, "}}}}"), *body = close ? close + 4 : p->end, *end;
    hexmcp_str name = close ? trim(from + 4, close) : (hexmcp_str){from, 4};
    char ending[80];
    snprintf(ending, sizeof(ending), "{{{{/%.*s}}}}", (int)(name.len < 60 ? name.len : 60), name.ptr);
    end = close && name.len > 0 ? find(body, p->end, ending) : NULL;
    if (!end) {
        fail(p, line, "this raw block is not closed", name);
        return false;
    }
    add_text(p, p->at, from);
    add_text(p, body, end);
    p->at = end + strlen(ending);
    return true;
}

/* \{{ is no tag; before one, \\ is a backslash. True if the place is done with. */
static bool take_escape(struct parser *p, const char *from)
{
    if (from == p->at || from[-1] != '\\' || strcmp(p->open, "{{") != 0)
        return false;
    bool is_tag = from - p->at > 1 && from[-2] == '\\';
    add_text(p, p->at, from - 1);
    p->at = from;
    if (!is_tag) {
        add_text(p, from, from + 2);
        p->at = from + 2;
    }
    return true;
}

/* The next tag and the text before it; false if there is none. */
static bool take_next(struct parser *p)
{
    struct tag tag;
    const char *from = find(p->at, p->end, p->open);
    if (!from)
        return false;
    if (take_escape(p, from))
        return true;
    if (strcmp(p->open, "{{") == 0 && p->end - from >= 4 && memcmp(from, "{{{{", 4) == 0)
        return take_raw(p, from);
    if (!read_tag(p, from, &tag))
        return false;
    take_piece(p, &tag);
    return true;
}

struct node *mustache_parse(struct render *render, hexmcp_str text, hexmcp_str name)
{
    struct node *first = NULL;
    struct frame top = {.tail = &first};
    struct parser p = {.render = render, .text = text, .name = name, .at = text.ptr,
                       .end = text.ptr + text.len, .counted = text.ptr, .line = 1,
                       .open = "{{", .close = "}}", .frame = &top};
    int depth = render->depth;
    while (render_step(render) && take_next(&p))
        ;
    add_text(&p, p.at, p.end);
    if (p.frame->opened)
        fail(&p, p.frame->opened->line, "this section is not closed", p.frame->opened->term.name);
    render->depth = depth;
    return first;
}
