/*
 * mustache_term.c - what stands in a tag: a name with arguments, literals and brackets.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "mustache_tree.h"

#define ARGUMENTS_MAX 16

struct term_reader {
    struct render *render;
    const char *at, *end;
    unsigned line;
};

static void skip_blanks(struct term_reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n", *r->at))
        r->at++;
}

static bool fail(struct term_reader *r, const char *why)
{
    int shown = r->end - r->at < 40 ? (int)(r->end - r->at) : 40;
    render_fail(r->render, HEXMCP_E_INVALID, "line %u: %s at \"%.*s\"", r->line, why, shown, r->at);
    return false;
}

static bool read_quoted(struct term_reader *r, struct term *term)
{
    char quote = *r->at++;
    const char *from = r->at;
    while (r->at < r->end && *r->at != quote)
        r->at++;
    if (r->at == r->end)
        return fail(r, "a text does not end");
    term->is_literal = true;
    term->literal = value_of_text((hexmcp_str){from, (size_t)(r->at++ - from)});
    return true;
}

/* A word may have [anything] in it. */
static hexmcp_str read_word(struct term_reader *r)
{
    const char *from = r->at;
    while (r->at < r->end && !strchr(" \t\r\n()|", *r->at)) {
        const char *close = *r->at == '[' ? memchr(r->at, ']', (size_t)(r->end - r->at)) : NULL;
        r->at = close ? close + 1 : r->at + 1;
    }
    return (hexmcp_str){from, (size_t)(r->at - from)};
}

static void read_name(struct term_reader *r, struct term *term)
{
    hexmcp_str word = read_word(r);
    char digits[40], *behind = digits;
    double number = 0;
    term->name = word;
    term->is_literal = true;
    if (text_is(word, "true") || text_is(word, "false")) {
        term->literal = value_of_bool(text_is(word, "true"));
    } else if (text_is(word, "null") || text_is(word, "undefined")) {
        term->literal = (struct value){.type = VALUE_NULL};
    } else {
        if (word.len > 0 && word.len < sizeof(digits) && strchr("-0123456789", *word.ptr)) {
            memcpy(digits, word.ptr, word.len);
            digits[word.len] = '\0';
            number = strtod(digits, &behind);
        }
        term->is_literal = behind != digits && *behind == '\0';
        term->literal = value_of_number(number);
    }
}

static bool read_arguments(struct term_reader *r, struct term *term, char until);

static bool read_one(struct term_reader *r, struct term *term)
{
    *term = (struct term){0};
    if (*r->at == '"' || *r->at == '\'')
        return read_quoted(r, term);
    if (*r->at != '(') {
        read_name(r, term);
        return term->name.len > 0 || fail(r, "a name is missing");
    }
    r->at++;
    skip_blanks(r);
    if (!render_down(r->render, "brackets"))
        return false;
    read_name(r, term);
    bool good = !term->is_literal && term->name.len > 0 ? read_arguments(r, term, ')')
                                                        : fail(r, "a helper is missing");
    render_up(r->render);
    return good;
}

/* "name=" and a value behind it. */
static bool is_named(hexmcp_str word)
{
    const char *equals = word.len > 0 ? memchr(word.ptr, '=', word.len) : NULL;
    return equals && equals > word.ptr && !memchr(word.ptr, '[', word.len);
}

/* The arguments up to `until`, which is passed over; up to the end, or "as |", if that is NUL. */
static bool read_arguments(struct term_reader *r, struct term *term, char until)
{
    term->arguments = render_memory(r->render, ARGUMENTS_MAX * sizeof(*term->arguments));
    for (;;) {
        skip_blanks(r);
        if (!render_step(r->render) || (until && r->at == r->end))
            return fail(r, "a bracket is not closed");
        if (r->at == r->end || (!until && r->end - r->at > 3 && strncmp(r->at, "as |", 4) == 0))
            return true;
        if (until && *r->at == until) {
            r->at++;
            return true;
        }
        if (term->count == ARGUMENTS_MAX)
            return fail(r, "there are too many arguments");
        const char *from = r->at;
        if (!read_one(r, &term->arguments[term->count]))
            return false;
        if (*from != '"' && *from != '\'' && is_named(term->arguments[term->count].name)) {
            r->at = from;
            return fail(r, "arguments have no names here: put {{#with}} around or give another context,");
        }
        term->count++;
    }
}

/* "as |item key|" */
static bool read_as(struct term_reader *r, hexmcp_str as[2])
{
    size_t count = 0;
    skip_blanks(r);
    if (r->at == r->end)
        return true;
    if (r->end - r->at < 4 || strncmp(r->at, "as |", 4) != 0)
        return fail(r, "this does not belong here,");
    r->at += 4;
    for (skip_blanks(r); r->at < r->end && *r->at != '|' && count < 2; skip_blanks(r))
        as[count++] = read_word(r);
    if (r->at == r->end || *r->at != '|' || count == 0)
        return fail(r, "names between | | are missing");
    r->at++;
    skip_blanks(r);
    return r->at == r->end || fail(r, "something stands behind the names");
}

bool term_parse(struct render *render, hexmcp_str text, unsigned line, struct term *term, hexmcp_str as[2])
{
    struct term_reader r = {render, text.ptr, text.ptr + text.len, line};
    skip_blanks(&r);
    if (r.at == r.end)
        return fail(&r, "a tag is empty");
    if (!read_one(&r, term))
        return false;
    skip_blanks(&r);
    /* Only a name takes arguments; brackets have had theirs. */
    bool is_name = term->name.len > 0 && !term->arguments;
    if (r.at < r.end && is_name && !read_arguments(&r, term, '\0'))
        return false;
    return read_as(&r, as);
}
