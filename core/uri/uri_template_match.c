/*
 * Matching. The template becomes a row of items; for each item and each byte of the URI one bit
 * says whether the items from there on match the URI from there on. The bits are filled from the
 * end, then the values are cut out from the front, the longest first, without going back.
 */
#include <stdlib.h>

#include "core/uri/characters.h"
#include "core/uri/uri_template_matcher.h"

static bool fits(const struct matcher *m, size_t item, size_t at)
{
    return m->bits[item * m->stride + at / 8] >> (at % 8) & 1;
}

static void set_fits(struct matcher *m, size_t item, size_t at)
{
    m->bits[item * m->stride + at / 8] |= (uint8_t)(1u << (at % 8));
}

/* ---- the items ----------------------------------------------------------------------------- */

static void add_item(struct matcher *m, struct item item)
{
    m->items[m->count++] = item;
}

static void add_values(struct matcher *m, const struct template_part *part)
{
    size_t end = m->count + part->count;
    for (size_t i = 0; i < part->count; i++) {
        char lead = i ? part->op->separator : part->op->first;
        add_item(m, (struct item){ITEM_VALUE, part, &m->parts.variables[part->first + i], lead,
                                  part->op->first != '\0', end, {NULL, 0}});
    }
}

static void add_pairs(struct matcher *m, const struct template_part *part)
{
    if (part->op->first != part->op->separator)
        add_item(m, (struct item){ITEM_QUERY, part, NULL, part->op->first, true, m->count + 2,
                                  {NULL, 0}});
    add_item(m, (struct item){ITEM_PAIRS, part, NULL, part->op->separator, true, m->count + 1,
                              {NULL, 0}});
}

static void make_items(struct matcher *m)
{
    for (size_t i = 0; i < m->parts.count; i++) {
        const struct template_part *part = &m->parts.parts[i];
        if (!part->op)
            add_item(m, (struct item){ITEM_LITERAL, part, NULL, '\0', false, 0, {NULL, 0}});
        else if (part->op->named)
            add_pairs(m, part);
        else
            add_values(m, part);
    }
}

/* ---- pieces of the URI --------------------------------------------------------------------- */

/* Bytes of the value's character at `at`: 1, 3 for an escape, 0 if it does not belong to it. */
static size_t unit(const struct matcher *m, const struct template_part *part, size_t at)
{
    if (at >= m->uri.len)
        return 0;
    if (uri_escape_at(m->uri, at) >= 0)
        return 3;
    return template_set_has(&part->values, m->uri.ptr[at]);
}

/* 0 for the later bytes of an escaped character. */
static uint16_t starts_character(const struct matcher *m, size_t at)
{
    int byte = uri_escape_at(m->uri, at);
    return byte < 0 || (byte & 0xC0) != 0x80;
}

/* Where the value goes on behind a unit that ends at `at`: there, or behind a separator of its
 * list. */
static size_t go_on(const struct matcher *m, const struct item *item, size_t at)
{
    bool separator = item->variable->explode && at < m->uri.len &&
                     m->uri.ptr[at] == item->part->op->separator;
    return at + separator;
}

/* The bytes of the literal in the URI at `at`; 0 if it is not there. Escapes match in either case;
 * what is not ASCII matches its escapes. */
static size_t literal_at(const struct matcher *m, const struct template_part *part, size_t at)
{
    struct str literal = part->literal;
    size_t start = at;
    if (part->plain)
        return str_starts(uri_behind(m->uri, at), literal) ? literal.len : 0;
    for (size_t i = 0; i < literal.len; i++, at++) {
        unsigned char c = (unsigned char)literal.ptr[i];
        int byte = c >= 0x80 ? c : uri_escape_at(literal, i);
        if (at >= m->uri.len)
            return 0;
        if (byte >= 0) {
            if (uri_escape_at(m->uri, at) != byte)
                return 0;
            i += c >= 0x80 ? 0 : 2;
            at += 2;
        } else if (literal.ptr[i] != m->uri.ptr[at]) {
            return 0;
        }
    }
    return at - start;
}

/* The variable whose name stands at `at`, and where the name ends. */
static const struct template_variable *name_at(const struct matcher *m,
                                               const struct template_part *part, size_t at,
                                               size_t *end)
{
    struct str rest = uri_behind(m->uri, at);
    for (size_t i = 0; i < part->count; i++) {
        const struct template_variable *v = &m->parts.variables[part->first + i];
        size_t behind = at + v->name.len;
        if (str_starts(rest, v->name) &&
            ((behind < m->uri.len && m->uri.ptr[behind] == '=') || !unit(m, part, behind))) {
            *end = behind;
            return v;
        }
    }
    return NULL;
}

/* The end of the pair whose lead is at `at`; 0 if there is none. */
static size_t pair_at(const struct matcher *m, const struct item *item, size_t at)
{
    size_t end;
    if (at >= m->uri.len || m->uri.ptr[at] != item->lead)
        return 0;
    const struct template_variable *v = name_at(m, item->part, at + 1, &end);
    if (!v)
        return 0;
    if (end == m->uri.len || m->uri.ptr[end] != '=')
        return end;
    size_t characters = 0;
    end++;
    for (size_t len; (len = unit(m, item->part, end)) > 0; end += len)
        characters += starts_character(m, end);
    return v->limit && characters > v->limit ? 0 : end;
}

/* ---- filling the bits ---------------------------------------------------------------------- */

static void fill_literal(struct matcher *m, size_t index)
{
    for (size_t at = 0; at < m->uri.len; at++) {
        size_t len = literal_at(m, m->items[index].part, at);
        if (len && fits(m, index + 1, at + len))
            set_fits(m, index, at);
    }
}

/* A chain of units is followed from its end, so each byte is looked at once. */
static void fill_left(struct matcher *m, size_t index)
{
    const struct item *item = &m->items[index];
    m->left[m->uri.len] = NEVER;
    for (size_t at = m->uri.len; at-- > 0;) {
        size_t len = unit(m, item->part, at), end = at + len;
        uint16_t more = NEVER;
        if (len)
            more = fits(m, index + 1, end) ? 0 : m->left[go_on(m, item, end)];
        m->left[at] = more == NEVER ? NEVER : (uint16_t)(more + starts_character(m, at));
    }
}

static bool value_fits(const struct matcher *m, const struct item *item, size_t at)
{
    uint16_t limit = item->variable->limit ? item->variable->limit : NEVER - 1;
    if (item->lead && (at == m->uri.len || m->uri.ptr[at++] != item->lead))
        return false;
    return m->left[at] <= limit;
}

static void fill_value(struct matcher *m, size_t index)
{
    const struct item *item = &m->items[index];
    fill_left(m, index);
    for (size_t at = 0; at <= m->uri.len; at++)
        if (value_fits(m, item, at) || (item->optional && fits(m, item->skip, at)))
            set_fits(m, index, at);
}

static void fill_query(struct matcher *m, size_t index)
{
    const struct item *item = &m->items[index];
    size_t end = pair_at(m, item, m->query);
    for (size_t at = 0; at <= m->uri.len; at++)
        if (fits(m, item->skip, at) || (at == m->query && end && fits(m, index + 1, end)))
            set_fits(m, index, at);
}

static void fill_pairs(struct matcher *m, size_t index)
{
    const struct item *item = &m->items[index];
    for (size_t at = m->uri.len + 1; at-- > 0;) {
        size_t end = pair_at(m, item, at);
        if (fits(m, item->skip, at) || (end && fits(m, index, end)))
            set_fits(m, index, at);
    }
}

static bool fill(struct matcher *m)
{
    static void (*const fillers[])(struct matcher *, size_t) = {
        [ITEM_LITERAL] = fill_literal,
        [ITEM_VALUE] = fill_value,
        [ITEM_QUERY] = fill_query,
        [ITEM_PAIRS] = fill_pairs,
    };
    set_fits(m, m->count, m->uri.len);
    for (size_t i = m->count; i-- > 0;)
        fillers[m->items[i].kind](m, i);
    return fits(m, 0, 0);
}

/* ---- cutting the values out ---------------------------------------------------------------- */

/* The farthest place where the value from `at` may end; 0 if there is none. */
static size_t value_end(const struct matcher *m, size_t index, size_t at)
{
    const struct item *item = &m->items[index];
    size_t best = 0, characters = 0;
    size_t limit = item->variable->limit ? item->variable->limit : SIZE_MAX;
    for (size_t len; (len = unit(m, item->part, at)) > 0;) {
        characters += starts_character(m, at);
        if (characters > limit)
            break;
        at += len;
        if (fits(m, index + 1, at))
            best = at;
        at = go_on(m, item, at);
    }
    return best;
}

static size_t cut_value(struct matcher *m, size_t index, size_t at)
{
    struct item *item = &m->items[index];
    size_t start = at + (item->lead != '\0');
    bool led = !item->lead || (at < m->uri.len && m->uri.ptr[at] == item->lead);
    size_t end = led ? value_end(m, index, start) : 0;
    if (!end)
        return at;
    item->found = (struct str){m->uri.ptr + start, end - start};
    return end;
}

static size_t cut_pairs(struct matcher *m, size_t index, size_t at)
{
    struct item *item = &m->items[index];
    bool query = item->kind == ITEM_QUERY;
    size_t start = at, end;
    while ((!query || at == m->query) && (end = pair_at(m, item, at)) > 0 &&
           fits(m, query ? index + 1 : index, end))
        at = end;
    item->found = (struct str){m->uri.ptr + start, at - start};
    return at;
}

static void cut(struct matcher *m)
{
    size_t at = 0;
    for (size_t i = 0; i < m->count;) {
        const struct item *item = &m->items[i];
        size_t start = at;
        if (item->kind == ITEM_LITERAL)
            at += literal_at(m, item->part, at);
        else if (item->kind == ITEM_VALUE)
            at = cut_value(m, i, at);
        else
            at = cut_pairs(m, i, at);
        i = at > start || item->kind == ITEM_LITERAL ? i + 1 : item->skip;
    }
}

static int match(struct matcher *m, struct json_writer *variables)
{
    make_items(m);
    const char *question = m->uri.len ? memchr(m->uri.ptr, '?', m->uri.len) : NULL;
    m->query = question ? (size_t)(question - m->uri.ptr) : m->uri.len;
    m->stride = m->uri.len / 8 + 1;
    m->bits = calloc(m->count + 1, m->stride);
    m->left = calloc(m->uri.len + 1, sizeof(*m->left));
    int status = ST_NOMEM;
    if (m->bits && m->left) {
        status = fill(m) ? ST_OK : ST_NOT_FOUND;
        if (status == ST_OK) {
            cut(m);
            status = template_write_values(m, variables);
        }
    }
    free(m->bits);
    free(m->left);
    return status;
}

int uri_template_match(struct str text, struct str uri, struct json_writer *variables)
{
    struct matcher m = {.uri = uri.len ? uri : STR("")};
    if (uri.len > URI_MAX_BYTES || template_parse(text, &m.parts, NULL) != ST_OK)
        return ST_NOT_FOUND;
    return match(&m, variables);
}
