/*
 * SPDX-License-Identifier: MIT
 */
#include "document.h"
#include "lexer.h"

#define NESTING_MOST 1000

struct reading {
    struct lexer lexer;
    struct token token;
    struct document *document;
    hexmcp_error *err;
};

const char *document_kind(enum definition_kind kind)
{
    static const char *const names[] = {"query", "mutation", "subscription", "fragment"};
    return names[kind];
}

static bool is(const struct reading *r, const char *text)
{
    return hexmcp_str_equals(r->token.text, text);
}

/* Only a punctuator or a name: "{" in a string is another token. */
static bool at(const struct reading *r, const char *text)
{
    return r->token.kind != TOKEN_STRING && r->token.kind != TOKEN_END && is(r, text);
}

static int32_t wrong(const struct reading *r, const char *wanted)
{
    int len = r->token.text.len > 40 ? 40 : (int)r->token.text.len;
    if (r->token.kind == TOKEN_END)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "input ends where %s is due; complete it", wanted);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "input, line %u: %.*s stands where %s is due; correct it",
                       r->lexer.line, len, r->token.text.ptr, wanted);
}

static int32_t next(struct reading *r)
{
    r->token = lexer_next(&r->lexer);
    if (r->token.kind != TOKEN_WRONG)
        return HEXMCP_OK;
    if (*r->token.text.ptr == '"')
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "input, line %u: a string does not end; close it",
                           r->lexer.line);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                       "input, line %u: a character is none of GraphQL outside of strings; correct it",
                       r->lexer.line);
}

/* Arguments or variables, with whatever is nested in them: up to behind the ")". */
static int32_t skip_parentheses(struct reading *r)
{
    unsigned open = 0;
    do {
        if (at(r, "("))
            open++;
        else if (at(r, ")"))
            open--;
        else if (r->token.kind == TOKEN_END)
            return wrong(r, "\")\"");
        int32_t status = next(r);
        if (status != HEXMCP_OK)
            return status;
    } while (open > 0);
    return HEXMCP_OK;
}

static int32_t add_spread(struct reading *r, struct definition *d, unsigned depth)
{
    struct document *doc = r->document;
    if (doc->spread_count == SPREADS_MOST)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "input spreads fragments more than %d times; make it "
                           "smaller", SPREADS_MOST);
    doc->spreads[doc->spread_count++] = (struct spread){r->token.text, depth};
    d->spread_count++;
    return HEXMCP_OK;
}

/* Behind "...": the name of a fragment, or nothing of concern ("on Type", a directive, a selection). */
static int32_t read_spread(struct reading *r, struct definition *d, unsigned depth)
{
    if (r->token.kind != TOKEN_NAME)
        return HEXMCP_OK;
    bool inline_fragment = is(r, "on");
    int32_t status = inline_fragment ? HEXMCP_OK : add_spread(r, d, depth);
    if (status == HEXMCP_OK)
        status = next(r);
    if (status == HEXMCP_OK && inline_fragment)
        status = r->token.kind == TOKEN_NAME ? next(r) : wrong(r, "the name of a type");
    return status;
}

/* From "{" to behind its "}". An inline fragment nests its selection without a field: it counts, too. */
static int32_t read_selections(struct reading *r, struct definition *d)
{
    unsigned depth = 0;
    int32_t status = HEXMCP_OK;
    do {
        if (r->token.kind == TOKEN_END)
            return wrong(r, "\"}\"");
        if (at(r, "(")) {
            status = skip_parentheses(r);
            continue;
        }
        bool spread = at(r, "...");
        if (at(r, "{") && ++depth > NESTING_MOST)
            return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "input is nested more than %d deep; make it "
                               "flatter", NESTING_MOST);
        if (at(r, "}"))
            depth--;
        if (depth > d->depth)
            d->depth = depth;
        status = next(r);
        if (status == HEXMCP_OK && spread)
            status = read_spread(r, d, depth);
    } while (status == HEXMCP_OK && depth > 0);
    return status;
}

/* Directives, "on Type": up to the "{". */
static int32_t skip_to_selections(struct reading *r)
{
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && !at(r, "{")) {
        if (r->token.kind == TOKEN_END || at(r, "}"))
            return wrong(r, "\"{\"");
        status = at(r, "(") ? skip_parentheses(r) : next(r);
    }
    return status;
}

static int32_t read_definition(struct reading *r)
{
    static const char *const words[] = {"query", "mutation", "subscription", "fragment"};
    struct document *doc = r->document;
    size_t kind = 0;
    int32_t status = HEXMCP_OK;
    if (doc->count == DEFINITIONS_MOST)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "input has more than %d definitions; make it smaller",
                           DEFINITIONS_MOST);
    struct definition *d = &doc->definitions[doc->count++];
    *d = (struct definition){.spread = doc->spread_count, .name = {"", 0}};
    if (!at(r, "{")) {
        while (kind < 4 && !(r->token.kind == TOKEN_NAME && is(r, words[kind])))
            kind++;
        if (kind == 4)
            return wrong(r, "query, mutation, subscription or fragment");
        status = next(r);
        if (status == HEXMCP_OK && r->token.kind == TOKEN_NAME) {
            d->name = r->token.text;
            status = next(r);
        }
    }
    d->kind = (enum definition_kind)kind;
    if (status == HEXMCP_OK)
        status = skip_to_selections(r);
    return status == HEXMCP_OK ? read_selections(r, d) : status;
}

int32_t document_read(hexmcp_str text, struct document *document, hexmcp_error *err)
{
    struct reading r = {.lexer = {text, 1}, .document = document, .err = err};
    document->count = document->spread_count = 0;
    if (text.len > DOCUMENT_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "input has %zu bytes, but at most %zu are taken; make it "
                           "smaller", text.len, DOCUMENT_MOST);
    int32_t status = next(&r);
    while (status == HEXMCP_OK && r.token.kind != TOKEN_END)
        status = read_definition(&r);
    if (status == HEXMCP_OK && document->count == 0)
        status = hexmcp_fail(err, HEXMCP_E_INVALID, "input holds no operation; give a GraphQL document");
    return status;
}

int32_t document_find(const struct document *document, const char *name, struct definition **out,
                      hexmcp_error *err)
{
    struct definition *found = NULL;
    size_t operations = 0;
    for (size_t i = 0; i < document->count; i++) {
        const struct definition *d = &document->definitions[i];
        if (d->kind == KIND_FRAGMENT)
            continue;
        operations++;
        if (!*name || hexmcp_str_equals(d->name, name))
            found = (struct definition *)(uintptr_t)d;
    }
    if (!*name && operations > 1)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input has %zu operations; say by operation_name which one "
                           "is meant", operations);
    if (!found)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input has no operation%s%.64s; correct it",
                           *name ? " " : "", name);
    *out = found;
    return HEXMCP_OK;
}

/* ---- how deep ---- */

static struct definition *fragment(struct document *document, hexmcp_str name)
{
    for (size_t i = 0; i < document->count; i++) {
        struct definition *d = &document->definitions[i];
        if (d->kind == KIND_FRAGMENT && d->name.len == name.len &&
            memcmp(d->name.ptr, name.ptr, name.len) == 0)
            return d;
    }
    return NULL;
}

/* Not deeper than there are fragments, since each is open but once. */
static int32_t reckon(struct document *document, struct definition *d, hexmcp_error *err)
{
    if (d->state == 2)
        return HEXMCP_OK;
    if (d->state == 1)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input: the fragment %.*s leads back to itself; correct it",
                           d->name.len > 64 ? 64 : (int)d->name.len, d->name.ptr);
    d->state = 1;
    d->whole = d->depth;
    for (size_t i = 0; i < d->spread_count; i++) {
        const struct spread *spread = &document->spreads[d->spread + i];
        struct definition *f = fragment(document, spread->name);
        int32_t status = f ? reckon(document, f, err) : HEXMCP_OK;
        if (status != HEXMCP_OK)
            return status;
        /* The selection of a fragment stands in the place of that which spreads it. */
        if (f && spread->depth + f->whole - 1 > d->whole)
            d->whole = spread->depth + f->whole - 1;
    }
    d->state = 2;
    return HEXMCP_OK;
}

int32_t document_depth(struct document *document, struct definition *operation, unsigned *depth,
                       hexmcp_error *err)
{
    int32_t status = reckon(document, operation, err);
    if (status == HEXMCP_OK)
        *depth = operation->whole;
    return status;
}
