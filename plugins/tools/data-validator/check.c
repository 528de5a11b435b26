/*
 * SPDX-License-Identifier: MIT
 */
#include "check.h"
#include "address.h"
#include "dates.h"
#include "pointer.h"
#include "value.h"

struct check {
    struct report *report;
    struct pointer field;
    struct budget budget;
    int fail_fast;
    int done;
    int32_t status;
    hexmcp_error *err;
};

typedef void check_fn(struct check *c, const struct rule *rule, hexmcp_str value);

static void check_rules(struct check *c, const struct rule *rules, hexmcp_str value);

static void stop(struct check *c, int32_t status)
{
    c->status = status;
    c->done = 1;
}

static void out_of_time(struct check *c)
{
    stop(c, hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE,
                        "the check was stopped after %d s of processor time; give a smaller input, "
                        "fewer rules or simpler patterns",
                        BUDGET_SECONDS));
}

static void no_memory(struct check *c)
{
    stop(c, hexmcp_fail(c->err, HEXMCP_E_NOMEM, "out of memory for the check; try again"));
}

__attribute__((format(printf, 4, 5))) static void
add(struct check *c, const struct rule *rule, hexmcp_str value, const char *format, ...)
{
    char message[480];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    const struct report_error error = {
        .field = c->field.text, .rule = rule_name(rule->kind), .message = message, .value = value};
    if (!report_add(c->report, &error) || c->fail_fast)
        c->done = 1;
}

static int is_type(struct check *c, const struct rule *rule, hexmcp_str value, int type,
                   const char *article)
{
    if (hexmcp_json_type(value) == type)
        return 1;
    add(c, rule, value, "must be %s, is %s", article, value_article(value));
    return 0;
}

/* The decoded text of a string, to be freed; NULL if it is none or memory is short. */
static char *text_of(struct check *c, const struct rule *rule, hexmcp_str value, hexmcp_str *text)
{
    char *memory;
    size_t len;
    if (!is_type(c, rule, value, HEXMCP_JSON_STRING, "a string"))
        return NULL;
    if (hexmcp_json_string_dup(value, &memory, &len) != HEXMCP_OK) {
        no_memory(c);
        return NULL;
    }
    *text = (hexmcp_str){memory, len};
    return memory;
}

static void check_type(struct check *c, const struct rule *rule, hexmcp_str value)
{
    const char *article = strchr("aio", rule->expected[0]) ? "an"
                          : strcmp(rule->expected, "null") == 0 ? ""
                                                                : "a";
    if (!value_is(value, rule->expected))
        add(c, rule, value, "must be %s%s%s, is %s", article, *article ? " " : "", rule->expected,
            strcmp(rule->expected, "integer") == 0 &&
                    hexmcp_json_type(value) == HEXMCP_JSON_NUMBER
                ? "a fraction"
                : value_article(value));
}

static int below(size_t count, hexmcp_str bound)
{
    int64_t number;
    return bound.len && hexmcp_json_int64(bound, &number) == HEXMCP_OK && (int64_t)count < number;
}

static int above(size_t count, hexmcp_str bound)
{
    int64_t number;
    return bound.len && hexmcp_json_int64(bound, &number) == HEXMCP_OK && (int64_t)count > number;
}

static void check_count(struct check *c, const struct rule *rule, hexmcp_str value,
                        const char *what)
{
    size_t count = value_length(value);
    if (below(count, rule->min))
        add(c, rule, value, "must have at least %.*s %s, has %zu", (int)rule->min.len,
            rule->min.ptr, what, count);
    else if (above(count, rule->max))
        add(c, rule, value, "must have at most %.*s %s, has %zu", (int)rule->max.len,
            rule->max.ptr, what, count);
}

static void check_length(struct check *c, const struct rule *rule, hexmcp_str value)
{
    int type = hexmcp_json_type(value);
    if (type == HEXMCP_JSON_STRING)
        check_count(c, rule, value, "characters");
    else if (type == HEXMCP_JSON_ARRAY)
        check_count(c, rule, value, "items");
    else if (type == HEXMCP_JSON_OBJECT)
        check_count(c, rule, value, "properties");
    else
        add(c, rule, value, "must be a string, an array or an object to have a length, is %s",
            value_article(value));
}

static void check_range(struct check *c, const struct rule *rule, hexmcp_str value)
{
    if (!is_type(c, rule, value, HEXMCP_JSON_NUMBER, "a number"))
        return;
    int shown = value.len < 40 ? (int)value.len : 40;
    if (rule->min.len && value_compare(value, rule->min) < 0)
        add(c, rule, value, "must be at least %.*s, is %.*s", (int)rule->min.len, rule->min.ptr,
            shown, value.ptr);
    else if (rule->max.len && value_compare(value, rule->max) > 0)
        add(c, rule, value, "must be at most %.*s, is %.*s", (int)rule->max.len, rule->max.ptr,
            shown, value.ptr);
}

static void check_pattern(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_str text;
    hexmcp_error err = {.size = sizeof(err)};
    char *memory = text_of(c, rule, value, &text);
    if (!memory)
        return;
    int found = pattern_search(rule->pattern, text, &c->budget, &err);
    free(memory);
    if (found == 0)
        add(c, rule, value, "must match the regex of the rule");
    if (found < 0 && c->budget.spent)
        out_of_time(c);
    else if (found < 0)
        stop(c, hexmcp_fail(c->err, found, "input%.150s: %s", c->field.text, err.text));
}

static void check_enum(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(rule->values);
    hexmcp_str allowed;
    while (hexmcp_json_next(&it, NULL, &allowed)) {
        if (value_equal(value, allowed, &c->budget))
            return;
    }
    if (rule->values.len <= 300)
        add(c, rule, value, "must be one of %.*s", (int)rule->values.len, rule->values.ptr);
    else
        add(c, rule, value, "must be one of the values of the rule");
}

static void check_text(struct check *c, const struct rule *rule, hexmcp_str value,
                       text_check *function)
{
    hexmcp_str text;
    char *memory = text_of(c, rule, value, &text);
    const char *wrong = memory ? function(text) : NULL;
    if (wrong)
        add(c, rule, value, "%s", wrong);
    free(memory);
}

static void check_email(struct check *c, const struct rule *rule, hexmcp_str value)
{
    check_text(c, rule, value, address_email);
}

static void check_url(struct check *c, const struct rule *rule, hexmcp_str value)
{
    check_text(c, rule, value, address_url);
}

static void check_custom(struct check *c, const struct rule *rule, hexmcp_str value)
{
    check_text(c, rule, value, rule->custom);
}

static void check_date(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_str text;
    char *memory = text_of(c, rule, value, &text);
    if (memory && !dates_match(rule->format, text))
        add(c, rule, value, "must be a date that exists, in the format %s", rule->format);
    free(memory);
}

static void check_unique(struct check *c, const struct rule *rule, hexmcp_str value)
{
    size_t first, second;
    int found = value_repeats(value, &c->budget, &first, &second);
    if (found < 0)
        no_memory(c);
    if (found > 0)
        add(c, rule, value, "must have no equal items, but items %zu and %zu are", first, second);
}

static void check_array(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str item;
    if (!is_type(c, rule, value, HEXMCP_JSON_ARRAY, "an array"))
        return;
    check_count(c, rule, value, "items");
    if (rule->unique && !c->done)
        check_unique(c, rule, value);
    for (size_t i = 0; rule->item_rules && !c->done && hexmcp_json_next(&it, NULL, &item); i++) {
        size_t before = pointer_push_index(&c->field, i);
        check_rules(c, rule->item_rules, item);
        pointer_pop(&c->field, before);
    }
}

/* The member whose key is the raw string `key`; empty if there is none. */
static hexmcp_str find_member(struct check *c, hexmcp_str object, hexmcp_str key)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str name, value;
    while (hexmcp_json_next(&it, &name, &value)) {
        if (value_equal(name, key, &c->budget))
            return value;
    }
    return (hexmcp_str){NULL, 0};
}

static int is_described(struct check *c, const struct rule *rule, hexmcp_str key)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(rule->required);
    hexmcp_str name;
    for (const struct property *p = rule->properties; p; p = p->next) {
        if (value_equal(p->key, key, &c->budget))
            return 1;
    }
    while (hexmcp_json_next(&it, NULL, &name)) {
        if (value_equal(name, key, &c->budget))
            return 1;
    }
    return 0;
}

static void check_required(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(rule->required);
    hexmcp_str name;
    while (!c->done && !c->budget.spent && hexmcp_json_next(&it, NULL, &name)) {
        size_t before = pointer_push_key(&c->field, name);
        if (find_member(c, value, name).len == 0)
            add(c, rule, (hexmcp_str){NULL, 0}, "is required, but missing");
        pointer_pop(&c->field, before);
    }
}

static void check_additional(struct check *c, const struct rule *rule, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str key, member;
    while (!c->done && !c->budget.spent && hexmcp_json_next(&it, &key, &member)) {
        size_t before = pointer_push_key(&c->field, key);
        if (!is_described(c, rule, key))
            add(c, rule, member, "is not among the properties of the rule, and others are not "
                                 "allowed");
        pointer_pop(&c->field, before);
    }
}

static void check_object(struct check *c, const struct rule *rule, hexmcp_str value)
{
    if (!is_type(c, rule, value, HEXMCP_JSON_OBJECT, "an object"))
        return;
    check_required(c, rule, value);
    for (const struct property *p = rule->properties; p && !c->done; p = p->next) {
        size_t before = pointer_push_key(&c->field, p->key);
        check_rules(c, p->rules, find_member(c, value, p->key));
        pointer_pop(&c->field, before);
    }
    if (!rule->additional)
        check_additional(c, rule, value);
}

static check_fn *const functions[] = {
    [RULE_TYPE] = check_type,       [RULE_LENGTH] = check_length, [RULE_RANGE] = check_range,
    [RULE_PATTERN] = check_pattern, [RULE_ENUM] = check_enum,     [RULE_EMAIL] = check_email,
    [RULE_URL] = check_url,         [RULE_DATE] = check_date,     [RULE_CUSTOM] = check_custom,
    [RULE_ARRAY] = check_array,     [RULE_OBJECT] = check_object,
};

/* `value` is empty if it is missing. */
static void check_rule(struct check *c, const struct rule *rule, hexmcp_str value)
{
    int is_null = hexmcp_json_type(value) == HEXMCP_JSON_NULL;
    if (rule->kind == RULE_REQUIRED) {
        if (value.len == 0 || is_null)
            add(c, rule, value, "is required, but %s", is_null ? "null" : "missing");
    } else if (value.len > 0 &&
               (!is_null || rule->kind == RULE_TYPE || rule->kind == RULE_ENUM)) {
        functions[rule->kind](c, rule, value);
    }
}

static void check_rules(struct check *c, const struct rule *rules, hexmcp_str value)
{
    for (const struct rule *rule = rules; rule && !c->done; rule = rule->next) {
        check_rule(c, rule, value);
        /* A comparison that the end of the budget broke off has no true answer. */
        if (budget_spent(&c->budget))
            out_of_time(c);
    }
}

int32_t check_value(const struct rule *rules, hexmcp_str value, int fail_fast,
                    struct report *report, hexmcp_error *err)
{
    struct check c = {.report = report, .fail_fast = fail_fast, .err = err};
    if (pointer_init(&c.field) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the check; try again");
    budget_init(&c.budget);
    check_rules(&c, rules, value);
    if (c.status == HEXMCP_OK && c.field.failed)
        no_memory(&c);
    pointer_clear(&c.field);
    return c.status;
}
