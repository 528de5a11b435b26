/*
 * SPDX-License-Identifier: MIT
 */
#include "rules.h"
#include "address.h"
#include "dates.h"
#include "pointer.h"
#include "value.h"

struct reader {
    struct pointer place;
    size_t count;
    unsigned depth;
    hexmcp_error *err;
};

typedef int32_t read_fn(struct reader *r, hexmcp_str json, struct rule *rule);

static int32_t read_list(struct reader *r, hexmcp_str json, struct rule **rules);

static hexmcp_str member(hexmcp_str object, const char *key)
{
    hexmcp_str value;
    return hexmcp_json_get(object, key, &value) == HEXMCP_OK ? value : (hexmcp_str){NULL, 0};
}

__attribute__((format(printf, 2, 3))) static int32_t wrong(struct reader *r, const char *format, ...)
{
    char why[300];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "rules%.150s: %s", r->place.text, why);
}

static int32_t no_memory(struct reader *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the rules; try again");
}

/* A text of at most `cap` - 1 bytes; empty if it is not there. */
static int32_t read_word(struct reader *r, hexmcp_str json, const char *key, char *word, size_t cap)
{
    hexmcp_str value = member(json, key);
    word[0] = '\0';
    if (value.len == 0)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, word, cap, NULL) != HEXMCP_OK)
        return wrong(r, "%s is not a text of less than %zu bytes", key, cap);
    return HEXMCP_OK;
}

static int32_t read_flag(struct reader *r, hexmcp_str json, const char *key, int fallback, int *flag)
{
    hexmcp_str value = member(json, key);
    *flag = fallback;
    if (value.len == 0 || hexmcp_json_bool(value, flag) == HEXMCP_OK)
        return HEXMCP_OK;
    return wrong(r, "%s must be true or false", key);
}

static int32_t read_nothing(struct reader *r, hexmcp_str json, struct rule *rule)
{
    (void)r;
    (void)json;
    (void)rule;
    return HEXMCP_OK;
}

static int32_t read_type(struct reader *r, hexmcp_str json, struct rule *rule)
{
    static const char *const names[] = {"string", "number", "integer", "boolean",
                                        "array",  "object", "null"};
    int32_t status = read_word(r, json, "expected", rule->expected, sizeof(rule->expected));
    for (size_t i = 0; status == HEXMCP_OK && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], rule->expected) == 0)
            return HEXMCP_OK;
    }
    return status != HEXMCP_OK ? status
                               : wrong(r, "expected must be string, number, integer, boolean, "
                                          "array, object or null");
}

/* The two bounds, of which at least one is there if `needed`. */
static int32_t read_bounds(struct reader *r, hexmcp_str json, const char *min, const char *max,
                           int whole, int needed, struct rule *rule)
{
    hexmcp_str bounds[2] = {member(json, min), member(json, max)};
    for (int i = 0; i < 2; i++) {
        int64_t number = 0;
        if (bounds[i].len == 0)
            continue;
        if (hexmcp_json_type(bounds[i]) != HEXMCP_JSON_NUMBER)
            return wrong(r, "%s must be a number", i ? max : min);
        if (whole && (hexmcp_json_int64(bounds[i], &number) != HEXMCP_OK || number < 0))
            return wrong(r, "%s must be a whole number, 0 or more", i ? max : min);
    }
    if (needed && bounds[0].len == 0 && bounds[1].len == 0)
        return wrong(r, "give %s, %s or both", min, max);
    if (bounds[0].len && bounds[1].len && value_compare(bounds[0], bounds[1]) > 0)
        return wrong(r, "%s is above %s", min, max);
    rule->min = bounds[0];
    rule->max = bounds[1];
    return HEXMCP_OK;
}

static int32_t read_length(struct reader *r, hexmcp_str json, struct rule *rule)
{
    return read_bounds(r, json, "min", "max", 1, 1, rule);
}

static int32_t read_range(struct reader *r, hexmcp_str json, struct rule *rule)
{
    return read_bounds(r, json, "min", "max", 0, 1, rule);
}

static int32_t read_pattern(struct reader *r, hexmcp_str json, struct rule *rule)
{
    char *text;
    size_t len;
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str value = member(json, "regex");
    if (hexmcp_json_type(value) != HEXMCP_JSON_STRING)
        return wrong(r, "regex must be a string: a regular expression");
    if (hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK)
        return no_memory(r);
    int32_t status = pattern_new((hexmcp_str){text, len}, &rule->pattern, &err);
    free(text);
    if (status != HEXMCP_OK) {
        wrong(r, "%s", err.text);
        if (r->err)
            r->err->code = status;
    }
    return status;
}

static int32_t read_enum(struct reader *r, hexmcp_str json, struct rule *rule)
{
    rule->values = member(json, "values");
    if (hexmcp_json_type(rule->values) != HEXMCP_JSON_ARRAY || value_length(rule->values) == 0)
        return wrong(r, "values must be an array with the allowed values");
    return HEXMCP_OK;
}

static int32_t read_date(struct reader *r, hexmcp_str json, struct rule *rule)
{
    char word[128];
    int32_t status = read_word(r, json, "format", word, sizeof(word));
    if (status != HEXMCP_OK)
        return status;
    rule->format = strdup(member(json, "format").len ? word : DATES_FORMAT_DEFAULT);
    if (!rule->format)
        return no_memory(r);
    const char *fault = dates_format_fault(rule->format);
    return fault ? wrong(r, "format %s", fault) : HEXMCP_OK;
}

static int32_t read_custom(struct reader *r, hexmcp_str json, struct rule *rule)
{
    static const struct {
        const char *name;
        text_check *check;
    } checks[] = {{"phone", text_phone}, {"credit_card", text_credit_card}, {"uuid", text_uuid}};
    char word[32];
    int32_t status = read_word(r, json, "name", word, sizeof(word));
    for (size_t i = 0; status == HEXMCP_OK && i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (strcmp(checks[i].name, word) == 0) {
            rule->custom = checks[i].check;
            return HEXMCP_OK;
        }
    }
    return status != HEXMCP_OK ? status : wrong(r, "name must be phone, credit_card or uuid");
}

static int32_t read_array(struct reader *r, hexmcp_str json, struct rule *rule)
{
    hexmcp_str items = member(json, "item_rules");
    int32_t status = read_bounds(r, json, "min_items", "max_items", 1, 0, rule);
    if (status == HEXMCP_OK)
        status = read_flag(r, json, "unique", 0, &rule->unique);
    if (status == HEXMCP_OK && items.len) {
        size_t before = pointer_push_name(&r->place, "item_rules");
        status = read_list(r, items, &rule->item_rules);
        pointer_pop(&r->place, before);
    }
    return status;
}

static int32_t read_property(struct reader *r, hexmcp_str key, hexmcp_str json, struct rule *rule)
{
    struct property *property = calloc(1, sizeof(*property));
    if (!property)
        return no_memory(r);
    property->next = rule->properties;
    property->key = key;
    rule->properties = property;
    size_t before = pointer_push_key(&r->place, key);
    int32_t status = read_list(r, json, &property->rules);
    pointer_pop(&r->place, before);
    return status;
}

static int32_t read_properties(struct reader *r, hexmcp_str json, struct rule *rule)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    if (json.len == 0)
        return HEXMCP_OK;
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        return wrong(r, "properties must be an object: names with arrays of rules");
    size_t before = pointer_push_name(&r->place, "properties");
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        status = read_property(r, key, value, rule);
    pointer_pop(&r->place, before);
    return status;
}

/* They were put in front of each other. */
static void turn_properties(struct rule *rule)
{
    struct property *turned = NULL;
    for (struct property *p = rule->properties, *next; p; p = next) {
        next = p->next;
        p->next = turned;
        turned = p;
    }
    rule->properties = turned;
}

static int32_t read_object(struct reader *r, hexmcp_str json, struct rule *rule)
{
    hexmcp_str name;
    rule->required = member(json, "required");
    hexmcp_json_iter it = hexmcp_json_iter_begin(rule->required);
    int strings = rule->required.len == 0 ||
                  hexmcp_json_type(rule->required) == HEXMCP_JSON_ARRAY;
    while (strings && hexmcp_json_next(&it, NULL, &name))
        strings = hexmcp_json_type(name) == HEXMCP_JSON_STRING;
    if (!strings)
        return wrong(r, "required must be an array of names");
    int32_t status = read_flag(r, json, "additional_properties", 1, &rule->additional);
    if (status == HEXMCP_OK)
        status = read_properties(r, member(json, "properties"), rule);
    turn_properties(rule);
    return status;
}

/* In the order of enum rule_kind. */
static const struct {
    const char *name;
    read_fn *read;
    const char *keys[5];
} kinds[] = {
    {"required", read_nothing, {NULL}},
    {"type", read_type, {"expected"}},
    {"length", read_length, {"min", "max"}},
    {"range", read_range, {"min", "max"}},
    {"pattern", read_pattern, {"regex"}},
    {"enum", read_enum, {"values"}},
    {"email", read_nothing, {NULL}},
    {"url", read_nothing, {NULL}},
    {"date", read_date, {"format"}},
    {"custom", read_custom, {"name"}},
    {"array", read_array, {"min_items", "max_items", "unique", "item_rules"}},
    {"object", read_object, {"properties", "required", "additional_properties"}},
};

const char *rule_name(enum rule_kind kind)
{
    return kinds[kind].name;
}

/* A key that means nothing would be a rule that is silently not applied. */
static int32_t check_keys(struct reader *r, hexmcp_str json, const struct rule *rule)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key;
    while (hexmcp_json_next(&it, &key, NULL)) {
        int known = hexmcp_json_equals(key, "rule");
        for (size_t i = 0; !known && i < 5 && kinds[rule->kind].keys[i]; i++)
            known = hexmcp_json_equals(key, kinds[rule->kind].keys[i]);
        if (!known)
            return wrong(r, "%.*s is unknown to the rule %s", (int)(key.len > 60 ? 60 : key.len),
                         key.ptr, rule_name(rule->kind));
    }
    return HEXMCP_OK;
}

static int32_t read_rule(struct reader *r, hexmcp_str json, struct rule *rule)
{
    char word[16];
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        return wrong(r, "a rule must be an object such as {\"rule\": \"required\"}");
    int32_t status = read_word(r, json, "rule", word, sizeof(word));
    for (size_t i = 0; status == HEXMCP_OK && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, word) != 0)
            continue;
        rule->kind = (enum rule_kind)i;
        status = check_keys(r, json, rule);
        return status == HEXMCP_OK ? kinds[i].read(r, json, rule) : status;
    }
    return status != HEXMCP_OK ? status
                               : wrong(r, "rule must be required, type, length, range, pattern, "
                                          "enum, email, url, date, custom, array or object");
}

static int32_t read_rules(struct reader *r, hexmcp_str json, struct rule **rules)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &value); i++) {
        struct rule *rule = calloc(1, sizeof(*rule));
        if (!rule)
            return no_memory(r);
        *rules = rule;
        rules = &rule->next;
        if (++r->count > RULES_MAX)
            return wrong(r, "there are more than %d rules", RULES_MAX);
        size_t before = pointer_push_index(&r->place, i);
        status = read_rule(r, value, rule);
        pointer_pop(&r->place, before);
    }
    return status;
}

static int32_t read_list(struct reader *r, hexmcp_str json, struct rule **rules)
{
    if (hexmcp_json_type(json) != HEXMCP_JSON_ARRAY)
        return wrong(r, "there must be an array of rules");
    if (r->depth == RULES_DEPTH_MAX)
        return wrong(r, "rules are nested deeper than %d", RULES_DEPTH_MAX);
    r->depth++;
    int32_t status = read_rules(r, json, rules);
    r->depth--;
    return status;
}

int32_t rules_read(hexmcp_str json, struct rule **rules, hexmcp_error *err)
{
    struct reader r = {.err = err};
    struct rule *fresh = NULL;
    if (json.len > RULES_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "rules has %zu bytes, but at most 1048576 (1 MiB) are taken", json.len);
    if (pointer_init(&r.place) != HEXMCP_OK)
        return no_memory(&r);
    int32_t status = read_list(&r, json, &fresh);
    if (status == HEXMCP_OK && r.place.failed)
        status = no_memory(&r);
    pointer_clear(&r.place);
    if (status == HEXMCP_OK)
        *rules = fresh;
    else
        rules_free(fresh);
    return status;
}

static void rule_free(struct rule *rule)
{
    for (struct property *p = rule->properties, *next; p; p = next) {
        next = p->next;
        rules_free(p->rules);
        free(p);
    }
    rules_free(rule->item_rules);
    pattern_free(rule->pattern);
    free(rule->format);
    free(rule);
}

void rules_free(struct rule *rules)
{
    for (struct rule *next; rules; rules = next) {
        next = rules->next;
        rule_free(rules);
    }
}
