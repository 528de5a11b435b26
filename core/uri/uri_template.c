#include "core/uri/characters.h"
#include "core/uri/uri_template_parts.h"

static void allow(struct template_set *set, const char *characters)
{
    for (; *characters; characters++) {
        unsigned char u = (unsigned char)*characters;
        set->bits[u / 64] |= (uint64_t)1 << (u % 64);
    }
}

static void refuse(struct template_set *set, char c)
{
    unsigned char u = (unsigned char)c;
    set->bits[u / 64] &= ~((uint64_t)1 << (u % 64));
}

/* Whether `c`, '?' or '#', stands in a part behind `index`. */
static bool comes_later(const struct template_parts *t, size_t index, char c)
{
    for (size_t i = index + 1; i < t->count; i++) {
        struct str literal = t->parts[i].literal;
        if (t->parts[i].op ? t->parts[i].op->name == c
                           : memchr(literal.ptr, c, literal.len) != NULL)
            return true;
    }
    return false;
}

static void set_values(struct template_parts *t, size_t index)
{
    struct template_part *part = &t->parts[index];
    struct template_set *set = &part->values;
    allow(set, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$'()*+:@,");
    if (part->op->reserved)
        allow(set, part->op->name == '#' ? "/?[]&;=" : "/?#[]&;=");
    else if (uri_is_one_of(part->op->name, "?&"))
        allow(set, ";=/?");
    if (part->op->name == '+' && comes_later(t, index, '?'))
        refuse(set, '?');
    if (part->op->name == '+' && comes_later(t, index, '#'))
        refuse(set, '#');
    if (!part->op->named && template_part_separates(t, part))
        refuse(set, part->op->separator);
}

/* True if a value of `part` could go on with `c`. The names of pairs are told apart anyway. */
static bool may_go_on(const struct template_parts *t, const struct template_part *part, char c)
{
    return c == '%' || template_set_has(&part->values, c) ||
           (!part->op->named && template_part_separates(t, part) && c == part->op->separator);
}

static int fail_between(const struct template_parts *t, const struct template_part *part,
                        const struct template_part *next, struct error *err)
{
    struct str name = t->variables[part->first + part->count - 1].name;
    if (next->op)
        return error_set(err, ST_INVALID,
                         "the URI template is ambiguous at byte %zu: nothing tells where \"%.*s\" "
                         "ends and \"%.*s\" begins; put a literal between them",
                         next->at, STR_ARG(name), STR_ARG(t->variables[next->first].name));
    return error_set(err, ST_INVALID,
                     "the URI template is ambiguous at byte %zu: a value of \"%.*s\" could go on "
                     "with the text there; begin it with %s",
                     next->at, STR_ARG(name), part->op->name == ';' ? "'/' or '?'" : "'&' or '#'");
}

/* Looks behind expressions that a URI may leave out, up to a part that it may not. */
static int check_end(const struct template_parts *t, size_t index, struct error *err)
{
    const struct template_part *part = &t->parts[index];
    for (size_t i = index + 1; i < t->count; i++) {
        const struct template_part *next = &t->parts[i];
        if (!next->op) {
            unsigned char c = (unsigned char)next->literal.ptr[0];
            bool clear = !part->op->named || !may_go_on(t, part, c < 0x80 ? (char)c : '%');
            return clear ? ST_OK : fail_between(t, part, next, err);
        }
        if (!next->op->first || may_go_on(t, part, next->op->first))
            return fail_between(t, part, next, err);
    }
    return ST_OK;
}

int template_prepare_match(struct template_parts *t, struct error *err)
{
    int status = ST_OK;
    for (size_t i = 0; i < t->count && status == ST_OK; i++) {
        if (t->parts[i].op) {
            set_values(t, i);
            status = check_end(t, i, err);
        }
    }
    return status;
}

int uri_template_check(struct str text, struct error *err)
{
    struct template_parts parts;
    return template_parse(text, &parts, err);
}

bool uri_template_variable(struct str text, size_t index, struct str *name)
{
    struct template_parts parts;
    if (template_parse(text, &parts, NULL) != ST_OK || index >= parts.variable_count)
        return false;
    *name = parts.variables[index].name;
    return true;
}

bool uri_template_has(struct str text, struct str name)
{
    struct template_parts parts;
    if (template_parse(text, &parts, NULL) != ST_OK)
        return false;
    for (size_t i = 0; i < parts.variable_count; i++)
        if (str_eq(parts.variables[i].name, name))
            return true;
    return false;
}
