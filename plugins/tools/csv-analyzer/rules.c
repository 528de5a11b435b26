/*
 * SPDX-License-Identifier: MIT
 */
#include "rules.h"

/* ---- reading -------------------------------------------------------------------------------- */

static int32_t fail_rule(const char *key, const char *column, const char *wanted, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID, "options.rules: %s of the column \"%.100s\" is not %s", key,
                       column, wanted);
}

static int32_t read_number(hexmcp_str value, const char *key, const char *column, bool *has, double *out,
                           hexmcp_error *err)
{
    if (hexmcp_json_double(value, out) != HEXMCP_OK)
        return fail_rule(key, column, "a number", err);
    *has = true;
    return HEXMCP_OK;
}

static int32_t read_length(hexmcp_str value, const char *key, const char *column, bool *has,
                           uint64_t *out, hexmcp_error *err)
{
    int64_t number;
    if (hexmcp_json_int64(value, &number) != HEXMCP_OK || number < 0)
        return fail_rule(key, column, "a whole number from 0 on", err);
    *has = true;
    *out = (uint64_t)number;
    return HEXMCP_OK;
}

static int32_t read_bool(hexmcp_str value, const char *key, const char *column, bool *out,
                         hexmcp_error *err)
{
    int yes;
    if (hexmcp_json_bool(value, &yes) != HEXMCP_OK)
        return fail_rule(key, column, "true or false", err);
    *out = yes;
    return HEXMCP_OK;
}

static int32_t read_type(hexmcp_str value, const char *column, struct rule *rule, hexmcp_error *err)
{
    for (size_t i = VALUE_BOOLEAN; value_names[i]; i++)
        if (hexmcp_json_equals(value, value_names[i])) {
            rule->has_type = true;
            rule->type = (enum value_type)i;
            return HEXMCP_OK;
        }
    return fail_rule("type", column, "one of boolean, integer, number, date, datetime, string", err);
}

static int32_t read_member(struct rule *rule, hexmcp_str key, hexmcp_str value, const char *column,
                           hexmcp_error *err)
{
    if (hexmcp_json_equals(key, "required"))
        return read_bool(value, "required", column, &rule->required, err);
    if (hexmcp_json_equals(key, "unique"))
        return read_bool(value, "unique", column, &rule->unique, err);
    if (hexmcp_json_equals(key, "type"))
        return read_type(value, column, rule, err);
    if (hexmcp_json_equals(key, "min"))
        return read_number(value, "min", column, &rule->has_min, &rule->min, err);
    if (hexmcp_json_equals(key, "max"))
        return read_number(value, "max", column, &rule->has_max, &rule->max, err);
    if (hexmcp_json_equals(key, "min_length"))
        return read_length(value, "min_length", column, &rule->has_shortest, &rule->shortest, err);
    if (hexmcp_json_equals(key, "max_length"))
        return read_length(value, "max_length", column, &rule->has_longest, &rule->longest, err);
    if (hexmcp_json_equals(key, "enum") && hexmcp_json_type(value) == HEXMCP_JSON_ARRAY) {
        rule->values = value;
        return HEXMCP_OK;
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "options.rules: the rule %.*s of the column \"%.100s\" is unknown; there are type, "
                       "required, unique, min, max, min_length, max_length and enum (an array)",
                       (int)(key.len < 60 ? key.len : 60), key.ptr, column);
}

static int32_t read_rule(const struct table *t, hexmcp_str column, hexmcp_str object, struct rule *rule,
                         hexmcp_error *err)
{
    char *name = NULL;
    size_t len = 0;
    hexmcp_str key, value;
    int32_t status = hexmcp_json_string_dup(column, &name, &len);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, status, "options.rules has a name that cannot be read");
    rule->column = table_column(t, name, len);
    if (rule->column == SIZE_MAX || hexmcp_json_type(object) != HEXMCP_JSON_OBJECT)
        status = hexmcp_fail(err, HEXMCP_E_INVALID,
                             "options.rules: \"%.100s\" is no column, or its rules are no object; give "
                             "{\"column\": {\"type\": \"integer\", \"required\": true}}",
                             name);
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        status = read_member(rule, key, value, name, err);
    free(name);
    return status;
}

int32_t rules_read(const struct table *t, hexmcp_str json, struct rules *rules, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    *rules = (struct rules){calloc(RULES_MOST, sizeof(struct rule)), 0};
    if (!rules->list)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the rules; try again");
    while (status == HEXMCP_OK && json.len > 0 && hexmcp_json_next(&it, &key, &value)) {
        if (rules->count == RULES_MOST)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "options.rules has more than %d columns",
                               RULES_MOST);
        status = read_rule(t, key, value, &rules->list[rules->count++], err);
    }
    return status;
}

void rules_free(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        column_free(&rules->list[i].seen);
    free(rules->list);
}

/* ---- checking ------------------------------------------------------------------------------- */

#define SHOWN_TEXT(text) (int)((text).len < 60 ? (text).len : 60), (text).ptr

static bool in_values(hexmcp_str values, hexmcp_str text)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(values);
    hexmcp_str each;
    bool found = false;
    while (!found && hexmcp_json_next(&it, NULL, &each)) {
        char *value = NULL;
        size_t len = 0;
        if (hexmcp_json_type(each) != HEXMCP_JSON_STRING)
            found = each.len == text.len && memcmp(each.ptr, text.ptr, text.len) == 0;
        else if (hexmcp_json_string_dup(each, &value, &len) == HEXMCP_OK)
            found = len == text.len && memcmp(value, text.ptr, len) == 0;
        free(value);
    }
    return found;
}

static void check_value(const struct rule *rule, uint64_t line, hexmcp_str name, hexmcp_str text,
                        struct problems *problems)
{
    enum value_type type = value_type_of(text);
    double number;
    bool numeric = value_number(text, &number);
    if (rule->has_type && rule->type != VALUE_TEXT && value_join(type, rule->type) != rule->type)
        problems_add(problems, line, name, "type", "\"%.*s\" is no %s", SHOWN_TEXT(text),
                     value_names[rule->type]);
    if (rule->has_min && !(numeric && number >= rule->min))
        problems_add(problems, line, name, "min", "\"%.*s\" is not a number from %.15g on",
                     SHOWN_TEXT(text), rule->min);
    if (rule->has_max && !(numeric && number <= rule->max))
        problems_add(problems, line, name, "max", "\"%.*s\" is not a number up to %.15g",
                     SHOWN_TEXT(text), rule->max);
    if (rule->values.len > 0 && !in_values(rule->values, text))
        problems_add(problems, line, name, "enum", "\"%.*s\" is none of the values", SHOWN_TEXT(text));
}

static void check_length(const struct rule *rule, uint64_t line, hexmcp_str name, hexmcp_str text,
                         struct problems *problems)
{
    uint64_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        len += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    if (rule->has_shortest && len < rule->shortest)
        problems_add(problems, line, name, "min_length", "it has %llu characters, not %llu or more",
                     (unsigned long long)len, (unsigned long long)rule->shortest);
    if (rule->has_longest && len > rule->longest)
        problems_add(problems, line, name, "max_length", "it has %llu characters, not %llu or less",
                     (unsigned long long)len, (unsigned long long)rule->longest);
}

static int32_t check_unique(struct rule *rule, uint64_t line, hexmcp_str name, hexmcp_str text,
                            struct problems *problems, hexmcp_error *err)
{
    size_t before = rule->seen.unique;
    if (before == RULES_UNIQUE_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the column \"%.*s\" has more than %d different values, too many to check "
                           "unique; leave that rule out",
                           SHOWN_TEXT(name), RULES_UNIQUE_MOST);
    if (!column_add(&rule->seen, text))
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the rule unique; leave it out");
    if (rule->seen.unique == before)
        problems_add(problems, line, name, "unique", "\"%.*s\" was there before", SHOWN_TEXT(text));
    return HEXMCP_OK;
}

int32_t rules_check(struct rules *rules, const struct table *t, const struct row *row,
                    struct problems *problems, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < rules->count && status == HEXMCP_OK; i++) {
        struct rule *rule = &rules->list[i];
        hexmcp_str name = t->names[rule->column];
        hexmcp_str text = rule->column < row->count ? row->fields[rule->column] : (hexmcp_str){"", 0};
        if (text.len == 0) {
            if (rule->required)
                problems_add(problems, row->line, name, "required", "there is no value");
            continue;
        }
        check_value(rule, row->line, name, text, problems);
        check_length(rule, row->line, name, text, problems);
        if (rule->unique)
            status = check_unique(rule, row->line, name, text, problems, err);
    }
    return status;
}
