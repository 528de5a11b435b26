/* Inside of core/uri: a template that was read. */
#pragma once

#include "core/uri/uri_template.h"

/* A row of the table in RFC 6570, appendix A. */
struct template_operator {
    char name; /* '\0' for {a} */
    char first; /* '\0' for none */
    char separator;
    bool named;
    bool reserved; /* reserved characters and escapes are copied as they are */
    bool equals_if_empty;
};

/* A set of ASCII characters. */
struct template_set {
    uint64_t bits[2];
};

struct template_variable {
    struct str name;
    bool explode;
    uint16_t limit; /* in characters; 0 without */
};

/* A run of literal text, or an expression. */
struct template_part {
    const struct template_operator *op; /* NULL for a literal */
    struct str literal;
    bool plain; /* the literal stands in URIs as it is: no escapes, ASCII only */
    size_t at; /* byte of the template */
    size_t first; /* variable */
    size_t count;
    struct template_set values; /* what values hold when they are matched, '%' aside */
};

struct template_parts {
    struct template_part parts[2 * URI_TEMPLATE_MAX_VARIABLES + 2]; /* one too many is found when it is read */
    size_t count;
    struct template_variable variables[URI_TEMPLATE_MAX_VARIABLES];
    size_t variable_count;
};

static inline bool template_set_has(const struct template_set *set, char c)
{
    unsigned char u = (unsigned char)c;
    return u < 128 && (set->bits[u / 64] >> (u % 64) & 1);
}

/* True if a separator stands between the values of the expression. */
static inline bool template_part_separates(const struct template_parts *t,
                                           const struct template_part *part)
{
    return part->count > 1 || t->variables[part->first].explode;
}

/* Everything that uri_template_check says. Slices are borrowed from `text`. */
int template_parse(struct str text, struct template_parts *out, struct error *err);

/* Whether it is clear where values end; fills `values` of the parts. */
int template_prepare_match(struct template_parts *t, struct error *err);
