#include "core/policy/operation_rule.h"

#include "core/base/path.h"
#include "core/base/str.h"
#include "core/uri/characters.h"

static const struct str star = STR_INIT("*");

/* The length of the part at the beginning; 0 if there is none. */
static size_t part_of(struct str text)
{
    size_t len = 0;
    while (len < text.len && (uri_is_letter(text.ptr[len]) || uri_is_digit(text.ptr[len]) ||
                              uri_is_one_of(text.ptr[len], "_-")))
        len++;
    return len;
}

static bool is_rule(struct str rule)
{
    size_t parts = 0;
    if (rule.len > OPERATION_RULE_MAX)
        return false;
    while (parts == 0 || !str_eq(rule, star)) {
        size_t len = part_of(rule);
        parts++;
        if (!len)
            return false;
        if (len == rule.len)
            return parts > 1;
        if (rule.ptr[len] != '.')
            return false;
        rule = (struct str){rule.ptr + len + 1, rule.len - len - 1};
    }
    return true;
}

bool operation_rule_valid(struct str rule, struct error *err)
{
    struct str shown = path_shown(rule);
    if (str_eq(rule, star) || is_rule(rule))
        return true;
    error_set(err, ST_INVALID,
              "\"%.*s\" names no operations: write one, such as \"session.create\", or all of a "
              "domain, \"session.*\"",
              STR_ARG(shown));
    return false;
}

bool operation_rule_covers(struct str rule, struct str other)
{
    if (str_eq(rule, other) || str_eq(rule, star))
        return true;
    return rule.len > 2 && rule.ptr[rule.len - 1] == '*' && other.len >= rule.len &&
           str_starts(other, (struct str){rule.ptr, rule.len - 1});
}
