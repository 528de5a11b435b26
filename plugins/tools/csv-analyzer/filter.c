/*
 * SPDX-License-Identifier: MIT
 */
#include "filter.h"

#include <strings.h>

#include "value.h"

#define DEPTH_MOST 50

enum { EQUAL, UNEQUAL, AT_LEAST, AT_MOST, ABOVE, BELOW, CONTAINS, STARTS, ENDS };

/* The longer ones first. */
static const char *const operators[] = {"==", "!=", ">=",       "<=",          ">",
                                        "<",  "contains", "starts_with", "ends_with", NULL};

struct parse {
    const char *begin;
    const char *at;
    const hexmcp_str *names;
    size_t name_count;
    struct filter *filter;
    hexmcp_error *err;
    int depth;
};

static int32_t any_of(struct parse *p, size_t *node);

static int32_t fail(struct parse *p, const char *wanted)
{
    return hexmcp_fail(p->err, HEXMCP_E_INVALID,
                       "the filter cannot be read at character %zu (\"%.40s\"): %s; write conditions like "
                       "price > 10 and name contains 'tea'",
                       (size_t)(p->at - p->begin) + 1, p->at, wanted);
}

static void skip_spaces(struct parse *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool ends_word(char c)
{
    return c == '\0' || strchr(" \t\r\n()=!<>\"'[]", c) != NULL;
}

static size_t word_length(const char *at)
{
    size_t len = 0;
    while (!ends_word(at[len]))
        len++;
    return len;
}

/* Takes the word if it is next, in any case. */
static bool take_word(struct parse *p, const char *word)
{
    size_t len = strlen(word);
    skip_spaces(p);
    if (word_length(p->at) != len || strncasecmp(p->at, word, len) != 0)
        return false;
    p->at += len;
    return true;
}

static int32_t add(struct parse *p, struct filter_node node, size_t *place)
{
    if (p->filter->count == FILTER_NODES_MOST)
        return hexmcp_fail(p->err, HEXMCP_E_TOO_LARGE,
                           "the filter has more than %d conditions; make it shorter", FILTER_NODES_MOST);
    *place = p->filter->count;
    p->filter->nodes[p->filter->count++] = node;
    return HEXMCP_OK;
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* Up to the closing sign; `text` is what stands between. */
static bool take_between(struct parse *p, char closes, hexmcp_str *text)
{
    const char *end = strchr(p->at + 1, closes);
    if (!end)
        return false;
    *text = (hexmcp_str){p->at + 1, (size_t)(end - p->at) - 1};
    p->at = end + 1;
    return true;
}

static int32_t take_column(struct parse *p, size_t *column)
{
    hexmcp_str name;
    skip_spaces(p);
    const char *begin = p->at;
    if (*p->at == '[' || *p->at == '"') {
        if (!take_between(p, *p->at == '[' ? ']' : '"', &name))
            return fail(p, "a closing ] or \" is missing");
    } else {
        name = (hexmcp_str){p->at, word_length(p->at)};
        p->at += name.len;
    }
    for (size_t i = 0; i < p->name_count; i++)
        if (name.len > 0 && p->names[i].len == name.len &&
            memcmp(p->names[i].ptr, name.ptr, name.len) == 0) {
            *column = i;
            return HEXMCP_OK;
        }
    p->at = begin;
    return fail(p, "there should be the name of a column, in [ ] if it holds spaces; see the columns of operation analyze");
}

static int32_t take_operator(struct parse *p, size_t *operator)
{
    skip_spaces(p);
    for (size_t i = 0; operators[i]; i++) {
        size_t len = strlen(operators[i]);
        if (strncmp(p->at, operators[i], len) == 0 && (i < CONTAINS || ends_word(p->at[len]))) {
            p->at += len;
            *operator = i;
            return HEXMCP_OK;
        }
    }
    return fail(p, "there should be one of == != > < >= <= contains starts_with ends_with");
}

static int32_t take_value(struct parse *p, struct filter_node *node)
{
    skip_spaces(p);
    if (*p->at == '\'' || *p->at == '"') {
        if (!take_between(p, *p->at, &node->value))
            return fail(p, "a closing quote is missing");
    } else {
        node->value = (hexmcp_str){p->at, word_length(p->at)};
        if (node->value.len == 0)
            return fail(p, "there should be a number, a word or a text in quotes");
        p->at += node->value.len;
    }
    node->is_number = value_number(node->value, &node->number);
    return HEXMCP_OK;
}

static int32_t condition(struct parse *p, size_t *place)
{
    struct filter_node node = {.kind = FILTER_TEST};
    int32_t status = take_column(p, &node.column);
    if (status == HEXMCP_OK)
        status = take_operator(p, &node.operator);
    if (status == HEXMCP_OK)
        status = take_value(p, &node);
    return status == HEXMCP_OK ? add(p, node, place) : status;
}

/* ---- and, or, not --------------------------------------------------------------------------- */

static int32_t one_of(struct parse *p, size_t *place)
{
    int32_t status;
    if (p->depth == DEPTH_MOST)
        return fail(p, "it is nested too deep");
    p->depth++;
    if (take_word(p, "not")) {
        struct filter_node node = {.kind = FILTER_NOT};
        status = one_of(p, &node.left);
        if (status == HEXMCP_OK)
            status = add(p, node, place);
    } else if (*p->at == '(') {
        p->at++;
        status = any_of(p, place);
        skip_spaces(p);
        if (status == HEXMCP_OK && *p->at != ')')
            status = fail(p, "a closing ) is missing");
        else if (status == HEXMCP_OK)
            p->at++;
    } else {
        status = condition(p, place);
    }
    p->depth--;
    return status;
}

static int32_t all_of(struct parse *p, size_t *place)
{
    int32_t status = one_of(p, place);
    while (status == HEXMCP_OK && take_word(p, "and")) {
        struct filter_node node = {.kind = FILTER_AND, .left = *place};
        status = one_of(p, &node.right);
        if (status == HEXMCP_OK)
            status = add(p, node, place);
    }
    return status;
}

static int32_t any_of(struct parse *p, size_t *place)
{
    int32_t status = all_of(p, place);
    while (status == HEXMCP_OK && take_word(p, "or")) {
        struct filter_node node = {.kind = FILTER_OR, .left = *place};
        status = all_of(p, &node.right);
        if (status == HEXMCP_OK)
            status = add(p, node, place);
    }
    return status;
}

int32_t filter_parse(const char *text, const hexmcp_str *names, size_t name_count, struct filter *filter,
                     hexmcp_error *err)
{
    struct parse p = {text, text, names, name_count, filter, err, 0};
    filter->count = 0;
    int32_t status = any_of(&p, &filter->root);
    skip_spaces(&p);
    if (status == HEXMCP_OK && *p.at != '\0')
        return fail(&p, "there should be and, or, or the end");
    return status;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int compare(const struct filter_node *node, hexmcp_str field)
{
    double number;
    if (node->is_number && value_number(field, &number))
        return (number > node->number) - (number < node->number);
    size_t len = field.len < node->value.len ? field.len : node->value.len;
    int order = memcmp(field.ptr, node->value.ptr, len);
    return order ? order : (field.len > node->value.len) - (field.len < node->value.len);
}

static bool test(const struct filter_node *node, hexmcp_str field)
{
    hexmcp_str value = node->value;
    switch (node->operator) {
    case CONTAINS: return memmem(field.ptr, field.len, value.ptr, value.len) != NULL;
    case STARTS: return field.len >= value.len && memcmp(field.ptr, value.ptr, value.len) == 0;
    case ENDS:
        return field.len >= value.len &&
               memcmp(field.ptr + field.len - value.len, value.ptr, value.len) == 0;
    case EQUAL: return compare(node, field) == 0;
    case UNEQUAL: return compare(node, field) != 0;
    case AT_LEAST: return compare(node, field) >= 0;
    case AT_MOST: return compare(node, field) <= 0;
    case ABOVE: return compare(node, field) > 0;
    default: return compare(node, field) < 0;
    }
}

/* As deep as chains of and are long: at most FILTER_NODES_MOST. */
static bool takes(const struct filter *f, size_t place, const hexmcp_str *fields, size_t count)
{
    const struct filter_node *node = &f->nodes[place];
    switch (node->kind) {
    case FILTER_NOT: return !takes(f, node->left, fields, count);
    case FILTER_AND: return takes(f, node->left, fields, count) && takes(f, node->right, fields, count);
    case FILTER_OR: return takes(f, node->left, fields, count) || takes(f, node->right, fields, count);
    default:
        return test(node, node->column < count ? fields[node->column] : (hexmcp_str){"", 0});
    }
}

bool filter_takes(const struct filter *filter, const hexmcp_str *fields, size_t count)
{
    return takes(filter, filter->root, fields, count);
}
